// The page has no script, and its policy allows none: what a plan's texts hold stays text twice
// over. Items open as <details> do; a link into one opens it.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/preview/card.hpp"
#include "compiler/preview/escape.hpp"
#include "compiler/preview/html_parts.hpp"
#include "compiler/preview/preview.hpp"

namespace cairn::compiler {

namespace {

std::string code(std::string_view text) {
    return "<code>" + html_text(text) + "</code>";
}

const char* class_of(Tone tone) {
    switch (tone) {
        case Tone::plain:
            break;
        case Tone::quiet:
            return "quiet";
        case Tone::good:
            return "good";
        case Tone::caution:
            return "caution";
        case Tone::bad:
            return "bad";
    }
    return "";
}

std::string words(const Fact& fact) {
    std::string out;
    for (const Words& part : fact.parts) {
        if (!out.empty()) out += fact.between;
        out += part.tone == Tone::plain ? html_text(part.text)
                                        : fmt::format("<span class=\"{}\">{}</span>",
                                                      class_of(part.tone), html_text(part.text));
    }
    return out;
}

std::string facts(const std::vector<Fact>& list) {
    std::string out = "<dl>\n";
    for (const Fact& one : list)
        out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_text(one.label), words(one));
    return out + "</dl>\n";
}

std::string chip(std::string_view how, std::string_view text) {
    return fmt::format(" <span class=\"chip {}\">{}</span>", how, html_text(text));
}

// The lines of one part of an item: facts that follow each other share a list.
class Block {
public:
    void put(const Fact& fact) { facts_.push_back(fact); }
    void put(const ShownSql& sql) {
        close();
        out_ += "<pre><code>";
        for (const auto& line : sql.lines)
            out_ += html_text(line) + (&line == &sql.lines.back() ? "" : "\n");
        out_ += "</code></pre>\n";
        std::string under;
        for (const ShownLock& lock : sql.locks)
            under +=
                fmt::format("<li>locks <span class=\"{}\">{}</span> on {}</li>\n",
                            lock.strong ? "strong-lock" : "quiet", lock.mode, code(lock.relation));
        for (const ShownHazard& hazard : sql.hazards)
            under += fmt::format("<li class=\"hazard\">⚠ <b>{}</b> {}</li>\n", hazard.code,
                                 html_text(hazard.message));
        if (!sql.guard.empty()) under += "<li class=\"quiet\">" + html_text(sql.guard) + "</li>\n";
        if (!under.empty()) out_ += "<ul class=\"plain under\">\n" + under + "</ul>\n";
    }
    void put(const ShownCheck& check) {
        close();
        out_ +=
            fmt::format("<p>{}{}{}</p>\n", check.warn ? "<span class=\"caution\">warn</span> " : "",
                        html_text(check.title),
                        check.expected.empty()
                            ? ""
                            : ": <span class=\"good\">" + html_text(check.expected) + "</span>");
        if (check.query) put(*check.query);
        if (!check.query_elsewhere) return;
        out_ += "<p class=\"quiet\">on " + html_text(check.elsewhere) + "</p>\n";
        put(*check.query_elsewhere);
    }
    void add(const std::vector<Line>& lines) {
        for (const Line& line : lines) std::visit([this](const auto& one) { put(one); }, line);
    }
    // Nothing, if nothing was put.
    [[nodiscard]] std::string take(const std::string& title) {
        close();
        return out_.empty() ? "" : "<h3>" + title + "</h3>\n" + std::move(out_);
    }

private:
    void close() {
        if (facts_.empty()) return;
        out_ += facts(facts_);
        facts_.clear();
    }
    std::string out_;
    std::vector<Fact> facts_;
};

class Document {
public:
    explicit Document(const Page& page) : page_(page) {}

    std::string write() {
        head();
        heading();
        hazards();
        out_ += "</header>\n";
        const Picture picture = html_picture(page_);
        out_ += fmt::format("<main class=\"{}\">\n", picture.tall ? "beside" : "above");
        if (!page_.cards.empty()) graph(picture);
        items();
        out_ += "</main>\n<footer>\n";
        out_ += "<h2>A rollback would leave done</h2>\n";
        out_ += page_.left_done.empty() ? "<p>Nothing.</p>\n" : facts(page_.left_done);
        if (!page_.only_database.empty()) {
            out_ += "<h2>Only a database can tell</h2>\n<ul>\n";
            for (const auto& one : page_.only_database) out_ += "<li>" + html_text(one) + "</li>\n";
            out_ += "</ul>\n";
        }
        return std::move(out_) + "</footer>\n</body>\n</html>\n";
    }

private:
    void head() {
        out_ += fmt::format(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n<title>{}: what apply would do</title>\n"
            "<style>{}</style>\n</head>\n<body>\n",
            html_text(page_.plan), html_style());
        out_ += "<a class=\"skip\" href=\"#items\">Skip to the items</a>\n";
    }

    void heading() {
        out_ += fmt::format("<header>\n<h1>Plan {}</h1>\n", html_text(page_.plan));
        std::string under = html_text(page_.title);
        if (!page_.mode.empty()) under += (under.empty() ? "" : ", ") + page_.mode;
        if (!under.empty()) out_ += "<p class=\"subtitle\">" + under + "</p>\n";
        out_ += facts(page_.facts);
    }

