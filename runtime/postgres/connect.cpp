#include "runtime/postgres/connect.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

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

std::pair<std::string, std::string> apart_from_password(const std::string& conninfo) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(conninfo.c_str(), &message), &PQconninfoFree);
    PQfreemem(message);
    if (!options) return {conninfo, ""};
    std::string rest, password;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        if (std::string_view(option->keyword) == "password") {
            password = option->val;
            continue;
        }
        rest += std::string(rest.empty() ? "" : " ") + option->keyword + "='";
        for (const char* c = option->val; *c != 0; ++c) {
            if (*c == '\'' || *c == '\\') rest += '\\';
            rest += *c;
        }
        rest += "'";
    }
    return {rest, password};
}

}  // namespace cairn::postgres
