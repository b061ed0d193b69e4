// A golden case: files, command lines, and everything that is to come out of them, in one file.
//
//   # what this case shows
//   --- folder sql
//   --- environment CAIRN_ERP=host=/nowhere
//   --- file plan.cairn             the lines up to the next `---` (escaped: with \xNN, \n, \\,
//   \{TEXT*COUNT})
//   --- run check plan.cairn        as a shell would split it; a `file` after a run changes it for
//   the next
//   --- exit 1
//   --- stdout                      absent: nothing may come out
//   --- stderr
//
// Lines of output that begin with `---` or `\` stand behind a `\`. What no two runs share is a word
// in braces: the {folder} the case runs in, a {run}'s id, an {instant}, how long something {took},
// how {much} space is free, and {who} ran it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace golden {

struct File {
    std::string name, written;  // as it stands in the case
    bool escaped = false;
    [[nodiscard]] std::string content() const;
};

struct Run {
    std::vector<File> files;  // put in place before it
    std::string arguments;
    int exit = 0;
    std::string out, err;
};

struct Case {
    std::vector<std::string> comments, folders, environment;
    std::vector<Run> runs;
};

[[nodiscard]] Case read_case(const std::filesystem::path&);
[[nodiscard]] std::string write_case(const Case&);
// Makes a folder of its own, puts the files there, and runs the program for every `run`.
[[nodiscard]] std::vector<Run> perform(const Case&, const std::string& program);

}  // namespace golden
