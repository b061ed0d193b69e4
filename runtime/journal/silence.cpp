#include "runtime/journal/silence.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::journal {
namespace {

// What held before is remembered beside it: neither costs a round trip. Silence within silence changes nothing.
constexpr const char* silence =
    "SELECT pg_catalog.set_config('cairn.replication_role', pg_catalog.current_setting('session_replication_role'), true), "
    "pg_catalog.set_config('session_replication_role', 'replica', true) "
    "WHERE pg_catalog.current_setting('is_superuser') = 'on' AND EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled = 'O') "
    "AND coalesce(pg_catalog.current_setting('cairn.replication_role', true), '') = ''";
constexpr const char* speak =
    "SELECT pg_catalog.set_config('session_replication_role', pg_catalog.current_setting('cairn.replication_role'), true), "
    "pg_catalog.set_config('cairn.replication_role', '', true) "
    "WHERE coalesce(pg_catalog.current_setting('cairn.replication_role', true), '') <> ''";

}  // namespace

std::string in_silence(const std::string& script) {
    const auto end = script.find_last_not_of(" \n");
    if (end == std::string::npos) return script;
    return fmt::format("{};\n{}{}\n{}", silence, script, script[end] == ';' ? "" : ";", speak);
}

std::vector<postgres::Command> in_silence(std::vector<postgres::Command> commands) {
    if (commands.empty()) return commands;
    commands.insert(commands.begin(), {silence, {}, false});
    commands.push_back({speak, {}, false});
    return commands;
}

std::vector<std::string> each_in_silence(const std::string& statement) { return {silence, statement, speak}; }

postgres::Answer query_in_silence(postgres::Session& session, const std::string& statement) {
    auto answers = session.pipeline({{silence, {}, true}, {statement, {}, false}, {speak, {}, true}});
    const auto refused = std::find_if(answers.begin(), answers.end(), [](const postgres::Answer& a) { return !a.ok(); });
    return std::move(refused == answers.end() ? answers[1] : *refused);
}

postgres::Answer query_in_silence_alone(postgres::Session& session, const std::string& statement) {
    const auto before = session.query(
        "SELECT pg_catalog.current_setting('session_replication_role') "
        "WHERE pg_catalog.current_setting('is_superuser') = 'on' AND EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled = 'O')");
    if (!before.ok()) return before;
    if (before.rows.empty()) return session.query(statement);
    if (const auto set = session.query("SET session_replication_role = replica"); !set.ok()) return set;
    const auto answer = session.query(statement);
    const auto restored = session.query("SELECT pg_catalog.set_config('session_replication_role', $1, false)", {before.rows[0][0]});
    return answer.ok() && !restored.ok() ? restored : answer;
}

std::variant<std::string, postgres::Answer> unsilenced(postgres::Session& session) {
    const auto a = session.query(
        "SELECT pg_catalog.string_agg(pg_catalog.quote_ident(evtname), ', ' ORDER BY evtname), pg_catalog.current_setting('is_superuser') "
        "FROM pg_catalog.pg_event_trigger WHERE evtenabled IN ('O', 'A', 'R') "
        "AND (evtenabled <> 'O' OR pg_catalog.current_setting('is_superuser') <> 'on')");
    if (!a.ok()) return a;
    if (!a.rows[0][0]) return std::string();
    return fmt::format("event triggers also fire for the tables and triggers that cairn makes and drops for itself: {}; should one refuse that, {}",
                       *a.rows[0][0], a.rows[0][1] == "on" ? "ALTER EVENT TRIGGER … ENABLE, without ALWAYS or REPLICA, lets cairn silence it"
                                                           : "let a superuser run cairn, which then silences them, or ALTER EVENT TRIGGER … DISABLE");
}

}  // namespace cairn::journal
