#include "runtime/catalog/state_reader.hpp"

#include <set>
#include <utility>

#include "runtime/catalog/reading.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;

// All catalogs but those that ANALYZE fills and the one that large objects lie in.
constexpr const char* catalog_names_query =
    "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND "
    "relkind = 'r' AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject') "
    "ORDER BY 1";

std::string rows_of(const Answer& answer) {
    std::string text;
    for (const auto& row : answer.rows)
        for (const auto& value : row) text += value.value_or("") + " ";
    return text;
}

std::string stored_in(const Holder& holder) {
    return holder.kind == Holder::Kind::large_objects ? "pg_catalog.pg_largeobject" : holder.name;
}

}  // namespace

std::variant<const State*, Diagnostic> StateReader::read(postgres::Session& session) {
    auto failed = read_within(session);
    if (session.alive()) (void)session.query("ROLLBACK");
    if (!failed) return &state_;
    forget();
    return std::move(*failed);
}

std::optional<Diagnostic> StateReader::read_within(postgres::Session& session) {
    if (auto failed = look_at_catalogs(session)) return failed;
    if (definitions_moved_)
        if (auto failed = read_definitions(session)) return failed;
    return read_contents(session);
}

std::optional<Diagnostic> StateReader::look_at_catalogs(postgres::Session& session) {
    auto commands = opening();
    if (catalogs_query_.empty())
        commands.push_back({catalog_names_query, {}, false});
    else
        commands.push_back({catalogs_query_, {}, true});
    auto answers = session.pipeline(commands);
    if (auto failed = refusal(answers)) return failed;
    if (catalogs_query_.empty()) {
        for (const auto& row : answers.back().rows)
            catalogs_query_ += (catalogs_query_.empty() ? "" : " UNION ALL ") +
                               rows_query("pg_catalog." + row[0].value_or(""));
        answers = session.pipeline({{catalogs_query_, {}, true}});
        if (auto failed = refusal(answers)) return failed;
    }
    auto now = rows_of(answers.back());
    definitions_moved_ = now != catalogs_;
    catalogs_ = std::move(now);
    return std::nullopt;
}

std::optional<Diagnostic> StateReader::read_definitions(postgres::Session& session) {
    auto commands = definition_commands(session.server_version());
    commands.push_back({holders_query(), {}, true});
    const auto answers = session.pipeline(commands);
    if (auto failed = refusal(answers)) return failed;
    holders_ = read_holders(answers.back());
    state_.objects.clear();
    for (std::size_t at = 0; at + 1 < answers.size(); ++at) take(state_.objects, answers[at]);
    forget_holders_that_are_gone();
    return std::nullopt;
}

void StateReader::forget_holders_that_are_gone() {
    std::set<std::string> there;
    for (const auto& holder : holders_)
        there.insert((holder.kind == Holder::Kind::sequence ? "sequence " : "") + holder.name);
    std::erase_if(seen_, [&](const auto& each) { return !there.contains(each.first); });
    std::erase_if(state_.contents, [&](const auto& each) { return !there.contains(each.first); });
}

std::optional<Diagnostic> StateReader::read_contents(postgres::Session& session) {
    std::vector<Command> commands;
    for (const auto& holder : holders_)
        commands.push_back({holder.kind == Holder::Kind::sequence ? content_query(holder)
                                                                  : rows_query(stored_in(holder)),
                            {},
                            true});
    if (commands.empty()) return std::nullopt;
    auto answers = ask_tables(session, commands);
    if (auto failed = refusal(answers)) return failed;
    commands.clear();
    for (std::size_t at = 0; at < holders_.size(); ++at) {
        const auto& holder = holders_[at];
        if (holder.kind == Holder::Kind::sequence) {
            take(state_.contents, answers[at]);
            continue;
        }
        auto& seen = seen_[holder.name];
        auto rows = rows_of(answers[at]);
        const bool as_before =
            seen.key == holder.key && seen.rows == rows && !(holder.by_names && definitions_moved_);
        seen = {holder.key, std::move(rows)};
        if (!as_before) commands.push_back({content_query(holder), {}, true});
    }
    if (commands.empty()) return std::nullopt;
    answers = ask_tables(session, commands);
    if (auto failed = refusal(answers)) return failed;
    for (const auto& answer : answers) take(state_.contents, answer);
    return std::nullopt;
}

}  // namespace cairn::catalog
