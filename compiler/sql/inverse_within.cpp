// What stays inside something that the step has created: its way back is that of its container, unless
// what it refers to is younger, and would have to go first.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/inverse.hpp"
#include "compiler/sql/words.hpp"

namespace cairn::sql {
namespace {

class Younger {
public:
    Younger(const Subject& subject, const std::vector<std::string>& keys)
        : step_(subject.step), text_(subject.text.str()), keys_(keys) {}

    // What the statement may refer to that was made after the first of its containers.
    [[nodiscard]] const Step::Made* find() {
        const auto first = std::find_if(step_.made.begin(), step_.made.end(),
                                        [&](const Step::Made& made) { return is_container(made); });
        if (first == step_.made.end()) return nullptr;
        container = &*first;
        begin_ = static_cast<std::size_t>(first - step_.made.begin()) + 1;
        if (const auto* one = younger_under("")) return one;
        for (const std::string& word : lower_words(text_))
            if (const auto* one = younger_under(word)) return one;
        return nullptr;
    }
    const Step::Made* container = nullptr;

private:
    [[nodiscard]] bool is_container(const Step::Made& made) const {
        return !made.key.empty() && std::find(keys_.begin(), keys_.end(), made.key) != keys_.end();
    }

    [[nodiscard]] const Step::Made* younger_under(const std::string& word) const {
        const auto found = step_.mentioned_by.find(word);
        if (found == step_.mentioned_by.end()) return nullptr;
        const auto& own = container->table.empty() ? container->name : container->table;
        for (auto at = found->second.rbegin(); at != found->second.rend() && *at >= begin_; ++at) {
            const Step::Made& one = step_.made[*at];
            // A key is led by an index, or ends at a column, that it does not name: then it names
            // their table. A table's own parts are no younger for its being named.
            const bool by_own_table = one.table == own && first_word(one.name) != word;
            if (!one.key.empty() && !is_container(one) && !by_own_table) return &one;
        }
        return nullptr;
    }

    const Step& step_;
    const std::string& text_;
    const std::vector<std::string>& keys_;
    std::size_t begin_ = 0;
};

}  // namespace

void within_created(const Subject& subject, const std::vector<std::string>& keys,
                    StatementFacts& facts) {
    facts.reversal = Reversal::within_created;
    Younger younger(subject, keys);
    if (const auto* one = younger.find())
        cannot(facts, fmt::format("it may refer to `{}`, which the step has made after `{}`",
                                  one->name, younger.container->name));
}

}  // namespace cairn::sql
