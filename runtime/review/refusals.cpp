// What a refusal by the scratch server means: a mistake of the plan, or something that only the
// real database has.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/suggest.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/journal/arrays.hpp"
#include "runtime/review/names.hpp"
#include "runtime/review/preparation.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using compiler::Item;
using compiler::PreparedItem;
using compiler::Severity;
using compiler::Statement;
using postgres::ServerError;

namespace {

constexpr std::string_view undefined_table = "42P01", undefined_column = "42703";

// Something of that name is not there.
bool is_undefined(const std::string& sqlstate) {
    return sqlstate == undefined_table || sqlstate == undefined_column || sqlstate == "42883" ||
           sqlstate == "42704" || sqlstate == "3F000" || sqlstate == "42P02";
}

// `emial` of `column u.emial does not exist`, `column "emial" of relation …`.
std::string missing_name(const std::string& message) {
    const auto begin = message.find(' ') + 1;
    const auto end =
        std::min(message.find(" of relation", begin), message.find(" does not exist", begin));
    if (begin == 0 || end == std::string::npos) return {};
    std::string name = message.substr(begin, end - begin);
    if (const auto dot = name.rfind('.'); dot != std::string::npos) name.erase(0, dot + 1);
    std::erase(name, '"');
    return name;
}

}  // namespace

void Preparation::not_checked(const Item& item, const Statement& statement,
                              const std::string& why) {
    auto& prepared = items_[item.name];
    if (std::find(prepared.not_checked.begin(), prepared.not_checked.end(), why) !=
        prepared.not_checked.end())
        return;
    if (prepared.state == PreparedItem::State::checked)
        prepared.state = PreparedItem::State::partly;
    prepared.not_checked.push_back(why);
    Diagnostic d;
    d.severity = Severity::note;
    d.code = 761;
    d.where = statement.sql.locate(
        0, std::min<std::uint32_t>(1, static_cast<std::uint32_t>(statement.sql.text.size())));
    d.message = fmt::format("{} `{}` is not checked: {}", item.kind, item.name, why);
    diagnostics_.push_back(std::move(d));
}

bool Preparation::lacks_parameter(const Item& item, const Statement& statement) {
    for (const auto& variable : sql::find_variables(statement.sql.text)) {
        for (const auto& parameter : graph_.parameters) {
            if (variable.glued || parameter.name != variable.name ||
                parameter.value != "{" + parameter.name + "}")
                continue;
            not_checked(item, statement, fmt::format("it needs --param {}", parameter.name));
            return true;
        }
    }
    return false;
}

const Preparation::Missed* Preparation::because_of(const ServerError& error) const {
    if (!is_undefined(error.sqlstate)) return nullptr;
    const auto words = words_in(error.message);
    const std::string name = missing_name(error.message);
    for (const auto& missed : missed_) {
        if (missed.anything || missed.names.contains(name)) return &missed;
    }
    return nullptr;
}

std::string Preparation::suggestion(const Statement& statement, const ServerError& error) {
    const std::string name = missing_name(error.message);
    if (name.empty()) return {};
    std::vector<std::string> candidates;
    if (error.sqlstate == undefined_column) {
        journal::TextArray tables;
        for (const auto* list : {&statement.facts.reads, &statement.facts.writes})
            for (const auto& table : *list) tables.add(table);
        for (const auto& lock : statement.facts.locks) tables.add(lock.relation);
        const auto found = copy_.session.query(
            "SELECT DISTINCT pg_catalog.quote_ident(a.attname) FROM "
            "pg_catalog.unnest($1::pg_catalog.text[]) t JOIN pg_catalog.pg_attribute a ON "
            "a.attrelid = pg_catalog.to_regclass(t) AND a.attnum > 0 AND NOT a.attisdropped ORDER "
            "BY 1",
            {tables.literal()});
        for (const auto& row : found.rows) candidates.push_back(row[0].value_or(""));
    } else if (error.sqlstate == undefined_table) {
        const auto found = copy_.session.query(
            "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', "
            "'p', 'v', 'm', 'f') AND c.oid >= 16384 ORDER BY 1");
        for (const auto& row : found.rows) candidates.push_back(row[0].value_or(""));
    }
    return compiler::did_you_mean(name, candidates).value_or("");
}

void Preparation::refused(const Item& item, const Statement& statement, const ServerError& error) {
    if (broken()) return;
    if (const auto lacking = copy_.lacking.in(statement.sql.text, error.message))
        return not_checked(item, statement, "uses " + *lacking);
    if (statement.facts.kind == "CREATE EXTENSION" && error.sqlstate != "42710") {
        auto known = database_.rows("SELECT name FROM pg_available_extensions");
        const auto names = names_in(statement.sql.text);
        if (const auto* rows = std::get_if<std::vector<std::vector<postgres::Value>>>(&known))
            for (const auto& row : *rows)
                if (names.contains(row[0].value_or("")))
                    return not_checked(item, statement,
                                       fmt::format("extension {} is not installed here", *row[0]));
    }
    // Rights, and libraries on the server's disk, are the real server's own.
    if (error.sqlstate == "42501" || error.sqlstate == "58P01")
        return not_checked(item, statement, "only the real server can say: " + error.message);
    const Missed* missed = because_of(error);
    if (missed != nullptr && !missed->refused)
        return not_checked(item, statement,
                           fmt::format("`{}`, which would come before, is not run: {}",
                                       missed->item, error.message));
    items_[item.name].state = PreparedItem::State::failed;
    Diagnostic d = execute::server_diagnostic(error, statement, 760);
    if (missed != nullptr && missed->item != item.name) {
        d.severity = Severity::note;
        d.message = fmt::format("nor can {} `{}` be prepared, as long as `{}` can't", item.kind,
                                item.name, missed->item);
        d.help.clear();
    } else if (d.help.empty()) {
        d.help = suggestion(statement, error);
    }
    diagnostics_.push_back(std::move(d));
}

}  // namespace cairn::review
