#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggest.hpp"
#include "grammar/literal.hpp"
#include "runtime/config/config.hpp"

namespace cairn::config {

namespace {

using compiler::Diagnostic;

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == 0) return std::nullopt;
    return value;
}

// A service name may hold what key=value strings must quote.
std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

Diagnostic unknown_profile(const Config& config, const std::string& profile) {
    Diagnostic d{.code = 607};
    if (config.path.empty()) {
        d.message =
            fmt::format("no profile is named `{}`: there is no cairn.toml here or above", profile);
        return d;
    }
    std::vector<std::string> names;
    for (const auto& [name, unused] : config.profiles) names.push_back(name);
    d.message = fmt::format("no profile is named `{}` in {}", profile, config.path);
    if (const auto near = compiler::did_you_mean(profile, names)) d.help = "--profile " + *near;
    return d;
}

std::variant<std::string, Diagnostic> address_of(const Config::Address& address,
                                                 const std::string& role) {
    if (address.conninfo) return *address.conninfo;
    if (address.service) return "service=" + quoted(*address.service);
    const std::string& name = address.env.value();
    if (auto value = environment(name)) return *value;
    return Diagnostic{
        .code = 606,
        .where = address.where,
        .message =
            fmt::format("database `{}` is where `{}` says, and `{}` is not set in the environment",
                        role, name, name),
        .help = fmt::format("export {}=postgresql://HOST/DATABASE", name)};
}

std::variant<std::chrono::milliseconds, Diagnostic> duration(const char* variable,
                                                             std::chrono::milliseconds otherwise) {
    const auto text = environment(variable);
    if (!text) return otherwise;
    if (const auto value = grammar::parse_duration(*text)) return *value;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (error == std::errc{} && end == text->data() + text->size() && count >= 0)
        return std::chrono::milliseconds(count);
    return Diagnostic{
        .code = 608,
        .message = fmt::format("`{}` in the environment is `{}`, which is not a duration", variable,
                               *text),
        .help = fmt::format("export {}=30s", variable)};
}

}  // namespace

std::string environment_name(const std::string& role) {
    std::string out = "CAIRN_" + role;
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::vector<std::string> roles_in_environment() {
    // What cairn or its tests set, or hands to the commands it runs.
    constexpr std::array<std::string_view, 7> own{"LEASE", "BACKOFF", "RANGE", "LAG", "CLOCK", "PLAN", "RUN"};
    std::vector<std::string> out;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view entry = *at;
        const auto equals = entry.find('=');
        if (!entry.starts_with("CAIRN_") || equals == std::string_view::npos ||
            equals + 1 == entry.size())
            continue;
        const std::string_view name = entry.substr(6, equals - 6);
        const bool is_own = name.starts_with("PARAM_") || name.starts_with("FAULT_") ||
                            std::find(own.begin(), own.end(), name) != own.end();
        const bool is_role = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
        // Any other program's CAIRN_ setting is no address: those have a `=` or are URIs.
        const std::string_view value = entry.substr(equals + 1);
        const bool is_address = value.find('=') != std::string_view::npos || value.find("://") != std::string_view::npos;
        if (is_own || !is_role || !is_address) continue;
        std::string role(name);
        std::transform(role.begin(), role.end(), role.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        out.push_back(std::move(role));
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::variant<std::string, Diagnostic> resolve(const Config& config, const std::string& role,
                                              const std::map<std::string, std::string>& flags,
                                              const std::optional<std::string>& profile) {
    if (const auto flag = flags.find(role); flag != flags.end()) return flag->second;
    if (profile) {
        const auto found = config.profiles.find(*profile);
        if (found == config.profiles.end()) return unknown_profile(config, *profile);
        const auto address = found->second.databases.find(role);
        if (address != found->second.databases.end()) return address_of(address->second, role);
    }
    if (auto value = environment(environment_name(role))) return *value;
    const std::string in_profile = profile ? fmt::format("profile `{}` does not have it", *profile)
                                           : std::string("no --profile is given");
    return Diagnostic{
        .code = 605,
        .message = fmt::format(
            "nothing says where database `{}` is: no --db {}=CONNINFO is given, {}, and {} is "
            "not set",
            role, role, in_profile, environment_name(role)),
        .help = fmt::format("--db {}=postgresql://HOST/DATABASE", role)};
}

std::variant<Timing, Diagnostic> timing(const Config& config) {
    Timing out;
    struct Setting {
        const char* name;
        const std::optional<std::chrono::milliseconds>& in_file;
        std::chrono::milliseconds& value;
    };
    for (const auto& setting : {Setting{"CAIRN_LEASE", config.lease, out.lease}, Setting{"CAIRN_BACKOFF", config.backoff, out.backoff},
                                Setting{"CAIRN_RANGE", config.range, out.range}, Setting{"CAIRN_LAG", config.lag, out.lag}}) {
        auto value = duration(setting.name, setting.in_file.value_or(setting.value));
        if (const auto* d = std::get_if<Diagnostic>(&value)) return *d;
        setting.value = std::get<std::chrono::milliseconds>(value);
    }
    if (out.lease < std::chrono::milliseconds(100)) {
        return Diagnostic{.code = 608,
                          .message = "a lease shorter than 100ms can't be held",
                          .help = "export CAIRN_LEASE=30s"};
    }
    return out;
}

}  // namespace cairn::config
