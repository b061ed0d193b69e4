// diesel: a folder a migration, `VERSION_name/up.sql`, `down.sql` and, where it runs without a
// transaction, `metadata.toml`. The same form is Hasura's.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/versions.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

bool owns(const Folder&, const File& file) {
    return file.name() == "up.sql" && !file.folder().empty();
}

// diesel takes the dashes out of a version and compares what is left as text.
std::string version_of(std::string_view folder) {
    std::string version(folder.substr(0, folder.find('_')));
    std::erase(version, '-');
    return version;
}

std::string title_of(std::string_view folder) {
    const std::size_t low_line = folder.find('_');
    return low_line == std::string_view::npos ? std::string{}
                                              : std::string(folder.substr(low_line + 1));
}

int compare(std::string_view a, std::string_view b) {
    return a.compare(b);
}

// The only key that diesel reads there.
std::optional<Location> no_transaction(const Folder& folder, const File& metadata) {
    for (const Line& line : lines_of(folder.text(metadata))) {
        const std::string_view text = trim(line.text.substr(0, line.text.find('#')));
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        if (trim(text.substr(0, equals)) == "run_in_transaction" &&
            trim(text.substr(equals + 1)) == "false")
            return Location{metadata.source, {line.begin, line.end}};
    }
    return std::nullopt;
}

Reading read(const Folder& folder, const Options&, Diagnostics& diagnostics) {
    Reading out;
    std::map<std::string, std::string, std::less<>> folders;  // of migrations, by what they hold
    for (const File& file : folder.files()) {
        const bool own = file.name() == "up.sql" || file.name() == "down.sql";
        if (own && !file.folder().empty()) folders.emplace(file.folder(), file.path);
    }
    for (const auto& [path, any] : folders) {
        const File* up = folder.find(path + "/up.sql");
        const File* down = folder.find(path + "/down.sql");
        const File* metadata = folder.find(path + "/metadata.toml");
        for (const File* file : {up, down, metadata}) {
            if (file != nullptr) out.used.insert(file->path);
        }
        if (up == nullptr) {
            diagnostics.add(
                {.code = 924,
                 .where = Folder::whole(*down),
                 .message = fmt::format("`{}` has a `down.sql` and no `up.sql`", path)});
            continue;
        }
        const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
        Migration migration{.version = version_of(name),
                            .title = title_of(name),
                            .where = Folder::whole(*up),
                            .up = script_of(folder, *up),
                            .down = std::nullopt,
                            .verify = std::nullopt,
                            .tags = {}};
        if (down != nullptr) migration.down = script_of(folder, *down);
        if (metadata != nullptr) migration.up.marked = no_transaction(folder, *metadata);
        if (migration.up.marked) {
            migration.up.sending = Sending::each_by_itself;
            if (migration.down) migration.down->sending = Sending::each_by_itself;
        }
        out.migrations.push_back(std::move(migration));
    }
    sort_by_version(out.migrations, compare);
    report_duplicates(out.migrations, compare, diagnostics);
    return out;
}

}  // namespace

const Tool diesel{.name = "diesel", .shown = "diesel", .owns = owns, .read = read};

}  // namespace cairn::adopt
