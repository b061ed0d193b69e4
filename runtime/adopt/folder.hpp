// A migration folder as it was found: its files, their text, and places in them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/source.hpp"

namespace cairn::adopt {

using compiler::Diagnostic;
using compiler::Diagnostics;
using compiler::Location;
using compiler::SourceId;
using compiler::Sources;

struct File {
    std::string path;     // below the folder, parts separated by `/`
    SourceId source;      // holds its text; empty for a file that no tool reads
    bool usable = false;  // its text could be read and is UTF-8

    [[nodiscard]] std::string_view name() const;  // its last part
    [[nodiscard]] std::string_view folder()
        const;                          // what stands before it, without `/`; may be empty
    [[nodiscard]] bool is_sql() const;  // ends with `.sql`, in whatever case
};

class Folder {
public:
    explicit Folder(std::string shown) : shown_(std::move(shown)) {}

    // Adds a file's text, or, with `why_not`, a file that can't be read (C0908). Files come in any
    // order; sort() before the first look.
    void add(const std::string& path, std::string text, Diagnostics&);
    void add_unreadable(const std::string& path, const std::string& why, Diagnostics&);
    // One that the user leaves out.
    void leave_out(const std::string& path) { left_out_.insert(path); }
    // A file that is known by its name only.
    void add_name(const std::string& path);
    void sort();

    // As the user named it, without a `/` at its end.
    [[nodiscard]] const std::string& shown() const { return shown_; }
    [[nodiscard]] const std::vector<File>& files() const { return files_; }  // by path
    [[nodiscard]] const File* find(std::string_view path) const;
    [[nodiscard]] const std::string& text(const File& file) const {
        return sources_.at(file.source).text();
    }
    [[nodiscard]] const std::set<std::string>& left_out() const { return left_out_; }
    [[nodiscard]] const Sources& sources() const { return sources_; }
    // Its first character, where a diagnostic about the whole file points.
    [[nodiscard]] static Location whole(const File& file) { return {file.source, {0, 0}}; }
    // Without the byte order mark.
    [[nodiscard]] static std::uint32_t begin_of(std::string_view text) {
        return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    }

private:
    File& put(const std::string& path, std::string text);

    std::string shown_;
    Sources sources_;
    std::vector<File> files_;
    std::set<std::string> left_out_;
};

// Reads the folder and those below it; hidden files and folders are passed over. Files that no tool
// reads are known by name only. A folder that can't be read is a C0900. `left_out` are paths below
// the folder that are not looked at; one that is not there is a C0928.
[[nodiscard]] Folder read_folder(const std::string& path, const std::set<std::string>& left_out,
                                 Diagnostics&);

}  // namespace cairn::adopt
