#include "runtime/review/copy.hpp"

#include <algorithm>
#include <array>

#include "compiler/sql/facts.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/review/dump.hpp"
#include "runtime/review/names.hpp"
#include "runtime/review/stand_ins.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using postgres::Session;
using sql::quote_identifier;
using sql::quote_literal;

namespace {

constexpr std::size_t at_once = 100'000;  // bytes of a chunk that is sent in one go
constexpr int most_rounds = 4;

Diagnostic unusable(const postgres::ServerError& error) {
    Diagnostic d;
    d.code = 635;
    d.message = "the scratch server does not answer: " + error.message;
    return d;
}

// A search_path is a list, and `$user` somebody else here.
std::string setting_as_sql(const std::string& name, std::string value, const std::string& user) {
    if (name != "search_path") return quote_literal(value);
    constexpr std::string_view own = "\"$user\"";
    if (const auto at = value.find(own); at != std::string::npos)
        value.replace(at, own.size(), quote_identifier(user));
    return value.empty() ? "''" : value;
}

// What a plan may refer to: rights and remarks are no objects.
bool is_object(const std::string& type) {
    constexpr std::array others{"ACL", "COMMENT", "DEFAULT ACL", "SECURITY LABEL", "EXTENSION", ""};
    return std::find(others.begin(), others.end(), type) == others.end();
}

class Copying {
public:
    Copying(Database& database, scratch::Server& server) : database_(database), server_(server) {}

    std::variant<Copy, Diagnostic> run() {
        if (auto error = open()) return std::move(*error);
        auto unreadable = unreadable_tables(database_);
        if (auto* error = std::get_if<Diagnostic>(&unreadable)) return std::move(*error);
        const auto& hidden = std::get<std::vector<Unreadable>>(unreadable);
        std::vector<std::string> names;
        for (const auto& table : hidden) names.push_back(table.name);
        auto dumped = dump_schema(database_, server_.bin(), server_.folder(), names);
        if (auto* error = std::get_if<Diagnostic>(&dumped)) return std::move(*error);
        if (auto error = roles()) return std::move(*error);
        if (auto error = stand_in_for_collations(database_, *session_, lacking_))
            return std::move(*error);
        if (auto error = load(std::get<std::vector<Entry>>(dumped), hidden))
            return std::move(*error);
        if (auto error = elsewhere()) return std::move(*error);
        // What the dump has set for its own sake ends here.
        auto again = Session::connect(conninfo_, "cairn preview");
        if (auto* error = std::get_if<postgres::ServerError>(&again)) return unusable(*error);
        return Copy{.session = std::move(std::get<Session>(again)), .lacking = std::move(lacking_)};
    }

private:
    std::optional<Diagnostic> open() {
        auto maintenance = Session::connect(server_.conninfo(), "cairn preview");
        if (auto* error = std::get_if<postgres::ServerError>(&maintenance)) return unusable(*error);
        auto& session = std::get<Session>(maintenance);
        // Under its own name, which a plan may hold; a second one of that name gets its role's.
        std::string name = database_.name();
        const auto taken = session.query("SELECT 1 FROM pg_database WHERE datname = $1", {name});
        if (!taken.rows.empty()) name += "_" + database_.role();
        std::vector<std::string> commands{"CREATE DATABASE " + quote_identifier(name) +
                                          " TEMPLATE template0"};
        for (const auto& [setting, value] : database_.settings())
            commands.push_back("ALTER DATABASE " + quote_identifier(name) + " SET " + setting +
                               " = " + setting_as_sql(setting, value, database_.user()));
        // No trigger runs, and nothing runs for long: what a statement calls is not what is looked
        // at.
        commands.push_back("ALTER DATABASE " + quote_identifier(name) +
                           " SET session_replication_role = replica");
        commands.push_back("ALTER DATABASE " + quote_identifier(name) +
                           " SET statement_timeout = '60s'");
        for (const auto& command : commands)
            if (const auto answer = session.query(command); !answer.ok())
                return unusable(answer.error);
        conninfo_ = server_.conninfo(name);
        auto connected = Session::connect(conninfo_, "cairn preview");
        if (auto* error = std::get_if<postgres::ServerError>(&connected)) return unusable(*error);
        session_ = std::move(std::get<Session>(connected));
        return std::nullopt;
    }

