// golang-migrate: `VERSION_name.up.sql` and `VERSION_name.down.sql`, versions compared as numbers.
// The same form is sqlx's, which marks what needs no transaction by a first line.
#include <fmt/format.h>

#include <map>

#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/versions.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

struct Name {
    std::string version, title;
    bool up = false;
};

std::optional<Name> name_of(const File& file) {
    const std::string small = lower(file.name());
    std::string_view name = file.name();
    Name out;
    out.up = small.ends_with(".up.sql");
    if (!out.up && !small.ends_with(".down.sql")) return std::nullopt;
    name.remove_suffix(out.up ? 7 : 9);
    const std::string_view digits = leading_digits(name);
    if (digits.empty() || digits.size() == name.size() || name[digits.size()] != '_')
        return std::nullopt;
    out.version = digits;
    out.title = name.substr(digits.size() + 1);
    return out;
}

bool owns(const Folder&, const File& file) {
    const auto name = name_of(file);
    return name && name->up;
}

Script script(const Folder& folder, const File& file) {
    Script out = script_of(folder, file);
    mark_by_first_line(folder, file, out);
    return out;
}

struct Pair {
    const File *up = nullptr, *down = nullptr;
    Name name;
};

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    Reading out;
    std::map<std::string, Pair> pairs;
    for (const File& file : folder.files()) {
        auto name = name_of(file);
        if (!name) continue;
        out.used.insert(file.path);
        const std::string stem =
            std::string(file.folder()) + "/" + name->version + "_" + name->title;
        Pair& pair = pairs[stem];
        (name->up ? pair.up : pair.down) = &file;
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
    sort_by_version(out.migrations, compare_numbers);
    report_duplicates(out.migrations, compare_numbers, diagnostics);
    report_gaps(out.migrations, diagnostics);
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
