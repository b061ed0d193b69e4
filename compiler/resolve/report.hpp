// Where the phases say what they found: diagnostics whose severity comes from the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

class Report {
public:
    // Both outlive the report. `plan` is the plan's text, `broken` says that some of it could not be read.
    Report(Diagnostics& diagnostics, std::string_view plan, bool broken)
        : diagnostics_(diagnostics), plan_(plan), broken_(broken) {}

    void add(std::uint16_t code, Location where, std::string message, std::string help = {},
             std::vector<Label> labels = {});
    void add(std::uint16_t code, Span in_plan, std::string message, std::string help = {},
             std::vector<Label> labels = {}) {
        add(code, Location{.source = {}, .span = in_plan}, std::move(message), std::move(help),
            std::move(labels));
    }
    // True when a part of the plan that could not be read may declare `name`: its absence is no second error.
    // An empty name asks whether anything at all is declared so.
    [[nodiscard]] bool may_be_declared(const std::string& keyword, const std::string& name);
    // "`near`" for the help line, or empty. Only the first hundred questions are answered, so that a
    // file full of mistakes takes no quadratic time.
    [[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);
    // False when suggestion() has nothing more to say: then no candidates need be gathered.
    [[nodiscard]] bool can_suggest() const { return suggestions_left_ > 0; }

    // False when a name has failed under this code before: it stays silent from then on.
    [[nodiscard]] bool first_failure(std::uint16_t code, std::string_view name);

    [[nodiscard]] std::string_view plan() const { return plan_; }

private:
    Diagnostics& diagnostics_;
    std::string_view plan_;
    bool broken_;
    int suggestions_left_ = 100;
    std::map<std::string, std::set<std::string, std::less<>>> declared_;  // words after a keyword, gathered once
    std::set<std::pair<std::uint16_t, std::string>> failed_;
};

}  // namespace cairn::compiler
