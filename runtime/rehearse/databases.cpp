#include "runtime/rehearse/databases.hpp"

#include <fmt/format.h>

#include <charconv>

#include "compiler/sql/facts.hpp"
#include "runtime/rehearse/fixture.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;
using sql::quote_identifier;

Diagnostic unreachable(const postgres::ServerError& error) {
    Diagnostic diagnostic;
    diagnostic.code = 635;
    diagnostic.message = "the scratch server does not answer: " + error.message;
    return diagnostic;
}

// The role's own name, where the server has not taken it and no earlier set has.
std::string name_of(const std::string& role, int generation) {
    const bool taken = role == "postgres" || role == "template0" || role == "template1";
    return generation == 1 && !taken ? role : role + "_" + std::to_string(generation);
}

std::string kept_name(const std::string& role, const std::string& label) {
    return role + "_kept_" + label;
}

std::string described(const Fixture& fixture) {
    if (fixture.without_rows.empty()) return fixture.path;
    return fmt::format("{} (no row of {}: with `rows = {}` too many others would come along)", fixture.path,
                       fmt::join(fixture.without_rows, ", "), fixture.rows);
}

Diagnostic not_copied(const postgres::ServerError& error) {
    Diagnostic diagnostic;
    diagnostic.code = 635;
    diagnostic.message = "a database can't be copied on the scratch server: " + error.message;
    return diagnostic;
}

}  // namespace

std::variant<Session, Diagnostic> Databases::maintenance() const {
    auto connected = Session::connect(server_->conninfo(), "cairn rehearse");
    if (auto* error = std::get_if<postgres::ServerError>(&connected)) return unreachable(*error);
    return std::get<Session>(std::move(connected));
}

void Databases::forget_what_was_read() {
    sessions_.clear();
    readers_.clear();
}

// Roles are the whole server's: what the plan has made goes with the databases that need it.
void Databases::drop_set(Session& maintenance) {
    forget_what_was_read();
    for (const auto& database : compiled_->graph.databases)
        (void)maintenance.query("DROP DATABASE IF EXISTS " +
                                quote_identifier(name_of(database.name, generation_)) +
                                " WITH (FORCE)");
    for (const auto& role : new_roles()) (void)maintenance.query("DROP ROLE " + role);
}

std::vector<std::string> Databases::new_roles() { return roles_beyond(roles_at_first_); }

std::vector<std::string> Databases::roles_beyond(const std::string& known) {
    std::vector<std::string> roles;
    auto opened = maintenance();
    if (known.empty() || !std::holds_alternative<Session>(opened)) return roles;
    const Answer answer = std::get<Session>(opened).query(
        "SELECT quote_ident(rolname) FROM pg_roles WHERE oid >= 16384 AND rolname NOT IN (" +
        known + ")");
    for (const auto& row : answer.rows) roles.push_back(row[0].value_or(""));
    return roles;
}

std::optional<Diagnostic> Databases::read_roles(Session& maintenance, std::string& into) {
    const Answer roles = maintenance.query(
        "SELECT string_agg(quote_literal(rolname), ', ' ORDER BY rolname) FROM pg_roles");
    if (!roles.ok()) return unreachable(roles.error);
    into = roles.rows[0][0].value_or("");
    return std::nullopt;
}

std::optional<Diagnostic> Databases::create() {
    auto opened = maintenance();
    if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
    auto& maintenance = std::get<Session>(opened);
    if (generation_ > 0) {
        drop_set(maintenance);
        // The fixtures make theirs again.
        for (const auto& role : roles_beyond(roles_of_server_))
            (void)maintenance.query("DROP ROLE " + role);
    } else if (auto error = read_roles(maintenance, roles_of_server_)) {
        return error;
    }
    without_fixture_.clear();
    fixtures_.clear();
    changed_.clear();
    ++generation_;
    const auto addresses = conninfo();
    for (const auto& database : compiled_->graph.databases) {
        const auto answer = maintenance.query(
            "CREATE DATABASE " + quote_identifier(name_of(database.name, generation_)) +
            " TEMPLATE template0");
        if (!answer.ok()) return unreachable(answer.error);
        auto fixture = find_fixture(*compiled_, *config_, database.name, from_);
        if (auto* error = std::get_if<Diagnostic>(&fixture)) return std::move(*error);
        auto& found = std::get<Fixture>(fixture);
        if (auto error = load_fixture(found, addresses.at(database.name), server_->bin(),
                                      server_->folder()))
            return error;
        if (found.kind == Fixture::Kind::none)
            without_fixture_.push_back(database.name);
        else
            fixtures_.push_back(described(found));
        if (database.changed) changed_.push_back(database.name);
    }
    return generation_ > 1 ? std::nullopt : read_roles(maintenance, roles_at_first_);
}

