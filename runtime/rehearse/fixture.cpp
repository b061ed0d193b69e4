#include "runtime/rehearse/fixture.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <unistd.h>

#include "runtime/rehearse/client_program.hpp"
#include "runtime/rehearse/profile.hpp"

namespace cairn::rehearse {
namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;

Diagnostic problem(std::uint16_t code, std::string message, std::string help = {}) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    return diagnostic;
}

bool is_taken_in(const compiler::Compiled& compiled, const std::string& path) {
    for (std::uint32_t source = 1; source < compiled.sources.size(); ++source) {
        std::error_code ignored;
        if (fs::equivalent(compiled.sources.at({source}).name(), path, ignored)) return true;
    }
    for (const auto& [file, text] : compiled.files)
        if (fs::path(file).filename() == fs::path(path).filename()) return true;
    return false;
}

std::optional<std::string> beside_plan(const compiler::Compiled& compiled,
                                       const std::string& role) {
    const auto& plan = compiled.sources.at({0}).name();
    const bool first =
        !compiled.graph.databases.empty() && compiled.graph.databases.front().name == role;
    const std::string infix = first ? "" : "." + role;
    const std::string whole = plan + infix + ".sql";
    if (fs::exists(whole)) return whole;
    const fs::path path(plan);
    if (path.extension() != ".cairn") return std::nullopt;
    const std::string stem = (path.parent_path() / path.stem()).string() + infix + ".sql";
    if (fs::exists(stem) && !is_taken_in(compiled, stem)) return stem;
    return std::nullopt;
}

std::string from_root(const config::Config& config, const std::string& path) {
    return fs::path(path).is_absolute() || config.root.empty()
               ? path
               : (fs::path(config.root) / path).string();
}

std::optional<Diagnostic> run_script(const std::string& path, const std::string& conninfo,
                                     const std::string& bin) {
    const auto psql = program(bin, "psql");
    const fs::path absolute = fs::absolute(path);
    // By its name alone, from its own folder: what it \i-s or \copy-s stands beside it.
    return trouble(run({psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f",
                        absolute.filename().string(), "-d", conninfo},
                       absolute.parent_path().string()),
                   psql, path);
}

// pg_dump's custom format and tar open with PGDMP or toc.dat, a directory holds toc.dat; the rest
// is SQL.
bool is_archive(const std::string& path) {
    if (fs::is_directory(path)) return true;
    std::array<char, 7> head{};
    std::ifstream(path, std::ios::binary).read(head.data(), head.size());
    const std::string_view text(head.data(), head.size());
    return text.starts_with("PGDMP") || text == "toc.dat";
}

std::optional<Diagnostic> run_dump(const std::string& path, const std::string& conninfo,
                                   const std::string& bin) {
    if (!is_archive(path)) return run_script(path, conninfo, bin);
    const auto pg_restore = program(bin, "pg_restore");
    return trouble(run({pg_restore, "--exit-on-error", "--no-owner", "--no-privileges", "-d",
                        conninfo, fs::absolute(path).string()},
                       {}),
                   pg_restore, path);
}

std::optional<Diagnostic> analyse(const std::string& conninfo, const std::string& bin,
                                  const std::string& path) {
    return trouble(run({program(bin, "psql"), "-X", "-q", "-c", "ANALYZE", "-d", conninfo}, {}),
                   "psql", path);
}

std::variant<Fixture, Diagnostic> of_profile(const config::Config& config, const std::string& role,
                                             const std::string& profile, std::int64_t rows) {
    auto address = config::resolve(config, role, {}, profile);
    if (auto* error = std::get_if<Diagnostic>(&address)) return std::move(*error);
    return Fixture{.kind = Fixture::Kind::database,
                   .path = "profile " + profile,
                   .conninfo = std::get<std::string>(std::move(address)),
                   .role = role,
                   .rows = rows};
}

}  // namespace

std::variant<Fixture, Diagnostic> find_fixture(const compiler::Compiled& compiled,
                                               const config::Config& config,
                                               const std::string& role,
                                               const std::optional<std::string>& from) {
    const auto entry = config.rehearse.find(role);
    const auto said = entry == config.rehearse.end() ? config::Config::Rehearse{} : entry->second;
    if (from) return of_profile(config, role, *from, said.rows);
    if (auto beside = beside_plan(compiled, role))
        return Fixture{.kind = Fixture::Kind::script, .path = std::move(*beside)};
    if (said.profile) return of_profile(config, role, *said.profile, said.rows);
    Fixture fixture;
    if (said.fixture)
        fixture = {.kind = Fixture::Kind::script, .path = from_root(config, *said.fixture)};
    if (said.dump) fixture = {.kind = Fixture::Kind::dump, .path = from_root(config, *said.dump)};
    if (fixture.kind != Fixture::Kind::none && !fs::exists(fixture.path))
        return problem(781, "the fixture of `" + role + "` is not there: `" + fixture.path +
                                "`, named by [rehearse." + role + "] of `" + config.path + "`");
    return fixture;
}

std::optional<Diagnostic> load_fixture(const Fixture& fixture, const std::string& conninfo,
                                       const std::string& bin, const std::string& folder) {
    if (fixture.kind == Fixture::Kind::none) return std::nullopt;
    if (fixture.kind == Fixture::Kind::database) {
        if (auto error = fill_from({.conninfo = fixture.conninfo,
                                    .role = fixture.role,
                                    .named = fixture.path,
                                    .rows = fixture.rows},
                                   conninfo, bin, folder))
            return error;
        return analyse(conninfo, bin, fixture.path);
    }
    if (fixture.kind == Fixture::Kind::script && fs::is_directory(fixture.path))
        return problem(781, "fixture `" + fixture.path + "` can't be read: it is a folder");
    if (::access(fixture.path.c_str(), R_OK) != 0)
        return problem(781, "fixture `" + fixture.path + "` can't be read");
    const auto failed = fixture.kind == Fixture::Kind::script
                            ? run_script(fixture.path, conninfo, bin)
                            : run_dump(fixture.path, conninfo, bin);
    if (failed) return failed;
    return analyse(conninfo, bin, fixture.path);
}

}  // namespace cairn::rehearse
