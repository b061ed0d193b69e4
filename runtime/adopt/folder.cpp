#include "runtime/adopt/folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/resolve/utf8.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

namespace fs = std::filesystem;

// A plan, which the migrations become, has the same bound.
constexpr std::size_t largest_file = std::size_t{64} << 20U;
constexpr int deepest = 32;

// What the tools themselves read besides SQL.
bool is_read(std::string_view name) {
    constexpr std::array settings{std::string_view("metadata.toml"),
                                  std::string_view("sqitch.plan"), std::string_view("sqitch.conf"),
                                  std::string_view("flyway.conf"), std::string_view("flyway.toml")};
    const std::string small = lower(name);
    return small.ends_with(".sql") || small.ends_with(".sql.conf") || small.ends_with(".plan") ||
           std::find(settings.begin(), settings.end(), small) != settings.end();
}

class Walk {
public:
    Walk(Folder& folder, const std::set<std::string>& left_out, Diagnostics& diagnostics)
        : folder_(folder), left_out_(left_out), diagnostics_(diagnostics) {}

    void enter(const fs::path& path, const std::string& below, int depth) {
        std::error_code failed;
        std::vector<fs::directory_entry> entries;
        for (fs::directory_iterator at(path, failed), end; !failed && at != end;
             at.increment(failed))
            entries.push_back(*at);
        if (failed) return unreadable(below, failed.message());
        // What is told of files comes in the order of their names.
        std::sort(entries.begin(), entries.end());
        for (const fs::directory_entry& entry : entries) {
            const std::string name = entry.path().filename().string();
            const std::string shown = below.empty() ? name : below + "/" + name;
            if (left_out_.contains(shown)) {
                folder_.leave_out(shown);
                continue;
            }
            if (name.starts_with('.')) continue;
            if (!entry.is_directory(failed))
                take(entry.path(), shown, name);
            else if (depth < deepest && name != "node_modules")
                enter(entry.path(), shown, depth + 1);
        }
    }

private:
    void unreadable(const std::string& below, const std::string& why) {
        const std::string whole = below.empty() ? folder_.shown() : folder_.shown() + "/" + below;
        diagnostics_.add(
            {.code = 900, .message = fmt::format("folder `{}` can't be read: {}", whole, why)});
    }

    void take(const fs::path& path, const std::string& shown, std::string_view name) {
        if (!is_read(name)) return folder_.add_name(shown);
        std::error_code failed;
        // Opening a pipe or device would wait for a writer.
        if (!fs::is_regular_file(path, failed))
            return folder_.add_unreadable(
                shown, failed ? failed.message() : "it is no regular file", diagnostics_);
        if (fs::file_size(path, failed) > largest_file)
            return folder_.add_unreadable(shown, "it is larger than 64 MB", diagnostics_);
        std::ifstream in(path, std::ios::binary);
        if (!in) return folder_.add_unreadable(shown, std::strerror(errno), diagnostics_);
        std::ostringstream content;
        if (fs::file_size(path, failed) > 0) content << in.rdbuf();
        if (in.bad()) return folder_.add_unreadable(shown, std::strerror(errno), diagnostics_);
        folder_.add(shown, std::move(content).str(), diagnostics_);
    }

    Folder& folder_;
    const std::set<std::string>& left_out_;
    Diagnostics& diagnostics_;
};

// What `path` may have been meant to be.
std::string near_folder(const std::string& path) {
    const fs::path parent = fs::path(path).parent_path();
    std::error_code failed;
    for (fs::directory_iterator at(parent.empty() ? "." : parent, failed), end;
         !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        std::error_code ignored;
        if (at->is_directory(ignored) && name.starts_with("migrat"))
            return fmt::format("cairn adopt {}", (parent / name).string());
    }
    return {};
}

// The one that it may have been meant to be: of that name, in another folder.
std::string near_file(const Folder& folder, const std::string& path) {
    const std::string name = fs::path(path).filename().string();
    for (const File& file : folder.files())
        if (file.name() == name) return "--leave-out " + file.path;
    return {};
}

}  // namespace

std::string_view File::name() const {
    const std::size_t slash = path.rfind('/');
    return std::string_view(path).substr(slash == std::string::npos ? 0 : slash + 1);
}

std::string_view File::folder() const {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string_view{}
                                      : std::string_view(path).substr(0, slash);
}

bool File::is_sql() const {
    return lower(name()).ends_with(".sql");
}

File& Folder::put(const std::string& path, std::string text) {
    const SourceId source = sources_.add(shown_ + "/" + path, std::move(text));
    files_.push_back({.path = path, .source = source, .usable = false});
    return files_.back();
}

void Folder::add(const std::string& path, std::string text, Diagnostics& diagnostics) {
    File& file = put(path, std::move(text));
    const std::string& bytes = this->text(file);
    const auto fault = compiler::find_text_fault(bytes);
    if (!fault) {
        file.usable = true;
        return;
    }
    const auto at = static_cast<std::uint32_t>(fault->at);
    const bool wide = bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF");
    diagnostics.add(
        {.code = 909,
         .where = Location{file.source, {at, at + 1}},
         .message = wide ? fmt::format("`{}` is UTF-16, and SQL is read as UTF-8", path)
                         : fmt::format("`{}` is not UTF-8 text: {} at byte {}", path, fault->what,
                                       fault->at),
         .help =
             wide ? fmt::format("iconv -f UTF-16 -t UTF-8 {0} -o {0}", shown_ + "/" + path) : ""});
}

void Folder::add_unreadable(const std::string& path, const std::string& why,
                            Diagnostics& diagnostics) {
    const File& file = put(path, "");
    diagnostics.add({.code = 908,
                     .where = whole(file),
                     .message = fmt::format("`{}` can't be read: {}", path, why)});
}

void Folder::add_name(const std::string& path) {
    (void)put(path, "");
}

void Folder::sort() {
    std::sort(files_.begin(), files_.end(),
              [](const File& a, const File& b) { return a.path < b.path; });
}

const File* Folder::find(std::string_view path) const {
    const auto at = std::lower_bound(files_.begin(), files_.end(), path,
                                     [](const File& f, std::string_view p) { return f.path < p; });
    return at == files_.end() || at->path != path ? nullptr : &*at;
}

Folder read_folder(const std::string& path, const std::set<std::string>& left_out,
                   Diagnostics& diagnostics) {
    std::string shown = path;
    while (shown.size() > 1 && shown.ends_with('/')) shown.pop_back();
    Folder folder(shown);
    std::error_code failed;
    const auto status = fs::status(path, failed);
    if (!fs::is_directory(status)) {
        const bool gone = status.type() == fs::file_type::not_found;
        diagnostics.add({.code = 900,
                         .message = fmt::format("folder `{}` can't be read: {}", shown,
                                                gone     ? "no such folder"
                                                : failed ? failed.message()
                                                         : "it is no folder"),
                         .help = gone ? near_folder(shown) : ""});
        return folder;
    }
    Walk(folder, left_out, diagnostics).enter(path, "", 0);
    folder.sort();
    for (const std::string& one : left_out) {
        if (folder.left_out().contains(one)) continue;
        diagnostics.add({.code = 928,
                         .message = fmt::format("there is no `{}` in `{}` to leave out", one, shown),
                         .help = near_file(folder, one)});
    }
    return folder;
}

}  // namespace cairn::adopt
