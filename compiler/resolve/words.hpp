// What placeholders and variables stand for: parameters, loop variables and the run's own words.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/syntax.hpp"

namespace cairn::compiler {

// One turn of a `for`; the outer ones hang above it. Owned by the resolved plan.
struct Turn {
    const Turn* outer = nullptr;
    std::string variable, value;
};

class Words {
public:
    enum class Origin { parameter, loop, built_in };
    struct Word {
        Origin origin = Origin::parameter;
        std::optional<std::string> value;  // absent: known, but without a value yet; stands as written
    };

    void set_parameter(const std::string& name, std::optional<std::string> value);
    void set_built_in(const std::string& name, std::optional<std::string> value);

    [[nodiscard]] std::optional<Word> find(std::string_view name, const Turn*) const;
    // The text with every known placeholder replaced; what has no value stands as `{name}`.
    [[nodiscard]] std::string text(const grammar::Template&, const Turn*) const;
    // Whether text() would leave a placeholder standing.
    [[nodiscard]] bool is_open(const grammar::Template&, const Turn*) const;
    // Every name a placeholder may have, for suggestions.
    [[nodiscard]] std::vector<std::string> names(const Turn*) const;
    // Those that SQL may have: without the built-in ones.
    [[nodiscard]] std::vector<std::string> variables(const Turn*) const;

private:
    std::map<std::string, std::optional<std::string>, std::less<>> parameters_, built_in_;
};

// {plan}, {run}, {date}, {time}.
[[nodiscard]] bool is_built_in(std::string_view name);

}  // namespace cairn::compiler
