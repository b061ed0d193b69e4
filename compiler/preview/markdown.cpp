// A comment under a review. Texts of the plan stand in <code>, as references to characters where
// they could be markup: backticks can't quote a backtick, nor a bar in a table.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/preview/card.hpp"
#include "compiler/preview/escape.hpp"
#include "compiler/preview/preview.hpp"

namespace cairn::compiler {

namespace {

// What one text may take of a table or a heading, in columns.
constexpr std::size_t widest_text = 160;

std::string prose(std::string_view text) {
    return markdown_text(shortened(text, widest_text));
}
std::string code(std::string_view text) {
    return text.empty() ? "" : "<code>" + prose(text) + "</code>";
}
// Without a limit: in the details of an item nothing is left out.
std::string whole(std::string_view text) {
    return text.empty() ? "" : "<code>" + markdown_text(text) + "</code>";
}

std::string words(const Fact& fact) {
    std::string out;
    for (const Words& part : fact.parts) {
        out += (out.empty() ? "" : fact.between) + (part.tone == Tone::bad
                                                        ? "**" + markdown_text(part.text) + "**"
                                                        : markdown_text(part.text));
    }
    return out;
}

// "3, 5–9"
std::string ranges(const std::vector<std::size_t>& numbers) {
    constexpr std::size_t most = 20;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        out.push_back(last == i ? std::to_string(numbers[i])
                                : fmt::format("{}–{}", numbers[i], numbers[last]));
        i = last + 1;
    }
    const std::size_t rest = out.size() > most ? out.size() - most : 0;
    out.resize(std::min(out.size(), most));
    return fmt::format("{}{}", fmt::join(out, ", "), rest > 0 ? ", and further ones" : "");
}

// Writes as long as there is room. Bytes are counted, of which a text has never fewer than
// characters.
class Comment {
public:
    Comment(const Page& page, std::size_t limit) : page_(page), limit_(limit) {}

    [[nodiscard]] std::string write() {
        const std::string end = outlook();
        heading();
        // Each part leaves room for those after it, and for the sentences that say what is cut.
        hazards(limit_ / 4);
        table(limit_ * 5 / 8);
        details(limit_ - std::min(limit_, end.size() + room_for_a_note));
        return std::move(out_) + end;
    }

private:
    static constexpr std::size_t room_for_a_note = 600;

    [[nodiscard]] bool fits(const std::string& text, std::size_t until) const {
        return out_.size() + text.size() <= until;
    }
    void cut(const std::string& what) {
        out_ += fmt::format(
            "\n> **Cut:** {} left out, for the comment to stay within {} characters. "
            "<code>cairn preview PLAN</code> shows everything.\n",
            what, limit_);
    }

    void heading() {
        out_ += "## Plan " + code(page_.plan) +
                (page_.title.empty() ? "" : ": " + prose(page_.title)) +
                (page_.mode.empty() ? "" : " (" + page_.mode + ")") + "\n\n";
        std::size_t shown = 0;
        for (const Fact& fact : page_.facts) {
            const std::string label = fact.label.empty() ? "" : fact.label + " ";
            std::string text;
            for (const Words& part : fact.parts) text += part.text;
            const std::string line = "- " + label + code(text) + "\n";
            if (!fits(line, limit_ / 8) && fact.label.empty()) continue;
            out_ += line;
            ++shown;
        }
        if (shown < page_.facts.size())
            cut(fmt::format("{} parameters are", page_.facts.size() - shown));
    }

    void hazards(std::size_t until) {
        std::size_t all = 0, shown = 0;
        for (const Card& card : page_.cards) all += hazards_in(card);
        if (all == 0) {
            out_ += "\n**No hazards** are seen in the statements.\n";
            return;
        }
        out_ += "\n### ⚠ " + hazards_counted(all) + "\n\n";
        bool room = true;
        for (const Card& card : page_.cards) {
            for (const ShownHazard& hazard : card.hazards) {
                const std::string line =
                    fmt::format("- **{}** in {} {}: {}\n", hazard.code, card.number,
                                code(card.name), prose(hazard_words(hazard)));
                room = room && fits(line, until);
                if (!room) continue;
                out_ += line;
                shown += hazard.times;
            }
        }
        if (shown < all) cut(fmt::format("{} of {} hazards are", all - shown, all));
    }

    [[nodiscard]] std::string row(const Card& card, bool figures) const {
        std::string locks;
        constexpr std::size_t most = 4;
        for (std::size_t i = 0; i < std::min(most, card.locks.size()); ++i) {
            const ShownLock& lock = card.locks[i];
            locks += (locks.empty() ? "" : "<br>") +
                     (lock.strong ? "**" + lock.mode + "**" : lock.mode) + " " +
                     code(lock.relation);
        }
        if (card.locks.size() > most)
            locks += fmt::format("<br>and {} weaker or equal", card.locks.size() - most);
        std::vector<std::string> codes;
        for (const ShownHazard& hazard : card.hazards) {
            if (std::find(codes.begin(), codes.end(), hazard.code) == codes.end())
                codes.push_back(hazard.code);
        }
        std::string back = markdown_text(card.way_back.text);
        if (card.way_back.tone == Tone::bad) back = "**" + back + "**";
        std::string out =
            fmt::format("| {} | {} {}{} | {}{} | {} | {}{} | {} |", card.number, card.kind,
                        code(card.name), card.database.empty() ? "" : " on " + code(card.database),
                        card.when ? "only when its query says so: " : "",
                        card.kind == "run" ? code(card.does) : prose(card.does), locks,
                        codes.empty() ? "" : "⚠ ", fmt::join(codes, " "), back);
        if (figures) out += " " + prose(card.figures) + " |";
        return out + "\n";
    }

