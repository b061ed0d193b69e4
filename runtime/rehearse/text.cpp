// A rehearsal's report for reviewers: a table to read at a glance, then what was not as it should
// be.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/words.hpp"
#include "runtime/rehearse/rehearse.hpp"
#include "runtime/report/table.hpp"
#include "runtime/report/words.hpp"

namespace cairn::rehearse {
namespace {

using report::Paint;

constexpr std::size_t most_lines = 20;  // of one list of differences

std::string grade(const ItemReport& item) {
    if (item.rollback) return name(*item.rollback);
    return item.state == ItemState::applied ? "-" : "";
}

// A cell padded before it is painted: colours take no room.
std::string painted(const Paint& paint, const std::string& text, std::size_t width, bool good,
                    bool bad) {
    const auto padded = report::pad(text, width);
    return good ? paint.good(padded) : bad ? paint.bad(padded) : padded;
}

// A remark that stands behind its item's line.
bool is_short(const std::string& note) {
    return !note.empty() && note.size() <= 60 && note.find('\n') == std::string::npos;
}

// Without the blanks at its end.
std::string ended(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

// The strongest of all, `ACCESS EXCLUSIVE public.users`; of several as strong the one held longest.
const HeldLock* strongest(const ItemReport& item) {
    const auto rank = [](const HeldLock& lock) { return std::pair(lock.mode, lock.held); };
    const auto at = std::max_element(
        item.locks.begin(), item.locks.end(),
        [&](const auto& one, const auto& other) { return rank(one) < rank(other); });
    return at == item.locks.end() ? nullptr : &*at;
}

// Blanks and line ends as one blank.
std::string one_line(const std::string& sql) {
    std::string line;
    for (const char c : sql) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank || (!line.empty() && line.back() != ' ')) line += blank ? ' ' : c;
    }
    return line;
}

std::string in_words(const HeldLock& lock) {
    return fmt::format("{} {} {}", sql::name(lock.mode), lock.relation,
                       report::in_words(lock.held));
}

std::string in_words(const StatementReport& statement) {
    std::vector<std::string> said{report::in_words(statement.took)};
    if (statement.rows) said.push_back(report::counted(static_cast<std::uint64_t>(*statement.rows), "row"));
    if (statement.wal_bytes > 0) said.push_back(compiler::bytes_in_words(statement.wal_bytes) + " of WAL");
    for (const auto& lock : statement.locks) said.push_back(in_words(lock));
    if (!statement.rewrites.empty())
        said.push_back(fmt::format("rewrote {}", fmt::join(statement.rewrites, ", ")));
    return fmt::format("    {}. {}\n       {}\n", statement.statement + 1,
                       report::fit(compiler::printable(one_line(statement.sql)), 80), fmt::join(said, ", "));
}

std::string rewritten(const ItemReport& item) {
    if (item.rewrites.empty()) return "";
    const auto more = item.rewrites.size() - 1;
    return item.rewrites.front() + (more > 0 ? fmt::format(" and {} more", more) : "");
}

struct Row {
    const ItemReport* item;
    std::string lock, rewrites;
};
struct Widths {
    std::size_t name = 4, lock = 14, rewrites = 8;
};

std::string line_of(const Row& row, const Paint& paint, const Widths& widths) {
    const auto& item = *row.item;
    const bool failed = item.state == ItemState::failed;
    const bool good = item.rollback == Grade::exact || item.rollback == Grade::column_order;
    const bool bad = item.rollback == Grade::differs || item.rollback == Grade::failed;
    return ended(fmt::format(
        "  {}  {}  {}  {:>8}  {:>12}  {:>8}  {}  {}  {}", report::pad(item.name, widths.name),
        painted(paint, name(item.state), 7, item.state == ItemState::applied, failed),
        painted(paint, grade(item), 12, good, bad), item.took ? report::in_words(*item.took) : "",
        item.rows ? report::grouped(static_cast<std::uint64_t>(*item.rows)) : "",
        item.wal_bytes ? compiler::bytes_in_words(*item.wal_bytes) : "",
        report::pad(row.lock, widths.lock), report::pad(row.rewrites, widths.rewrites),
        is_short(item.note) ? paint.faint(item.note) : ""));
}

std::string table(const std::vector<ItemReport>& items, const Paint& paint) {
    std::vector<Row> rows;
    Widths widths;
    for (const auto& item : items) {
        const auto* lock = strongest(item);
        rows.push_back({&item, lock ? in_words(*lock) : "", rewritten(item)});
        widths.name = std::clamp<std::size_t>(item.name.size(), widths.name, 40);
        widths.lock = std::clamp<std::size_t>(rows.back().lock.size(), widths.lock, 60);
        widths.rewrites = std::clamp<std::size_t>(rows.back().rewrites.size(), widths.rewrites, 40);
    }
    std::string text =
        paint.faint(fmt::format("  {}  {}  {}  {:>8}  {:>12}  {:>8}  {}  rewrites",
                                report::pad("item", widths.name), report::pad("state", 7),
                                report::pad("rollback", 12), "time", "rows", "WAL",
                                report::pad("strongest lock", widths.lock))) +
        "\n";
    for (const auto& row : rows) text += line_of(row, paint, widths);
    return text;
}

std::string list(const std::vector<std::string>& lines, const std::string& indent) {
    std::string text;
    for (std::size_t at = 0; at < std::min(lines.size(), most_lines); ++at)
        text += indent + lines[at] + "\n";
    if (lines.size() > most_lines)
        text += indent + fmt::format("… and {} more\n", lines.size() - most_lines);
    return text;
}

std::string indented(const std::string& text, const std::string& indent) {
    std::string all;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        all += indent + text.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    return all;
}

// What there is to say about one item beside its line.
std::string remarks(const ItemReport& item, const compiler::Sources& sources, bool color) {
    std::string text;
    if (item.error) text += indented(compiler::to_text(*item.error, sources, color), "    ");
    for (const auto& check : item.checks)
        if (!check.passed && !check.window_only && !check.message.empty())
            text += fmt::format("    {}{}: {}\n", check.warn ? "warning, " : "", check.title,
                                check.message);
    if (item.statements.size() > 1)
        for (const auto& statement : item.statements) text += in_words(statement);
    if (item.locks.size() > 1)
        for (const auto& lock : item.locks) text += "    held " + in_words(lock) + "\n";
    if (item.rewrites.size() > 1)
        text += fmt::format("    rewrote {}\n", fmt::join(item.rewrites, ", "));
    if (!item.differences.empty()) {
        text += item.rows_given_up             ? "    lost, as `keep no rows` says:\n"
                : item.rollback == Grade::none ? "    left behind, as `rollback none` says:\n"
                                               : "    after the rollback:\n";
        text += list(item.differences, "      ");
    }
    if (!item.note.empty() && !is_short(item.note)) text += indented(item.note, "    ");
    return text.empty() ? text : "\n  " + item.name + "\n" + text;
}

// Whether each check can fail, and by what it was seen to.
std::string checks(const std::vector<CheckProof>& proofs, const Paint& paint) {
    std::size_t widest_item = 4, widest_title = 5;
    for (const auto& proof : proofs) {
        widest_item = std::clamp<std::size_t>(proof.item.size(), widest_item, 40);
        widest_title = std::clamp<std::size_t>(proof.title.size(), widest_title, 60);
    }
    std::string text =
        "\n" +
        paint.faint(fmt::format("  {}  {}  tripped by", report::pad("item", widest_item),
                                report::pad("check", widest_title))) +
        "\n";
    for (const auto& proof : proofs) {
        const auto how = proof.tripped_by ? report::fit(*proof.tripped_by, 80)
                         : !proof.note.empty()
                             ? paint.faint(proof.note)
                             : paint.bad(fmt::format("nothing: it protects nothing ({} ways tried)",
                                                     proof.tried));
        text += ended(fmt::format("  {}  {}  {}", report::pad(proof.item, widest_item),
                                  report::pad(proof.title, widest_title), how));
    }
    return text;
}

// How many of the points at which the runner was killed it survived, and those it did not.
std::string crashes(const CrashReport& crash) {
    std::string text;
    for (const bool back : {false, true}) {
        std::size_t tried = 0, survived = 0;
        std::string failures;
        for (const auto& point : crash.points) {
            if (point.in_rollback != back) continue;
            ++tried;
            if (point.survived()) {
                ++survived;
                continue;
            }
            failures += fmt::format("  killed at {} ({})\n", point.number, point.name);
            if (!point.error.empty()) failures += "    " + point.error + "\n";
            failures += list(point.differences, "    ");
        }
        text += fmt::format(
            "killed between its actions, the {} ended as undisturbed at {} of {} "
            "points tried, of {}\n",
            back ? "rollback" : "apply", survived, tried,
            back ? crash.rollback_points : crash.apply_points);
        text += failures;
    }
    return text;
}

std::string verdict(const Report& report, const Paint& paint) {
    const auto count = [&](auto holds) {
        return static_cast<std::uint64_t>(
            std::count_if(report.items.begin(), report.items.end(), holds));
    };
    const auto failed = count([](const auto& item) { return item.state == ItemState::failed; });
    const auto differing = count([](const auto& item) {
        return item.state == ItemState::applied &&
               (item.rollback == Grade::differs || item.rollback == Grade::failed);
    });
    const auto without = count([](const auto& item) { return item.rollback == Grade::none; });
    const auto given_up = count([](const auto& item) { return item.rows_given_up; });
    if (report.proved) {
        const std::string but =
            without > 0 ? fmt::format(" but for {} with {}",
                                      without == 1 ? "one item" : fmt::format("{} items", without),
                                      given_up == 0         ? "`rollback none`"
                                      : given_up == without ? "`keep no rows`"
                                                            : "`rollback none` or `keep no rows`")
                        : "";
        const std::string text = fmt::format(
            "proved: it runs, its rollback gives everything back{}, and it runs again", but);
        return paint.good(text) + "\n";
    }
    std::vector<std::string> why;
    if (failed > 0) why.push_back(report::counted(failed, "item") + " failed");
    if (differing > 0)
        why.push_back(report::counted(differing, "rollback") + " did not give everything back");
    if (report.error && failed == 0 && differing == 0)
        why.emplace_back("the rollback or the second apply failed");
    if (report.crash && std::any_of(report.crash->points.begin(), report.crash->points.end(),
                                    [](const auto& point) { return !point.survived(); }))
        why.emplace_back("a killed run did not end as an undisturbed one");
    if (report.over_budget && !report.over_budget->empty())
        why.push_back(report::counted(report.over_budget->size(), "lock") + " held for too long");
    if (!report.second_apply.empty()) why.emplace_back("the second apply gave something else");
    return paint.bad(fmt::format("not proved: {}", fmt::join(why, ", "))) + "\n";
}

}  // namespace

