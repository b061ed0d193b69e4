#include "compiler/resolve/words.hpp"

#include <algorithm>

namespace cairn::compiler {

void Words::set_parameter(const std::string& name, std::optional<std::string> value) {
    parameters_.insert_or_assign(name, std::move(value));
}

void Words::set_built_in(const std::string& name, std::optional<std::string> value) {
    built_in_.insert_or_assign(name, std::move(value));
}

std::optional<Words::Word> Words::find(std::string_view name, const Turn* turn) const {
    for (; turn != nullptr; turn = turn->outer) {
        if (turn->variable == name) return Word{Origin::loop, turn->value};
    }
    if (const auto at = parameters_.find(name); at != parameters_.end()) {
        return Word{Origin::parameter, at->second};
    }
    if (const auto at = built_in_.find(name); at != built_in_.end()) {
        return Word{Origin::built_in, at->second};
    }
    return std::nullopt;
}

std::string Words::text(const grammar::Template& written, const Turn* turn) const {
    std::string text;
    for (const grammar::Part& part : written.parts) {
        if (!part.is_placeholder) {
            text += part.text;
            continue;
        }
        const auto word = find(part.text, turn);
        text += word && word->value ? *word->value : "{" + part.text + "}";
    }
    return text;
}

bool Words::is_open(const grammar::Template& written, const Turn* turn) const {
    return std::any_of(written.parts.begin(), written.parts.end(), [&](const grammar::Part& part) {
        if (!part.is_placeholder) return false;
        const auto word = find(part.text, turn);
        return !word || !word->value;
    });
}

std::vector<std::string> Words::variables(const Turn* turn) const {
    std::vector<std::string> names;
    for (; turn != nullptr; turn = turn->outer) names.push_back(turn->variable);
    for (const auto& [name, value] : parameters_) names.push_back(name);
    return names;
}

std::vector<std::string> Words::names(const Turn* turn) const {
    std::vector<std::string> names = variables(turn);
    for (const auto& [name, value] : built_in_) names.push_back(name);
    return names;
}

bool is_built_in(std::string_view name) {
    return name == "plan" || name == "run" || name == "date" || name == "time";
}

}  // namespace cairn::compiler
