#include "runtime/postgres/connect.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::postgres {

compiler::Diagnostic connection_error(const std::string& role, const ServerError& error) {
    compiler::Diagnostic d;
    d.code = 701;
    std::string message = error.message;
    std::replace(message.begin(), message.end(), '\n', ' ');
    d.message = fmt::format("database `{}` can't be reached: {}", role, message);
    const auto says = [&](const char* words) { return message.find(words) != std::string::npos; };
    if (says("password") || says("authentication")) {
        d.help = "set PGPASSWORD, or add the password to ~/.pgpass";
    } else if (says("does not exist")) {
        d.help = fmt::format("--db {}=postgresql://user@host/database", role);
    } else if (says("missing \"=\"") || says("invalid connection option")) {
        d.help = fmt::format("--db {}='host=… dbname=… user=…'", role);
    } else {
        d.help = fmt::format("pg_isready, with the address that `{}` has", role);
    }
    return d;
}

std::variant<Session, compiler::Diagnostic> connect(const std::string& role, const std::string& conninfo,
                                                    const std::string& application) {
    auto connected = Session::connect(conninfo, application);
    if (auto* error = std::get_if<ServerError>(&connected)) return connection_error(role, *error);
    return std::move(std::get<Session>(connected));
}

}  // namespace cairn::postgres