std::string report_text(const Report& report, const compiler::Sources& sources, bool color) {
    const Paint paint(color);
    std::string text = fmt::format("rehearsal of {}  {}\n\n", paint.strong(report.plan),
                                   paint.faint(report.digest));
    text += table(report.items, paint);
    for (const auto& item : report.items) text += remarks(item, sources, color);
    const bool told = std::any_of(report.items.begin(), report.items.end(), [&](const auto& item) {
        return report.error && item.error && item.error->message == report.error->message;
    });
    if (report.error && !told) text += "\n" + compiler::to_text(*report.error, sources, color);
    text += report.second_apply.empty() && !report.error
                ? "\nthe second apply gave what the first one gave\n"
            : report.second_apply.empty() ? ""
                                          : "\nthe second apply, against the first one:\n";
    text += list(report.second_apply, "  ");
    if (report.over_budget)
        for (const auto& each : *report.over_budget)
            text += "\n" + compiler::to_text(each, sources, color);
    if (report.checks && !report.checks->empty()) text += checks(*report.checks, paint);
    if (report.crash) text += "\n" + crashes(*report.crash);
    for (const auto& note : report.notes) text += paint.faint("note: " + note) + "\n";
    return text + "\n" + verdict(report, paint);
}

}  // namespace cairn::rehearse
