#include "runtime/undo/made_anew.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::undo {

using catalog::ObjectId;
using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;

namespace {

// The column that holds the name. Of what has none there are never many.
const char* name_column(const std::string& catalog) {
    static const std::map<std::string, const char*> columns = {
        {"pg_am", "amname"},           {"pg_class", "relname"},     {"pg_collation", "collname"},       {"pg_constraint", "conname"},
        {"pg_conversion", "conname"},  {"pg_database", "datname"},  {"pg_event_trigger", "evtname"},    {"pg_extension", "extname"},
        {"pg_language", "lanname"},    {"pg_namespace", "nspname"}, {"pg_foreign_server", "srvname"},   {"pg_foreign_data_wrapper", "fdwname"},
        {"pg_opclass", "opcname"},     {"pg_operator", "oprname"},  {"pg_opfamily", "opfname"},         {"pg_policy", "polname"},
        {"pg_proc", "proname"},        {"pg_publication", "pubname"}, {"pg_rewrite", "rulename"},       {"pg_statistic_ext", "stxname"},
        {"pg_subscription", "subname"}, {"pg_tablespace", "spcname"}, {"pg_trigger", "tgname"},         {"pg_ts_config", "cfgname"},
        {"pg_ts_dict", "dictname"},    {"pg_ts_parser", "prsname"}, {"pg_ts_template", "tmplname"},     {"pg_type", "typname"}};
    const auto found = columns.find(catalog);
    return found == columns.end() ? nullptr : found->second;
}

Command candidates(const std::string& catalog, const std::set<std::string>& names) {
    journal::TextArray all;
    for (const auto& name : names) all.add(name);
    if (catalog == "pg_attrdef") {
        return {"SELECT d.oid FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
                "WHERE a.attname = ANY ($1::text[])", {all.literal()}, true};
    }
    if (const char* column = name_column(catalog))
        return {fmt::format("SELECT oid FROM pg_catalog.{} WHERE {} = ANY ($1::text[])", catalog, column), {all.literal()}, true};
    return {fmt::format("SELECT oid FROM pg_catalog.{} WHERE oid >= 16384 AND $1::text[] IS NOT NULL", catalog), {all.literal()}, true};
}

}  // namespace

std::string in_words(const catalog::Object& object) {
    if (!object.word.empty()) return object.word + " " + object.identity;
    return object.id.catalog == "pg_attrdef" ? "the default of column " + object.identity : object.identity;
}

std::variant<MadeAnew, Diagnostic> made_anew(postgres::Session& session, const std::vector<Gone>& gone) {
    MadeAnew out;
    std::map<std::string, std::set<std::string>> names;
    for (const auto& one : gone) names[one.was.catalog].insert(one.name);
    std::vector<Command> commands;
    for (const auto& [catalog, of] : names) commands.push_back(candidates(catalog, of));
    if (commands.empty()) return out;
    const auto answers = session.pipeline(commands);
    std::set<ObjectId> likely;
    auto catalog = names.begin();
    for (const auto& a : answers) {
        if (!a.ok()) return journal::journal_error(a, "looking for what others have made since");
        for (const auto& row : a.rows) likely.insert({catalog->first, static_cast<std::uint32_t>(std::stoul(*row[0]))});
        ++catalog;
    }
    if (likely.empty()) return out;
    auto read = catalog::read_definitions(session, likely);
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    for (const auto& one : gone) {
        for (const auto& [id, object] : std::get<catalog::Definitions>(read)) {
            if (id.catalog == one.was.catalog && object.identity == one.identity) out.emplace_back(&one, object);
        }
    }
    return out;
}

}  // namespace cairn::undo
