// golang-migrate: `VERSION_name.up.sql` and `VERSION_name.down.sql`, versions compared as numbers.
// The same form is sqlx's, which marks what needs no transaction by a first line, and pop's, which may
// have a script of its own for each kind of database: `VERSION_name.postgres.autocommit.up.sql`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/versions.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

enum class Dialect { any, postgres, other };

Dialect dialect_of(std::string_view part) {
    constexpr std::array others{"mysql",       "mariadb", "sqlite", "sqlite3",   "cockroach",
                                "cockroachdb", "crdb",    "mssql",  "sqlserver", "oracle"};
    if (part == "postgres" || part == "postgresql") return Dialect::postgres;
    return std::find(others.begin(), others.end(), part) == others.end() ? Dialect::any
                                                                          : Dialect::other;
}

struct Name {
    std::string version, title;
    Dialect dialect = Dialect::any;
    bool up = false, autocommit = false;
};

std::optional<Name> name_of(const File& file) {
    const std::string small = lower(file.name());
    std::string_view name = file.name();
    Name out;
    const std::string_view digits = leading_digits(name);
    if (!small.ends_with(".sql") || digits.empty() || digits.size() == name.size() ||
        name[digits.size()] != '_')
        return std::nullopt;
    out.version = digits;
    name.remove_prefix(digits.size() + 1);
    name.remove_suffix(4);
    // What the parts say, from the last on; the title is what is left.
    bool has_direction = false;
    for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos; dot = name.rfind('.')) {
        const std::string part = lower(name.substr(dot + 1));
        if (!has_direction && (part == "up" || part == "down")) {
            has_direction = true;
            out.up = part == "up";
        } else if (out.dialect == Dialect::any && dialect_of(part) != Dialect::any) {
            out.dialect = dialect_of(part);
        } else if (has_direction && part == "autocommit") {
            out.autocommit = true;
        } else {
            break;
        }
        name = name.substr(0, dot);
    }
    if (!has_direction) return std::nullopt;
    out.title = name;
    return out;
}

bool owns(const Folder&, const File& file) {
    const auto name = name_of(file);
    return name && name->up;
}

Script script(const Folder& folder, const File& file) {
    Script out = script_of(folder, file);
    mark_by_first_line(folder, file, out);
    if (const auto name = name_of(file); name && name->autocommit) {
        out.marked = Folder::whole(file);
        out.sending = Sending::each_by_itself;
    }
    return out;
}

// A script for PostgreSQL is meant rather than one for any database.
void put(const File*& into, const File& file) {
    const auto name = into == nullptr ? std::nullopt : name_of(*into);
    if (!name || name->dialect == Dialect::any) into = &file;
}

// One word about all of them: there are as many as migrations.
void report_others(const std::vector<const File*>& others, Diagnostics& diagnostics) {
    if (others.empty()) return;
    diagnostics.add({.severity = compiler::Severity::warning,
                     .code = 906,
                     .where = Folder::whole(*others.front()),
                     .message = others.size() == 1
                                    ? fmt::format("`{}` is for another database than PostgreSQL: it is left out", others.front()->path)
                                    : fmt::format("`{}` and {} more are for other databases than PostgreSQL: they are left out",
                                                  others.front()->path, others.size() - 1)});
}

struct Pair {
    const File *up = nullptr, *down = nullptr;
    Name name;
};

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    Reading out;
    std::map<std::string, Pair> pairs;
    std::vector<const File*> others;
    for (const File& file : folder.files()) {
        auto name = name_of(file);
        if (!name) continue;
        out.used.insert(file.path);
        if (name->dialect == Dialect::other) {
            others.push_back(&file);
            continue;
        }
        const std::string stem =
            std::string(file.folder()) + "/" + name->version + "_" + name->title;
        Pair& pair = pairs[stem];
        put(name->up ? pair.up : pair.down, file);
        pair.name = std::move(*name);
    }
    for (const auto& [stem, pair] : pairs) {
        if (pair.up == nullptr) {
            diagnostics.add(
                {.code = 924,
                 .where = Folder::whole(*pair.down),
                 .message = fmt::format("`{}` has no `.up.sql` beside it", pair.down->path)});
            continue;
        }
        Migration migration{.version = pair.name.version,
                            .title = pair.name.title,
                            .where = Folder::whole(*pair.up),
                            .up = script(folder, *pair.up),
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = {}};
        if (pair.down != nullptr) migration.down = script(folder, *pair.down);
        out.migrations.push_back(std::move(migration));
    }
    report_others(others, diagnostics);
    sort_by_version(out.migrations, compare_numbers);
    report_duplicates(out.migrations, compare_numbers, diagnostics);
    report_gaps(out.migrations, folder, diagnostics);
    return out;
}

}  // namespace

void mark_by_first_line(const Folder& folder, const File& file, Script& script) {
    const auto lines = lines_of(folder.text(file));
    if (lines.empty() || !trim(lines.front().text).starts_with("-- no-transaction")) return;
    script.marked = Location{file.source, {lines.front().begin, lines.front().end}};
    script.sending = Sending::each_by_itself;
}

const Tool golang_migrate{
    .name = "golang-migrate", .shown = "golang-migrate", .owns = owns, .read = read};

}  // namespace cairn::adopt
