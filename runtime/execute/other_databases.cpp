#include "runtime/execute/other_databases.hpp"

#include <fmt/format.h>

#include "runtime/postgres/connect.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

namespace {

// It idles while the item's own database works.
Answer begin(Session& session) {
    for (auto& answer : session.pipeline({{"BEGIN", {}, false},
                                          {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", {}, false},
                                          {"SET LOCAL row_security = off", {}, false},
                                          {"SET LOCAL idle_in_transaction_session_timeout = 0", {}, false}})) {
        if (!answer.ok()) return std::move(answer);
    }
    return {};
}

}  // namespace

void OtherDatabases::connect_for(const compiler::Item& item) {
    const auto* validate = std::get_if<compiler::ValidateItem>(&item.body);
    if (validate == nullptr) return;
    for (const auto& check : validate->checks) {
        if (check.elsewhere) (void)opened(check.elsewhere->database);
    }
}

OtherDatabases::Opened& OtherDatabases::opened(const std::string& role) {
    auto at = opened_.find(role);
    if (at == opened_.end()) at = opened_.emplace(role, Opened{.connection = connect(role)}).first;
    return at->second;
}

std::variant<Session*, Diagnostic> OtherDatabases::session(const std::string& role) {
    Opened& there = opened(role);
    auto* session = std::get_if<Session>(&there.connection);
    if (session != nullptr && !there.begun) {
        Answer answer = begin(*session);
        if (answer.fate == postgres::Fate::lost) {  // it has idled until somebody cut it
            there.connection = connect(role);
            session = std::get_if<Session>(&there.connection);
            if (session != nullptr) answer = begin(*session);
        }
        if (session != nullptr && !answer.ok()) return postgres::connection_error(role, answer.error);
        there.begun = session != nullptr;
    }
    if (session == nullptr) return std::get<Diagnostic>(there.connection);
    return session;
}

void OtherDatabases::end() {
    for (auto& [role, there] : opened_) {
        auto* session = std::get_if<Session>(&there.connection);
        if (session != nullptr && there.begun && session->alive()) (void)session->query("ROLLBACK");
        there.begun = false;
    }
}

OtherDatabases::Connection OtherDatabases::connect(const std::string& role) const {
    const auto address = conninfo_.find(role);
    if (address != conninfo_.end()) return postgres::connect(role, address->second, application_);
    Diagnostic unknown;
    unknown.code = 701;
    unknown.message = fmt::format("nobody said where database `{}` is", role);
    unknown.help = fmt::format("--db {}=CONNINFO", role);
    return unknown;
}

}  // namespace cairn::execute
