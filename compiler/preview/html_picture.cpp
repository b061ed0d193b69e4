#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/escape.hpp"
#include "compiler/preview/html_parts.hpp"
#include "compiler/preview/layout.hpp"

namespace cairn::compiler {

namespace {

// Pixels. Characters are reckoned at the width of the widest usual monospace font.
constexpr int node_height = 42, row_pitch = 70, gutter = 40, margin = 16, group_margin = 9;
constexpr int between_rows = (row_pitch - node_height) / 2;
constexpr int band = 12;  // rows
constexpr int stub = 11;  // from a node to the first bend
constexpr double name_character = 7.9, small_character = 6.7;
constexpr std::size_t widest_name = 34, narrowest_name = 22, widest_picture = 5;

std::string class_of(const Card& card) {
    if (card.kind == "point of no return") return "no-return";
    return card.kind;
}

class Drawing {
public:
    explicit Drawing(const Page& page)
        : page_(page), layout_(layout_of(page.cards, widest_picture)) {
        std::size_t name = narrowest_name;
        std::set<std::string> databases;
        for (const Card& card : page.cards) {
            name = std::max(name, display_width(title_of(card)) + badge_columns(card));
            if (!card.database.empty()) databases.insert(card.database);
        }
        names_databases_ = databases.size() > 1;
        name_columns_ = std::min(name, widest_name);
        node_width_ = static_cast<int>(static_cast<double>(name_columns_) * name_character) + 24;
    }

    Picture draw() {
        for (std::size_t i = 0; i < page_.cards.size(); ++i)
            occupied_.insert({layout_.places[i].column, layout_.places[i].row});
        const int columns = static_cast<int>(layout_.columns);
        const int width = 2 * margin + columns * node_width_ + (columns - 1) * gutter +
                          (columns > 1 ? gutter / 2 : 0);
        const int height =
            2 * margin + static_cast<int>(layout_.rows) * row_pitch - (row_pitch - node_height);
        groups();
        for (const Card& card : page_.cards) {
            for (const std::size_t before : card.after) edge(before - 1, card.number - 1);
        }
        for (const Card& card : page_.cards) node(card);
        std::string out;
        for (int from = 0; from < height;) {
            const int rows_end = from + (from == 0 ? margin - between_rows : 0) + band * row_pitch;
            const int to = rows_end + row_pitch > height ? height : rows_end;
            out += one_band(from, to, width);
            from = to;
        }
        return {.svg = std::move(out), .tall = layout_.columns <= 1};
    }

private:
    // What reaches over a cut is drawn on both sides of it.
    struct Shape {
        int from = 0, to = 0;  // down the picture
        std::string svg;
    };
    void add(int from, int to, std::string svg) { shapes_.push_back({from, to, std::move(svg)}); }

    // A picture of its own, for a page of paper to end between two of them and not in a node.
    [[nodiscard]] std::string one_band(int from, int to, int width) const {
        std::string out = fmt::format(
            "<svg class=\"graph\" viewBox=\"0 {1} {0} {2}\" width=\"{0}\" height=\"{2}\" "
            "role=\"group\" aria-label=\"Step graph{3}: {4} items, each below those it waits "
            "for\">\n",
            width, from, to - from, from == 0 ? "" : ", continued", page_.cards.size());
        if (from == 0)
            out +=
                "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
                "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
                "<path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n";
        for (const Shape& shape : shapes_) {
            if (shape.to > from && shape.from < to) out += shape.svg;
        }
        return out + "</svg>\n";
    }

    [[nodiscard]] static std::string title_of(const Card& card) {
        return fmt::format("{} {}", card.number, card.name);
    }
    [[nodiscard]] static std::string badge(const Card& card) {
        return card.hazards.empty() ? "" : fmt::format("⚠ {}", hazards_in(card));
    }
    [[nodiscard]] static std::size_t badge_columns(const Card& card) {
        return card.hazards.empty() ? 0 : display_width(badge(card)) + 1;
    }
    [[nodiscard]] int left(std::size_t i) const {
        return margin + (layout_.columns > 1 ? gutter / 2 : 0) +
               static_cast<int>(layout_.places[i].column) * (node_width_ + gutter);
    }
    [[nodiscard]] int top(std::size_t i) const {
        return margin + static_cast<int>(layout_.places[i].row) * row_pitch;
    }
    [[nodiscard]] int middle(std::size_t i) const { return left(i) + node_width_ / 2; }

