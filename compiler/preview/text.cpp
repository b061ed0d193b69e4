#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/card.hpp"
#include "compiler/preview/preview.hpp"

namespace cairn::compiler {

namespace {

constexpr const char *bold = "1", *dim = "2", *red = "1;31", *yellow = "33", *green = "32",
                     *blue = "34";

class Writer {
public:
    Writer(const Page& page, bool color)
        : page_(page), color_(color), number_width_(std::to_string(page.cards.size()).size()) {}

    void heading() {
        line(paint(bold, "plan " + page_.plan) +
             (page_.title.empty() ? "" : " \"" + page_.title + "\"") +
             (page_.mode.empty() ? "" : ", " + page_.mode));
        for (const Fact& one : page_.facts)
            line(fmt::format("  {:<10}  {}", one.label, words(one)));
    }

    void items() {
        std::optional<std::uint32_t> open;
        for (const Card& card : page_.cards) {
            const bool inside = card.transaction && card.transaction == open;
            line(inside ? fmt::format("{:{}} │", "", number_width_) : "");
            if (card.transaction && !inside) {
                line(fmt::format("{:{}} ┌ {}", "", number_width_, transaction_words(page_, card)));
            }
            open = card.transaction;
            one_item(card);
        }
    }

    void outlook() {
        line("");
        line(paint(bold, "a rollback would leave done"));
        std::size_t widest = 0;
        for (const Fact& one : page_.left_done) widest = std::max(widest, one.label.size());
        for (const Fact& one : page_.left_done)
            line(fmt::format("  {:<{}}  {}", one.label, widest, words(one)));
        if (page_.left_done.empty()) line("  nothing");
        if (page_.only_database.empty()) return;
        line("");
        line(paint(bold, "only a database can tell"));
        for (const auto& one : page_.only_database) line("  " + one);
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    [[nodiscard]] std::string paint(const char* how, const std::string& text) const {
        return color_ && how != nullptr && !text.empty()
                   ? fmt::format("\x1b[{}m{}\x1b[0m", how, text)
                   : text;
    }
    [[nodiscard]] static const char* color_of(Tone tone) {
        switch (tone) {
            case Tone::plain:
                break;
            case Tone::quiet:
                return dim;
            case Tone::good:
                return green;
            case Tone::caution:
                return yellow;
            case Tone::bad:
                return red;
        }
        return nullptr;
    }
    [[nodiscard]] std::string words(const Fact& fact) const {
        std::string out;
        for (const Words& part : fact.parts)
            out += (out.empty() ? "" : fact.between) + paint(color_of(part.tone), part.text);
        return out;
    }
    void line(const std::string& text) { out_ += text + "\n"; }

    // Inside an item everything stands right of its number, behind the bar of its transaction.
    void detail(const std::string& text) {
        line(fmt::format("{:{}} {} {}", "", number_width_, bar_, text));
    }

    void one_item(const Card& card) {
        bar_ = card.transaction ? "│" : " ";
        std::string title = paint(bold, card.kind + " " + card.name);
        if (!card.database.empty()) title += " on " + card.database;
        line(fmt::format("{:>{}} {} {}", card.number, number_width_, bar_, title));
        if (card.order) show(*card.order, nullptr);
        if (card.when) {
            detail("  when");
            show(*card.when, nullptr);
        }
        for (const auto* lines : {&card.body, &card.back, &card.found, &card.measured}) {
            for (const Line& one : *lines)
                std::visit([&](const auto& l) { show(l, lines == &card.back ? blue : nullptr); },
                           one);
        }
    }

    void show(const Fact& fact, const char* /*color*/) {
        detail(fmt::format("  {:<8} {}", fact.label, words(fact)));
    }
    // Locks and hazards as comments under the statement they belong to.
    void show(const ShownSql& sql, const char* color) {
        for (const auto& one : sql.lines) {
            const bool last = &one == &sql.lines.back();
            detail("    " + paint(color, one) +
                   (last && !sql.guard.empty() ? paint(dim, "  -- " + sql.guard) : ""));
        }
        std::string locks;
        for (const ShownLock& lock : sql.locks) {
            locks += (locks.empty() ? "" : ", ") + paint(lock.strong ? yellow : dim, lock.mode) +
                     " on " + lock.relation;
        }
        if (!locks.empty()) detail("    " + paint(dim, "-- locks") + " " + locks);
        for (const ShownHazard& hazard : sql.hazards)
            detail("    " + paint(dim, "-- ") + paint(yellow, hazard.code) + " " + hazard.message);
    }
    void show(const ShownCheck& check, const char* color) {
        detail(fmt::format("  {}{}{}", check.warn ? paint(yellow, "warn ") : "", check.title,
                           check.expected.empty() ? "" : ": " + paint(green, check.expected)));
        if (check.query) show(*check.query, color);
        if (!check.query_elsewhere) return;
        detail("    " + paint(dim, "-- on " + check.elsewhere));
        show(*check.query_elsewhere, color);
    }

    const Page& page_;
    bool color_;
    std::size_t number_width_;
    const char* bar_ = " ";
    std::string out_;
};

}  // namespace

std::string preview_text(const Compiled& compiled, bool color, const Beside& beside) {
    const Page page = page_of(compiled, beside);
    Writer writer(page, color);
    writer.heading();
    writer.items();
    writer.outlook();
    return writer.take();
}

}  // namespace cairn::compiler
