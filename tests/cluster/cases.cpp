#include "tests/cluster/cases.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

std::vector<std::string> split(const std::string& text, const std::string& by) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(by, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + by.size();
    }
    return parts;
}

std::string test_file(const std::string& file) {
    auto text = read_file(std::string(CAIRN_SOURCE_DIR) + "/tests/cluster/" + file);
    if (text.empty()) FAIL("tests/cluster/" << file << " can't be read");
    return text;
}

std::vector<CaseLine> read_cases(const std::string& file) {
    std::istringstream in(test_file(file));
    std::vector<CaseLine> cases;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with(' ') && !cases.empty())
            cases.back().text += '\n' + line;
        else
            cases.push_back({.number = number, .text = line, .parts = {}});
    }
    if (cases.empty()) FAIL("no cases in tests/cluster/" << file);
    for (auto& each : cases) each.parts = split(each.text, " | ");
    return cases;
}

}  // namespace cairn::cluster