    void groups() {
        std::map<std::uint32_t, std::pair<std::size_t, std::size_t>> members;
        for (std::size_t i = 0; i < page_.cards.size(); ++i) {
            if (!page_.cards[i].transaction) continue;
            members.try_emplace(*page_.cards[i].transaction, i, i).first->second.second = i;
        }
        for (const auto& [number, ends] : members) {
            const auto& [first, last] = ends;
            const int above = group_margin + 5;
            add(top(first) - above, top(last) + node_height + group_margin,
                fmt::format(
                    "<g class=\"group\"><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" "
                    "height=\"{}\" rx=\"10\"/><text x=\"{}\" y=\"{}\">transaction</text></g>\n",
                    html_text(transaction_words(page_, page_.cards[first])),
                    left(first) - group_margin, top(first) - above, node_width_ + 2 * group_margin,
                    top(last) + node_height + group_margin - top(first) + above, left(first) + 2,
                    top(first) - 3));
        }
    }

    // Whether something stands in the way straight down from one to the other.
    [[nodiscard]] bool is_clear(const Place& from, const Place& to) const {
        const auto next = occupied_.upper_bound({from.column, from.row});
        return next != occupied_.end() && next->first == to.column && next->second == to.row;
    }

    void edge(std::size_t from, std::size_t to) {
        const Place &a = layout_.places[from], &b = layout_.places[to];
        const int x1 = middle(from), y1 = top(from) + node_height, x2 = middle(to), y2 = top(to);
        std::string path;
        if (a.column == b.column && is_clear(a, b)) {
            path = fmt::format("M{} {}V{}", x1, y1, y2);
        } else if (b.row == a.row + 1) {
            path = fmt::format("M{} {}C{} {} {} {} {} {}", x1, y1, x1, y2, x2, y1, x2, y2);
        } else {
            // Down beside the column of the one that waits.
            const int beside = left(to) - gutter / 2;
            path =
                fmt::format("M{} {}V{}H{}V{}H{}V{}", x1, y1, y1 + stub, beside, y2 - stub, x2, y2);
        }
        add(y1, y2,
            fmt::format("<path class=\"edge\" d=\"{}\" marker-end=\"url(#arrow)\"/>\n", path));
    }

    // In words, for who does not see it.
    [[nodiscard]] static std::string label(const Card& card) {
        std::string out = fmt::format("{} {} {}", card.number, card.kind, card.name);
        if (!card.database.empty()) out += " on " + card.database;
        if (!card.does.empty()) out += ": " + card.does;
        if (!card.locks.empty() && card.locks.front().strong)
            out += "; locks " + card.locks.front().mode + " on " + card.locks.front().relation;
        if (!card.hazards.empty()) out += "; " + hazards_counted(hazards_in(card));
        if (!card.way_back.text.empty()) out += "; rollback: " + card.way_back.text;
        return out;
    }

    void node(const Card& card) {
        const std::size_t i = card.number - 1;
        const int x = left(i), y = top(i);
        const bool round = card.kind == "checkpoint" || card.kind == "point of no return";
        const std::string said = html_text(label(card));
        std::string out = fmt::format(
            "<a class=\"node {}{}\" href=\"#at-{}\" aria-label=\"{}\"><title>{}</title>"
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            class_of(card), card.hazards.empty() ? "" : " hazardous", card.number, said, said, x, y,
            node_width_, node_height, round ? node_height / 2 : 6);
        const int inset = round ? 22 : 14;
        if (!round)
            out += fmt::format("<path class=\"stripe\" d=\"M{} {}v{}\"/>", x + 5, y + 8,
                               node_height - 16);
        const std::size_t room = name_columns_ - badge_columns(card) - (round ? 2 : 0);
        out += fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>", x + inset, y + 18,
                           html_text(shortened(title_of(card), room)));
        std::string second = card.kind;
        if (names_databases_ && !card.database.empty()) second += " on " + card.database;
        if (!card.does.empty()) second += " · " + card.does;
        const auto small = static_cast<std::size_t>((node_width_ - inset - 10) / small_character);
        out += fmt::format("<text class=\"does\" x=\"{}\" y=\"{}\">{}</text>", x + inset, y + 33,
                           html_text(shortened(second, small)));
        if (!card.hazards.empty())
            out += fmt::format("<text class=\"badge\" x=\"{}\" y=\"{}\">{}</text>",
                               x + node_width_ - 9, y + 18, badge(card));
        add(y, y + node_height, out + "</a>\n");
    }

    const Page& page_;
    Layout layout_;
    std::set<std::pair<std::size_t, std::size_t>> occupied_;
    std::size_t name_columns_ = 0;
    bool names_databases_ = false;  // which one, where the plan has several
    int node_width_ = 0;
    std::vector<Shape> shapes_;
};

}  // namespace

Picture html_picture(const Page& page) {
    return Drawing(page).draw();
}

}  // namespace cairn::compiler
