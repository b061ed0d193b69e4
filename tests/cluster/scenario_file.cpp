#include "tests/cluster/scenario_file.hpp"

#include <fstream>
#include <sstream>

namespace cairn::cluster {

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<Section> read_sections(const std::string& path) {
    std::ifstream file(path);
    std::vector<Section> sections;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.starts_with("=== ")) {
            std::istringstream words(line.substr(4));
            Section section{.line = number, .word = {}, .rest = {}, .lines = {}};
            words >> section.word;
            std::getline(words, section.rest);
            section.rest = trimmed(section.rest);
            sections.push_back(std::move(section));
        } else if (!sections.empty()) {
            sections.back().lines.push_back(line);
        }
    }
    for (auto& section : sections)
        while (!section.lines.empty() && trimmed(section.lines.back()).empty())
            section.lines.pop_back();
    return sections;
}

std::vector<std::string> arguments(const std::string& text) {
    std::vector<std::string> all;
    bool open = false, quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
            if (!open) all.emplace_back();
            open = true;
        } else if (c == ' ' && !quoted) {
            open = false;
        } else {
            if (!open) all.emplace_back();
            open = true;
            all.back() += c;
        }
    }
    return all;
}

}  // namespace cairn::cluster
