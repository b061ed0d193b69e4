#include "compiler/lower/order.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <string>
#include <unordered_map>

namespace cairn::compiler {
namespace {

// What runs as one: an item, or those of a `transaction`.
struct Node {
    std::size_t first = 0, last = 0;  // items of the plan, `last` included
    std::vector<std::size_t> waits;   // nodes of the same block
};

class Ordering {
public:
    explicit Ordering(const ResolvedPlan& plan) : plan_(plan) {}

    Order run() {
        const auto& items = plan_.items;
        for (std::size_t i = 0; i < items.size();) {
            std::size_t end = i + 1;
            if (items[i].parallel) {
                while (end < items.size() && items[end].parallel == items[i].parallel) ++end;
                block(i, end);
            } else {
                place(i, last_);
                last_ = {static_cast<std::uint32_t>(order_.items.size() - 1)};
            }
            i = end;
        }
        return std::move(order_);
    }

private:
    void place(std::size_t item, std::vector<std::uint32_t> after) {
        order_.items.push_back(item);
        order_.after.push_back(std::move(after));
    }

    void block(std::size_t begin, std::size_t end) {
        auto nodes = nodes_of(begin, end);
        const auto sorted = sort(nodes);
        std::vector<std::uint32_t> place_of(nodes.size()), ends;
        std::vector<bool> is_waited_for(nodes.size(), false);
        for (const std::size_t n : sorted) {
            std::vector<std::uint32_t> after;
            for (const std::size_t w : nodes[n].waits) {
                after.push_back(place_of[w]);
                is_waited_for[w] = true;
            }
            if (after.empty()) after = last_;
            for (std::size_t item = nodes[n].first; item <= nodes[n].last; ++item) {
                place(item, std::move(after));
                after = {static_cast<std::uint32_t>(order_.items.size() - 1)};
            }
            place_of[n] = static_cast<std::uint32_t>(order_.items.size() - 1);
        }
        for (const std::size_t n : sorted) {
            if (!is_waited_for[n]) ends.push_back(place_of[n]);
        }
        last_ = std::move(ends);
    }

    std::vector<Node> nodes_of(std::size_t begin, std::size_t end) const {
        const auto& items = plan_.items;
        std::vector<Node> nodes;
        std::unordered_map<std::string, std::size_t> node_of;
        for (std::size_t i = begin; i < end; ++i) {
            const bool joins = i > begin && items[i].transaction && items[i].transaction == items[i - 1].transaction;
            if (joins) {
                nodes.back().last = i;
            } else {
                nodes.push_back({.first = i, .last = i, .waits = {}});
            }
            node_of.emplace(items[i].name, nodes.size() - 1);
        }
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            const auto wait_for = [&](const std::vector<grammar::Template>& after, const Turn* turn) {
                for (const auto& written : after) {
                    if (plan_.words.is_open(written, turn)) continue;
                    const auto found = node_of.find(plan_.words.text(written, turn));
                    if (found != node_of.end() && found->second != n) nodes[n].waits.push_back(found->second);
                }
            };
            for (std::size_t i = nodes[n].first; i <= nodes[n].last; ++i) wait_for(items[i].syntax->after, items[i].turn);
            if (const auto group = items[nodes[n].first].transaction) wait_for(plan_.transactions[*group].syntax->after, plan_.transactions[*group].turn);
            std::sort(nodes[n].waits.begin(), nodes[n].waits.end());
            nodes[n].waits.erase(std::unique(nodes[n].waits.begin(), nodes[n].waits.end()), nodes[n].waits.end());
        }
        return nodes;
    }

    // The nodes' numbers, each behind those it waits for.
    std::vector<std::size_t> sort(std::vector<Node>& nodes) {
        std::vector<std::size_t> open(nodes.size()), sorted;
        std::vector<std::vector<std::size_t>> waiting(nodes.size());
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            open[n] = nodes[n].waits.size();
            for (const std::size_t w : nodes[n].waits) waiting[w].push_back(n);
        }
        std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            if (open[n] == 0) ready.push(n);
        }
        while (!ready.empty()) {
            const std::size_t n = ready.top();
            ready.pop();
            sorted.push_back(n);
            for (const std::size_t next : waiting[n]) {
                if (--open[next] == 0) ready.push(next);
            }
        }
        if (sorted.size() < nodes.size()) {
            find_cycle(nodes, open);
            for (std::size_t n = 0; n < nodes.size(); ++n) {
                if (open[n] == 0) continue;
                nodes[n].waits.clear();
                sorted.push_back(n);
            }
        }
        return sorted;
    }

    // From any node that still waits, what it waits for still waits as well: the way comes back to a node it has passed.
    void find_cycle(const std::vector<Node>& nodes, const std::vector<std::size_t>& open) {
        if (order_.has_cycle) return;
        order_.has_cycle = true;
        std::vector<std::size_t> way;
        std::size_t at = 0;
        while (open[at] == 0) ++at;
        std::vector<bool> passed(nodes.size(), false);
        while (!passed[at]) {
            passed[at] = true;
            way.push_back(at);
            at = *std::find_if(nodes[at].waits.begin(), nodes[at].waits.end(), [&](std::size_t w) { return open[w] > 0; });
        }
        way.erase(way.begin(), std::find(way.begin(), way.end(), at));
        for (const std::size_t n : way) order_.cycle.push_back(nodes[n].first);
    }

    const ResolvedPlan& plan_;
    std::vector<std::uint32_t> last_;  // places that what comes next waits for
    Order order_;
};

}  // namespace

Order order_of(const ResolvedPlan& plan) { return Ordering(plan).run(); }

}  // namespace cairn::compiler
