// Plain `*.sql`, sent by psql or the like: in the order of their numbers, or of their names where
// there are none. Prisma's and Supabase's folders are of this form.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/adopt/both_ways.hpp"
#include "runtime/adopt/sections.hpp"
#include "runtime/adopt/versions.hpp"

namespace cairn::adopt {

namespace {

// What tells a file that leads back.
constexpr std::array back{std::string_view("down"), std::string_view("rollback"),
                          std::string_view("revert"), std::string_view("undo")};

bool is_back(std::string_view word) {
    return std::find(back.begin(), back.end(), lower(word)) != back.end();
}

struct Name {
    std::string stem;  // the path without `.up`, `.down`, `.sql`: what the two ways share
    bool down = false;
};

Name name_of(const File& file) {
    std::string stem = file.path.substr(0, file.path.size() - 4);
    const std::size_t mark = stem.find_last_of("._-");
    const std::size_t slash = stem.rfind('/');
    const bool in_name = mark != std::string::npos && (slash == std::string::npos || mark > slash);
    if (in_name && (is_back(stem.substr(mark + 1)) || same_word(stem.substr(mark + 1), "up"))) {
        const bool down = is_back(stem.substr(mark + 1));
        return {stem.substr(0, mark), down};
    }
    // A folder of ways back beside, or in, the folder of migrations.
    std::string_view folder = file.folder();
    const std::string_view last = folder.substr(folder.rfind('/') + 1);
    if (!is_back(last) && !same_word(last, "up")) return {stem, false};
    const std::string above(folder.substr(0, folder.size() - last.size()));
    std::string_view name = file.name();
    name.remove_suffix(4);
    return {above + std::string(name), is_back(last)};
}

// Paths part by part: by the numbers that parts begin with where both do, else by their text.
int compare_paths(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const std::string_view x = a.substr(0, a.find('/')), y = b.substr(0, b.find('/'));
        const std::string_view m = leading_digits(x), n = leading_digits(y);
        if (!m.empty() && !n.empty()) {
            const int order = compare_numbers(m, n);
            if (order != 0) return order;
        }
        if (x != y) return x < y ? -1 : 1;
        a.remove_prefix(std::min(x.size() + 1, a.size()));
        b.remove_prefix(std::min(y.size() + 1, b.size()));
    }
    return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
}

// Prisma gives every script the same name: what tells them apart is the folder.
Stem title_of(const File& file, const Name& name) {
    std::string_view stem = name.stem;
    const std::size_t slash = stem.rfind('/');
    if (slash != std::string_view::npos && stem.substr(slash + 1) == "migration")
        stem = stem.substr(0, slash);
    const File named{.path = std::string(stem.substr(stem.rfind('/') + 1)) + ".sql",
                     .source = file.source,
                     .usable = true};
    return stem_of(named);
}

Script script(const Folder& folder, const File& file) {
    Script out = script_of(folder, file);
    out.sending = Sending::as_written;
    mark_by_first_line(folder, file, out);
    return out;
}

// Two files of one number are in the order of their names: that is a choice, and it is said.
void report_equal(const std::vector<Migration>& migrations, Diagnostics& diagnostics) {
    for (std::size_t i = 1; i < migrations.size(); ++i) {
        const Migration &first = migrations[i - 1], &second = migrations[i];
        if (second.version.empty() || compare_numbers(first.version, second.version) != 0) continue;
        const std::string_view path = first.up.path, other = second.up.path;
        if (path.substr(0, path.rfind('/') + 1) != other.substr(0, other.rfind('/') + 1)) continue;
        diagnostics.add(
            {.code = 903,
             .where = second.where,
             .message = fmt::format("version `{}` is there twice: which of the two comes "
                                    "first can't be told",
                                    second.version),
             .help = {},
             .labels = {{.where = first.where, .text = "the other is this one"}}});
    }
}

void say_where_it_turns(const BothWays& ways, Diagnostics& diagnostics) {
    diagnostics.add({.severity = compiler::Severity::warning,
                     .code = 923,
                     .where = ways.back,
                     .message = "from here on the file is taken to lead back: no step runs it"});
}

bool owns(const Folder&, const File& file) {
    return file.is_sql();
}

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    Reading out;
    std::vector<std::pair<Name, const File*>> ups, downs;
    for (const File& file : folder.files()) {
        if (!file.is_sql()) continue;
        out.used.insert(file.path);
        Name name = name_of(file);
        (name.down ? downs : ups).emplace_back(std::move(name), &file);
    }
    std::stable_sort(ups.begin(), ups.end(), [](const auto& a, const auto& b) {
        return compare_paths(a.first.stem, b.first.stem) < 0;
    });
    for (const auto& [name, file] : ups) {
        Stem stem = title_of(*file, name);
        Migration migration{.version = std::move(stem.version),
                            .title = std::move(stem.title),
                            .where = Folder::whole(*file),
                            .up = script(folder, *file),
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = {}};
        if (auto ways = both_ways(folder, *file)) {
            if (!ways->is_told) say_where_it_turns(*ways, diagnostics);
            migration.down = migration.up;
            migration.up.whole_file = migration.down->whole_file = false;
            migration.up.sql = std::move(ways->up);
            migration.down->sql = std::move(ways->down);
            migration.down->where = ways->back;
        }
        const auto down = std::find_if(downs.begin(), downs.end(), [&, n = &name](const auto& one) {
            return one.first.stem == n->stem;
        });
        if (down != downs.end()) {
            migration.down = script(folder, *down->second);
            downs.erase(down);
        }
        out.migrations.push_back(std::move(migration));
    }
    for (const auto& [name, file] : downs) {
        diagnostics.add({.code = 924,
                         .where = Folder::whole(*file),
                         .message = fmt::format(
                             "`{}` leads back from a migration that is not there", file->path)});
    }
    report_equal(out.migrations, diagnostics);
    report_gaps(out.migrations, folder, diagnostics);
    return out;
}

}  // namespace

const Tool plain{.name = "plain", .shown = "plain SQL", .owns = owns, .read = read};

}  // namespace cairn::adopt
