// The text of a scenario, in its sections; what they mean stands in scenario.cpp.
#pragma once

#include <string>
#include <vector>

namespace cairn::cluster {

struct Section {
    int line = 0;
    std::string word, rest;  // `sql`, `erp`
    std::vector<std::string> lines;

    [[nodiscard]] std::string body() const {
        std::string text;
        for (const auto& each : lines) text += each + "\n";
        return text;
    }
};

[[nodiscard]] std::vector<Section> read_sections(const std::string& path);

// Without blanks at either end.
[[nodiscard]] std::string trimmed(const std::string&);

// A command line's words; double quotes keep blanks.
[[nodiscard]] std::vector<std::string> arguments(const std::string&);

}  // namespace cairn::cluster
