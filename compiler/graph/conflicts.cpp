#include "compiler/graph/conflicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "compiler/graph/strong_locks.hpp"

namespace cairn::compiler {

using sql::LockMode;

bool conflict(LockMode a, LockMode b) {
    // Of each mode the first of those it conflicts with; from there on it conflicts with all but these.
    constexpr std::array<LockMode, 8> first{LockMode::access_exclusive,       LockMode::exclusive,     LockMode::share,
                                            LockMode::share_update_exclusive, LockMode::row_exclusive, LockMode::row_exclusive,
                                            LockMode::row_share,              LockMode::access_share};
    if (a == LockMode::share && b == LockMode::share) return false;
    return b >= first.at(static_cast<std::size_t>(a));
}

namespace {

// What an item does to one relation.
struct Use {
    std::size_t item = 0;  // within the block
    std::string schema;    // empty: wherever the search_path finds it
    LockMode mode = LockMode::access_share;
    bool reads = false, writes = false;  // rows
};

// A name's schema, if it names one, and the name in it.
std::pair<std::string, std::string> split(const std::string& name) {
    bool quoted = false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '"') quoted = !quoted;
        if (name[i] == '.' && !quoted) return {name.substr(0, i), name.substr(i + 1)};
    }
    return {"", name};
}

// Which items of a block come before which, whatever happens.
class Before {
public:
    Before(const std::vector<Item>& items, std::size_t begin, std::size_t end) : words_((end - begin + 63) / 64), rows_(end - begin) {
        for (std::size_t i = begin; i < end; ++i) {
            auto& row = rows_[i - begin];
            for (const ItemId after : items[i].after) {
                if (after.index < begin) continue;
                const std::size_t other = after.index - begin;
                row.resize(words_);
                for (std::size_t w = 0; w < rows_[other].size(); ++w) row[w] |= rows_[other][w];
                row[other / 64] |= std::uint64_t{1} << (other % 64);
            }
        }
    }
    [[nodiscard]] bool operator()(std::size_t first, std::size_t second) const {
        return !rows_[second].empty() && (rows_[second][first / 64] >> (first % 64) & 1U) != 0;
    }

private:
    std::size_t words_;
    std::vector<std::vector<std::uint64_t>> rows_;  // empty: of one that waits for none of the block
};

class Block {
public:
    Block(const StepGraph& graph, std::size_t begin, std::size_t end, Diagnostics& diagnostics)
        : graph_(graph), begin_(begin), end_(end), diagnostics_(diagnostics), databases_(end - begin), told_(end - begin, false) {}

    void run() {
        for (std::size_t i = begin_; i < end_; ++i) note(graph_.items[i], i - begin_);
        const bool any = std::any_of(relations_.begin(), relations_.end(), [](const auto& r) { return r.second.size() > 1; });
        if (!any && opaque_.empty()) return;
        const Before before(graph_.items, begin_, end_);
        for (const auto& [name, uses] : relations_) look(name.second, uses, before);
        for (const std::size_t item : opaque_) look_at_code(item, before);
    }

private:
    void use(const std::string& database, std::size_t at, const std::string& relation, LockMode mode, bool reads, bool writes) {
        auto [schema, name] = split(relation);
        auto& uses = relations_[{database, name}];
        auto known = std::find_if(uses.rbegin(), uses.rend(), [&](const Use& u) { return u.item != at || u.schema == schema; });
        if (known == uses.rend() || known->item != at) {
            uses.push_back({.item = at, .schema = schema});
            known = uses.rbegin();
        }
        auto& use = *known;
        use.mode = std::max(use.mode, mode);
        use.reads = use.reads || reads;
        use.writes = use.writes || writes;
    }

    void note(const Item& item, std::size_t at) {
        const auto note_checks = [&](const std::vector<Check>& checks) {
            for (const Check& check : checks) {
                if (check.query && item.database) note(*item.database, at, *check.query);
                if (check.elsewhere) note(check.elsewhere->database, at, check.elsewhere->query);
            }
        };
        if (const auto* validate = std::get_if<ValidateItem>(&item.body)) note_checks(validate->checks);
        if (const auto* gate = std::get_if<GateItem>(&item.body)) note_checks(gate->checks);
        if (!item.database) return;
        databases_[at].insert(*item.database);
        if (item.when) note(*item.database, at, *item.when);
        if (const auto* step = std::get_if<StepItem>(&item.body)) note(item, at, *step);
    }