std::optional<Diagnostic> Databases::create_anew() {
    // What was kept holds on to the roles that the fixtures made.
    const bool made_roles = roles_at_first_ != roles_of_server_;
    return made_roles && kept_.contains("start") ? restore("start") : create();
}

std::optional<Diagnostic> Databases::keep(const std::string& label) {
    sessions_.clear();
    auto opened = maintenance();
    if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
    for (const auto& database : compiled_->graph.databases) {
        const auto answer = std::get<Session>(opened).query(
            "CREATE DATABASE " + quote_identifier(kept_name(database.name, label)) + " TEMPLATE " +
            quote_identifier(name_of(database.name, generation_)));
        if (!answer.ok()) return not_copied(answer.error);
    }
    kept_.insert(label);
    return std::nullopt;
}

std::optional<Diagnostic> Databases::restore(const std::string& label) {
    auto opened = maintenance();
    if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
    auto& maintenance = std::get<Session>(opened);
    drop_set(maintenance);
    ++generation_;
    for (const auto& database : compiled_->graph.databases) {
        const auto answer = maintenance.query(
            "CREATE DATABASE " + quote_identifier(name_of(database.name, generation_)) +
            " TEMPLATE " + quote_identifier(kept_name(database.name, label)));
        if (!answer.ok()) return not_copied(answer.error);
    }
    return std::nullopt;
}

std::map<std::string, std::string> Databases::conninfo() const {
    std::map<std::string, std::string> all;
    for (const auto& database : compiled_->graph.databases) {
        const auto name = name_of(database.name, generation_);
        all[database.name] = server_->conninfo(name);
    }
    return all;
}

std::variant<Session*, Diagnostic> Databases::session(const std::string& role) {
    if (const auto known = sessions_.find(role); known != sessions_.end() && known->second.alive())
        return &known->second;
    auto connected = Session::connect(conninfo().at(role), "cairn rehearse");
    if (auto* error = std::get_if<postgres::ServerError>(&connected)) return unreachable(*error);
    return &sessions_.insert_or_assign(role, std::move(std::get<Session>(connected))).first->second;
}

std::variant<States, Diagnostic> Databases::read_states() {
    States states;
    for (const auto& role : changed_) {
        auto opened = session(role);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
        auto state = readers_[role].read(*std::get<Session*>(opened));
        if (auto* error = std::get_if<Diagnostic>(&state)) return std::move(*error);
        states.emplace(role, *std::get<const catalog::State*>(state));
    }
    return states;
}

std::optional<std::int64_t> Databases::wal_position() {
    if (changed_.empty()) return std::nullopt;
    auto opened = session(changed_.front());
    if (!std::holds_alternative<Session*>(opened)) return std::nullopt;
    const Answer answer =
        std::get<Session*>(opened)->query("SELECT pg_current_wal_insert_lsn() - '0/0'");
    if (!answer.ok() || answer.rows.empty() || !answer.rows[0][0]) return std::nullopt;
    std::int64_t position = 0;
    const auto& text = *answer.rows[0][0];
    std::from_chars(text.data(), text.data() + text.size(), position);
    return position;
}

std::map<std::string, Databases::Storage> Databases::storage() {
    std::map<std::string, Storage> all;
    for (const auto& role : changed_) {
        auto opened = session(role);
        if (!std::holds_alternative<Session*>(opened)) continue;
        const Answer answer = std::get<Session*>(opened)->query(
            "SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), "
            "CASE WHEN c.relkind IN ('r', 'm') THEN c.relfilenode END, c.relkind IN ('i', 'I') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f', 'S', 'i', 'I') AND c.oid >= 16384 AND n.nspname <> "
            "'cairn' AND "
            "n.nspname !~ '^pg_'");
        for (const auto& row : answer.rows)
            all[role + ' ' + row[0].value_or("")] = {row[1].value_or(""), row[2].value_or(""), row[3] == "t"};
    }
    return all;
}

}  // namespace cairn::rehearse
