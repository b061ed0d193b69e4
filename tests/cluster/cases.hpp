// Cases that stand in a data file, one a line, their parts separated by ` | `. `#` begins a comment
// line, and a line that begins with a blank continues the one before.
#pragma once

#include <string>
#include <vector>

namespace cairn::cluster {

struct CaseLine {
    int number = 0;  // of its first line in the file
    std::string text;
    std::vector<std::string> parts;  // at least one
};

// Of a file below tests/cluster. Fails the test when it can't be read or has no case.
[[nodiscard]] std::vector<CaseLine> read_cases(const std::string& file);

// The text of a file below tests/cluster. Fails the test when it can't be read.
[[nodiscard]] std::string test_file(const std::string& file);

[[nodiscard]] std::vector<std::string> split(const std::string& text, const std::string& by);

}  // namespace cairn::cluster