    void note(const Item& item, std::size_t at, const StepItem& step) {
        for (const Statement& statement : step.statements) note(*item.database, at, statement);
        for (const auto& table : step.changes) use(*item.database, at, table, LockMode::row_exclusive, true, true);
        for (const auto& lock : strong_locks(item)) use(*item.database, at, lock.relation, lock.mode, false, false);
        const bool opaque = std::any_of(step.statements.begin(), step.statements.end(), [](const Statement& s) { return s.facts.opaque; });
        if (opaque && step.changes.empty()) opaque_.push_back(at);
    }

    void note(const std::string& database, std::size_t at, const Statement& statement) {
        databases_[at].insert(database);
        for (const auto& lock : statement.facts.locks) use(database, at, lock.relation, lock.mode, false, false);
        for (const auto& table : statement.facts.reads) use(database, at, table, LockMode::access_share, true, false);
        if (statement.facts.effect == sql::Effect::schema) return;
        for (const auto& table : statement.facts.writes) use(database, at, table, LockMode::row_exclusive, false, true);
    }

    void look(const std::string& name, const std::vector<Use>& uses, const Before& before) {
        // Those who only read don't get in each other's way.
        std::vector<const Use*> readers, others;
        for (const Use& use : uses) (use.mode == LockMode::access_share && !use.writes ? readers : others).push_back(&use);
        for (const Use* one : others) {
            for (const auto* group : {&others, &readers}) {
                for (const Use* other : *group) {
                    if (told_[one->item] || one == other || (group == &others && other->item > one->item)) continue;
                    if (one->schema != other->schema && !one->schema.empty() && !other->schema.empty()) continue;
                    if (before(one->item, other->item) || before(other->item, one->item)) continue;
                    if (const auto why = reason(*one, *other)) tell(name, *one, *other, *why);
                }
            }
        }
    }

    // In words with two items' names to come, the first one first.
    static std::optional<std::string> reason(const Use& one, const Use& other) {
        if (one.writes && other.writes) return "both change rows of `{2}`";
        if (one.writes && other.reads) return "`{0}` changes rows of `{2}` that `{1}` reads";
        if (one.reads && other.writes) return "`{1}` changes rows of `{2}` that `{0}` reads";
        if (!conflict(one.mode, other.mode)) return std::nullopt;
        return fmt::format("`{{0}}` locks `{{2}}` in {} mode, which waits for {} of `{{1}}`", sql::name(one.mode), sql::name(other.mode));
    }

    [[nodiscard]] const Item& item(std::size_t at) const { return graph_.items[begin_ + at]; }

    void tell(const std::string& relation, const Use& one, const Use& other, const std::string& why) {
        const bool in_order = item(one.item).where.span.begin > item(other.item).where.span.begin;
        const Item& later = item(in_order ? one.item : other.item);
        const Item& earlier = item(in_order ? other.item : one.item);
        told_[one.item] = true;
        diagnostics_.add({.code = 416,
                          .where = later.where,
                          .message = fmt::format("`{}` and `{}` may run at the same time, and {}", earlier.name, later.name,
                                                 fmt::format(fmt::runtime(why), item(one.item).name, item(other.item).name, relation)),
                          .help = later.transaction ? fmt::format("transaction after {}", earlier.name) : fmt::format("{} {} after {}", later.kind, later.name, earlier.name),
                          .labels = {{.where = earlier.where, .text = "beside this one"}}});
    }

    void look_at_code(std::size_t at, const Before& before) {
        std::size_t beside = 0;
        std::optional<std::size_t> first;
        for (std::size_t other = 0; other < end_ - begin_; ++other) {
            if (other == at || before(at, other) || before(other, at) || !databases_[other].contains(*item(at).database)) continue;
            if (!first) first = other;
            ++beside;
        }
        if (!first) return;
        diagnostics_.add({.severity = Severity::warning,
                          .code = 417,
                          .where = item(at).where,
                          .message = fmt::format("`{}` runs code that can't be seen into: whether it may run at the same time as `{}`{} is not checked",
                                                 item(at).name, item(*first).name, beside > 1 ? fmt::format(" and {} more", beside - 1) : ""),
                          .help = "changes TABLE, … in the step, which is checked"});
    }

    const StepGraph& graph_;
    std::size_t begin_, end_;
    Diagnostics& diagnostics_;
    std::map<std::pair<std::string, std::string>, std::vector<Use>> relations_;  // by database and bare name
    std::vector<std::set<std::string>> databases_;  // by item: those it asks or changes
    std::vector<std::size_t> opaque_;
    std::vector<bool> told_;
};

}  // namespace

void find_conflicts(const StepGraph& graph, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < graph.items.size();) {
        std::size_t end = i + 1;
        while (graph.items[i].parallel && end < graph.items.size() && graph.items[end].parallel == graph.items[i].parallel) ++end;
        if (end > i + 1) Block(graph, i, end, diagnostics).run();
        i = end;
    }
}

}  // namespace cairn::compiler