    void hazards() {
        std::string list;
        std::size_t count = 0;
        for (const Card& card : page_.cards) {
            for (const ShownHazard& hazard : card.hazards) {
                count += hazard.times;
                list += fmt::format("<li><b>{}</b> in <a href=\"#at-{}\">{} {}</a>: {}</li>\n",
                                    hazard.code, card.number, card.number, html_text(card.name),
                                    html_text(hazard_words(hazard)));
            }
        }
        if (count == 0) return;
        out_ += fmt::format(
            "<section class=\"hazards\" aria-labelledby=\"hazards\">\n<h2 id=\"hazards\">⚠ {}"
            "</h2>\n<ul class=\"plain\" tabindex=\"0\" "
            "aria-labelledby=\"hazards\">\n{}</ul>\n</section>\n",
            hazards_counted(count), list);
    }

    void graph(const Picture& picture) {
        out_ +=
            "<nav aria-labelledby=\"graph\">\n<h2 id=\"graph\">Who waits for whom</h2>\n"
            "<div class=\"picture\">\n" +
            picture.svg +
            "</div>\n<ul class=\"key\" aria-hidden=\"true\">"
            "<li><span style=\"background:var(--step)\"></span>step</li>"
            "<li><span style=\"background:var(--check)\"></span>check</li>"
            "<li><span style=\"background:var(--outside)\"></span>command, wait</li>"
            "<li><span style=\"background:var(--mark)\"></span>checkpoint</li>"
            "<li>⚠ hazards</li></ul>\n</nav>\n";
    }

    void items() {
        out_ += fmt::format(
            "<section class=\"items\" id=\"items\" tabindex=\"-1\" aria-labelledby=\"order\">\n"
            "<h2 id=\"order\">{} item{}, in the order in which they run</h2>\n",
            page_.cards.size(), page_.cards.size() == 1 ? "" : "s");
        if (page_.cards.size() > 1)
            out_ +=
                "<label class=\"all\"><input type=\"checkbox\" id=\"all\"> Show what is in "
                "all of them</label>\n";
        std::optional<std::uint32_t> open;
        for (const Card& card : page_.cards) {
            if (open && card.transaction != open) out_ += "</div>\n";
            if (card.transaction && card.transaction != open)
                out_ += "<div class=\"transaction\">\n<p>" +
                        html_text(transaction_words(page_, card)) + "</p>\n";
            open = card.transaction;
            item(card);
        }
        out_ += open ? "</div>\n</section>\n" : "</section>\n";
    }

    void item(const Card& card) {
        const bool no_return = card.kind == "point of no return";
        out_ += fmt::format(
            "<details class=\"item {}\">\n<summary><span class=\"number\">{}"
            "</span> {} <span class=\"name mono\">{}</span>",
            no_return ? "no-return" : card.kind, card.number, card.kind, html_text(card.name));
        if (!card.database.empty()) out_ += " on " + html_text(card.database);
        if (!card.hazards.empty()) out_ += chip("warn", "⚠ " + hazards_counted(hazards_in(card)));
        if (!card.locks.empty() && card.locks.front().strong) {
            const ShownLock& lock = card.locks.front();
            out_ += chip("strong", lock.mode + " on " + shortened(lock.relation, 40));
        }
        if (!card.way_back.text.empty())
            out_ += chip(class_of(card.way_back.tone), "rollback: " + card.way_back.text);
        if (!card.figures.empty()) out_ += chip("", card.figures);
        if (!card.does.empty())
            out_ += "<span class=\"does\">" + html_text(shortened(card.does, 160)) + "</span>";
        out_ += fmt::format("</summary>\n<div class=\"inside\" id=\"at-{}\">\n", card.number);
        inside(card);
        out_ += "</div>\n</details>\n";
    }

    void inside(const Card& card) {
        const std::size_t before = out_.size();
        Block when, body, back, found, measured;
        if (card.order) out_ += facts({*card.order});
        if (card.when) when.put(*card.when);
        body.add(card.body);
        back.add(card.back);
        found.add(card.found);
        measured.add(card.measured);
        out_ += when.take("Only when this is true") + body.take("What runs");
        if (card.locks.size() > 1) {
            out_ += "<h3>Locks, the strongest on each</h3>\n<ul class=\"plain under\">\n";
            for (const ShownLock& lock : card.locks)
                out_ += fmt::format("<li><span class=\"{}\">{}</span> on {}</li>\n",
                                    lock.strong ? "strong-lock" : "quiet", lock.mode,
                                    code(lock.relation));
            out_ += "</ul>\n";
        }
        out_ += back.take("The way back") + found.take("In the database now") +
                measured.take("As a rehearsal measured it");
        if (out_.size() == before) out_ += "<p class=\"quiet\">It sends nothing.</p>\n";
    }

    const Page& page_;
    std::string out_;
};

}  // namespace

std::string preview_html(const Compiled& compiled, const Beside& beside) {
    const Page page = page_of(compiled, beside);
    return Document(page).write();
}

}  // namespace cairn::compiler
