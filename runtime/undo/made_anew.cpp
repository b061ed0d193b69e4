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

// Of a part of a relation: its identity, as the family of its catalog has it. Many relations have a part of the same name.
const char* identity_of_part(const std::string& catalog) {
    static const std::map<std::string, const char*> parts = {{"pg_constraint", "quote_ident(conname) || ' ON ' || conrelid::regclass"},
                                                             {"pg_policy", "quote_ident(polname) || ' ON ' || polrelid::regclass"},
                                                             {"pg_rewrite", "quote_ident(rulename) || ' ON ' || ev_class::regclass"},
                                                             {"pg_trigger", "quote_ident(tgname) || ' ON ' || tgrelid::regclass"}};
    const auto found = parts.find(catalog);
    return found == parts.end() ? nullptr : found->second;
}

struct Wanted {
    std::set<std::string> names, identities;
};

Command candidates(const std::string& catalog, const Wanted& wanted) {
    journal::TextArray all, identities;
    for (const auto& name : wanted.names) all.add(name);
    for (const auto& identity : wanted.identities) identities.add(identity);
    if (catalog == "pg_attrdef") {
        return {"SELECT d.oid FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
                "WHERE a.attname = ANY ($1::text[]) AND quote_ident(a.attname) || ' of ' || d.adrelid::regclass = ANY ($2::text[])",
                {all.literal(), identities.literal()}, true};
    }
    if (const char* part = identity_of_part(catalog)) {
        return {fmt::format("SELECT oid FROM pg_catalog.{} WHERE {} = ANY ($1::text[]) AND {} = ANY ($2::text[])", catalog, name_column(catalog), part),
                {all.literal(), identities.literal()}, true};
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
    std::map<std::string, Wanted> names;
    for (const auto& one : gone) {
        names[one.was.catalog].names.insert(one.name);
        names[one.was.catalog].identities.insert(one.identity);
    }
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