    void table(std::size_t until) {
        if (page_.cards.empty()) return;
        const bool figures = std::any_of(page_.cards.begin(), page_.cards.end(),
                                         [](const Card& card) { return !card.measured.empty(); });
        out_ += fmt::format("\n### {} item{}\n\n", page_.cards.size(),
                            page_.cards.size() == 1 ? "" : "s");
        out_ += "| # | item | does | locks | hazards | rollback |";
        out_ += figures ? " measured |\n" : "\n";
        out_ += "| ---: | --- | --- | --- | --- | --- |";
        out_ += figures ? " --- |\n" : "\n";
        std::vector<std::size_t> missing;
        for (const Card& card : page_.cards) {
            const std::string one = row(card, figures);
            if (!missing.empty() || !fits(one, until)) {
                missing.push_back(card.number);
            } else {
                out_ += one;
            }
        }
        if (!missing.empty())
            cut(fmt::format("the rows of {} of {} items ({}) are", missing.size(),
                            page_.cards.size(), ranges(missing)));
    }

    void details(std::size_t until) {
        // One that is very long is left out alone; otherwise the first without room is the last.
        std::vector<std::size_t> missing;
        bool room = true;
        for (const Card& card : page_.cards) {
            const std::string one = detail(card);
            if (room && fits(one, until)) {
                out_ += one;
                continue;
            }
            room = room && one.size() > limit_ / 4;
            missing.push_back(card.number);
        }
        if (!missing.empty())
            cut(fmt::format("SQL, locks and rollback of {} of {} items ({}) are", missing.size(),
                            page_.cards.size(), ranges(missing)));
    }

    // Statements that follow each other share a fence; facts and checks are lines of a list.
    class Block {
    public:
        void add(const Line& line) {
            std::visit([this](const auto& one) { put(one); }, line);
        }
        void put(const Fact& fact) {
            close();
            const std::string label = fact.label.empty() ? "" : markdown_text(fact.label) + ": ";
            out_ += "- " + label + words(fact) + "\n";
        }
        void put(const ShownSql& sql) {
            for (const auto& line : sql.lines) {
                const bool last = &line == &sql.lines.back();
                sql_ += line + (last && !sql.guard.empty() ? "  -- " + sql.guard : "") + "\n";
            }
            std::string locks;
            for (const ShownLock& lock : sql.locks)
                locks += (locks.empty() ? "" : ", ") + lock.mode + " on " + lock.relation;
            if (!locks.empty()) sql_ += "-- locks " + locks + "\n";
            for (const ShownHazard& hazard : sql.hazards)
                sql_ += "-- " + hazard.code + " " + hazard.message + "\n";
        }
        void put(const ShownCheck& check) {
            close();
            out_ += std::string("- ") + (check.warn ? "**warn** " : "") +
                    markdown_text(check.title) +
                    (check.expected.empty() ? "" : ": " + markdown_text(check.expected)) + "\n";
            if (check.query) put(*check.query);
            if (!check.query_elsewhere) return;
            sql_ += "-- on " + check.elsewhere + "\n";
            put(*check.query_elsewhere);
        }
        [[nodiscard]] std::string take() {
            close();
            return std::move(out_);
        }

    private:
        void close() {
            if (sql_.empty()) return;
            const std::string fence = markdown_fence(sql_);
            out_ += "\n" + fence + "sql\n" + sql_ + fence + "\n\n";
            sql_.clear();
        }
        std::string out_, sql_;
    };

    [[nodiscard]] std::string detail(const Card& card) const {
        Block block;
        if (card.transaction) {
            block.put(Fact{.label = "commits", .parts = {{transaction_words(page_, card)}}});
        }
        if (card.order) block.put(*card.order);
        if (card.when) {
            block.put(Fact{.label = "when", .parts = {{"this is true"}}});
            block.put(*card.when);
        }
        for (const auto* lines : {&card.body, &card.back, &card.found, &card.measured}) {
            for (const Line& line : *lines) block.add(line);
        }
        const std::string inside = block.take();
        if (inside.empty()) return "";
        return fmt::format("\n<details><summary>{} {} {}{}{}</summary>\n\n{}\n</details>\n",
                           card.number, card.kind, whole(card.name),
                           card.database.empty() ? "" : " on " + whole(card.database),
                           card.hazards.empty() ? "" : " ⚠", inside);
    }

    // Each list has an eighth of the room.
    [[nodiscard]] std::string list(const std::vector<std::string>& lines) const {
        std::string out;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (out.size() + lines[i].size() > limit_ / 8)
                return out + fmt::format("- **Cut:** {} more\n", lines.size() - i);
            out += "- " + lines[i] + "\n";
        }
        return out;
    }
    [[nodiscard]] std::string outlook() const {
        std::vector<std::string> left, unknown;
        for (const Fact& one : page_.left_done)
            left.push_back(code(one.label) + ": " + prose(one.parts.front().text));
        for (const auto& one : page_.only_database) unknown.push_back(prose(one));
        std::string out = "\n### A rollback would leave done\n\n";
        out += left.empty() ? "Nothing.\n" : list(left);
        if (!unknown.empty()) out += "\n### Only a database can tell\n\n" + list(unknown);
        return out;
    }

    const Page& page_;
    std::size_t limit_;
    std::string out_;
};

}  // namespace

std::string preview_markdown(const Compiled& compiled, const Beside& beside,
                             std::size_t limit) {
    const Page page = page_of(compiled, beside);
    return Comment(page, limit).write();
}

}  // namespace cairn::compiler
