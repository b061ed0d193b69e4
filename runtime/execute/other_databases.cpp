#include "runtime/execute/other_databases.hpp"

#include <fmt/format.h>

#include "runtime/postgres/connect.hpp"

namespace cairn::execute {

using compiler::Diagnostic;
using postgres::Session;

OtherDatabases::~OtherDatabases() {
    for (auto& [role, opened] : opened_) {
        auto* session = std::get_if<Session>(&opened);
        if (session != nullptr && session->alive()) (void)session->query("ROLLBACK");
    }
}

std::variant<Session*, Diagnostic> OtherDatabases::session(const std::string& role) {
    auto at = opened_.find(role);
    if (at == opened_.end()) at = opened_.emplace(role, open(role)).first;
    if (auto* error = std::get_if<Diagnostic>(&at->second)) return *error;
    return &std::get<Session>(at->second);
}

std::variant<Session, Diagnostic> OtherDatabases::open(const std::string& role) const {
    const auto address = conninfo_.find(role);
    if (address == conninfo_.end()) {
        Diagnostic unknown;
        unknown.code = 701;
        unknown.message = fmt::format("nobody said where database `{}` is", role);
        unknown.help = fmt::format("--db {}=CONNINFO", role);
        return unknown;
    }
    auto connected = postgres::connect(role, address->second, application_);
    if (std::holds_alternative<Diagnostic>(connected)) return connected;
    auto& session = std::get<Session>(connected);
    // It idles while the item's own database works.
    for (const auto& answer : session.pipeline({{"BEGIN", {}, false},
                                                {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", {}, false},
                                                {"SET LOCAL row_security = off", {}, false},
                                                {"SET LOCAL idle_in_transaction_session_timeout = 0", {}, false}})) {
        if (!answer.ok()) return postgres::connection_error(role, answer.error);
    }
    return connected;
}

}  // namespace cairn::execute