    std::optional<Diagnostic> roles() {
        auto rows =
            database_.rows("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname !~ '^pg_'");
        if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
        for (const auto& row : std::get<0>(rows))
            (void)session_->query("CREATE ROLE " + row[0].value_or(""));  // some are there
        return std::nullopt;
    }

    std::optional<Diagnostic> load(const std::vector<Entry>& entries,
                                   const std::vector<Unreadable>& hidden) {
        std::vector<const Entry*> chunk;
        std::size_t size = 0;
        for (const auto& entry : entries) {
            chunk.push_back(&entry);
            size += entry.sql.size();
            if (size < at_once && &entry != &entries.back()) continue;
            if (auto error = send(chunk)) return error;
            chunk.clear();
            size = 0;
        }
        for (const auto* entry : failed_) {
            if (entry->type != "EXTENSION") continue;
            if (auto error = stand_in_for_extension(database_, *session_, entry->name, lacking_))
                return error;
        }
        std::erase_if(failed_, [](const Entry* entry) { return entry->type == "EXTENSION"; });
        for (const auto* entry : failed_) collation(*entry);
        for (const auto& table : hidden) {
            lacking_.add(table.bare, "which `" + database_.user() + "` may not read in `" +
                                         database_.role() + "`");
            hidden_.push_back(&table);
        }
        return again();
    }

    // One that this machine's libraries don't have orders as C does.
    void collation(const Entry& entry) {
        if (entry.type != "COLLATION") return;
        const auto at = entry.sql.find("CREATE COLLATION "), end = entry.sql.find(" (", at);
        if (end == std::string::npos) return;
        if (session_->query(entry.sql.substr(at, end - at) + " FROM \"C\"").ok())
            lacking_.add(entry.name, "a collation that this machine does not have");
    }

    // Together, and one by one only when one of them is refused.
    std::optional<Diagnostic> send(const std::vector<const Entry*>& chunk) {
        std::string text;
        for (const auto* entry : chunk) text += entry->sql;
        const auto answer = session_->script(text);
        if (answer.ok()) return std::nullopt;
        if (!session_->alive()) return unusable(answer.error);
        if (chunk.size() == 1) {
            failed_.push_back(chunk.front());
            errors_[chunk.front()] = answer.error.message;
            return std::nullopt;
        }
        for (const auto* entry : chunk)
            if (auto error = send({entry})) return error;
        return std::nullopt;
    }

    // What depended on what has a stand-in by now.
    std::optional<Diagnostic> again() {
        for (int round = 0; round < most_rounds && (!failed_.empty() || !hidden_.empty());
             ++round) {
            std::erase_if(hidden_, [&](const Unreadable* table) {
                return session_->script(table->sql).ok();
            });
            const auto waiting = std::exchange(failed_, {});
            for (const auto* entry : waiting)
                if (auto error = send({entry})) return error;
            if (failed_.size() == waiting.size() && round > 0) break;
        }
        for (const auto* entry : failed_) {
            if (!is_object(entry->type)) continue;
            // `users users_pkey`: of the table it is the second that is missing.
            const auto blank = entry->name.find(' ');
            const bool part = entry->type.find("CONSTRAINT") != std::string::npos ||
                              entry->type == "TRIGGER" || entry->type == "POLICY" ||
                              entry->type == "RULE" || entry->type == "DEFAULT";
            std::string name =
                part && blank != std::string::npos ? entry->name.substr(blank + 1) : entry->name;
            lacking_.add(name.substr(0, name.find('(')),
                         "which the scratch server can't make: " + errors_[entry]);
        }
        return std::nullopt;
    }

    // What a database refers to and no schema dump holds.
    std::optional<Diagnostic> elsewhere() {
        auto rows = database_.rows(
            "SELECT spcname, 'a tablespace' FROM pg_tablespace WHERE spcname !~ '^pg_' UNION ALL "
            "SELECT subname, 'a subscription' FROM pg_subscription");
        if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
        for (const auto& row : std::get<0>(rows))
            lacking_.add(row[0].value_or(""), row[1].value_or("") + " of the real server");
        return std::nullopt;
    }

    Database& database_;
    scratch::Server& server_;
    std::string conninfo_;
    std::optional<Session> session_;
    Lacking lacking_;
    std::vector<const Entry*> failed_;
    std::vector<const Unreadable*> hidden_;
    std::map<const Entry*, std::string> errors_;
};

}  // namespace

std::variant<Copy, Diagnostic> copy_schema(Database& database, scratch::Server& server) {
    return Copying(database, server).run();
}

}  // namespace cairn::review
