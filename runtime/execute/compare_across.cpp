#include "runtime/execute/compare_across.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/execute/answer.hpp"
#include "runtime/execute/comparable.hpp"
#include "runtime/execute/merge_rows.hpp"
#include "runtime/execute/unreadable.hpp"

namespace cairn::execute {

namespace {

using postgres::Answer;
using postgres::RowStream;
using postgres::Session;

constexpr std::size_t most_shown = 10;
constexpr std::size_t longest_value = 80;  // bytes of a value inside a message

struct Side {
    Session& session;
    const std::string& query;
    bool elsewhere;
    std::vector<std::string> names{};
    std::vector<ComparedColumn> columns{};

    [[nodiscard]] std::string ordered() const {
        return ordered_texts(query, columns, sorts_otherwise(session.server_encoding()));
    }
};

std::string counted(std::size_t columns) { return fmt::format("{} column{}", columns, columns == 1 ? "" : "s"); }

class Across {
public:
    Across(Session& left, Session& right, const compiler::Check& check, run::CheckOutcome& outcome)
        : left_{.session = left, .query = check.query->sql.text, .elsewhere = false},
          right_{.session = right, .query = check.elsewhere->query.sql.text, .elsewhere = true},
          database_(check.elsewhere->database),
          expect_(std::get<compiler::ExpectSameRows>(check.expect)),
          outcome_(outcome) {}

    std::optional<NoAnswer> run() {
        for (Side* side : {&left_, &right_}) {
            if (!prepare(*side) || !describe(*side)) return std::move(failure_);
        }
        if (left_.columns.size() != right_.columns.size()) {
            fail(fmt::format("expected the same columns, seen {} on the left and {} {}", counted(left_.columns.size()),
                             counted(right_.columns.size()), where(right_)));
            return std::nullopt;
        }
        if (!settle_types()) return std::move(failure_);
        merge();
        return std::move(failure_);
    }

private:
    bool ok(const Side& side, Answer answer) {
        if (answer.ok()) return true;
        failure_ = NoAnswer{.answer = std::move(answer), .elsewhere = side.elsewhere};
        return false;
    }

    bool prepare(const Side& side) {
        std::vector<postgres::Command> commands;
        for (const auto& setting : pinned_settings()) commands.push_back({setting, {}, false});
        commands.push_back({"SAVEPOINT cairn_values", {}, false});
        for (auto& answer : side.session.pipeline(commands)) {
            if (!ok(side, std::move(answer))) return false;
        }
        return true;
    }

    bool describe(Side& side) {
        Answer described = side.session.describe(side.query);
        if (!ok(side, described)) return false;
        for (const auto& row : described.rows) {
            side.names.push_back(row[0].value_or(""));
            TypeOid type = 0;
            std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), type);
            side.columns.push_back({.own = type});
        }
        return true;
    }

    bool settle_types() {
        for (std::size_t c = 0; c < left_.columns.size(); ++c) {
            const TypeOid as = read_as(left_.columns[c].own, right_.columns[c].own);
            if (as == 0) continue;
            const Answer name = left_.session.once(
                fmt::format("SELECT 'pg_catalog.' || pg_catalog.quote_ident(typname), pg_catalog.format_type(oid, NULL) "
                            "FROM pg_catalog.pg_type WHERE oid = {}", as));
            if (!ok(left_, name)) return false;
            for (Side* side : {&left_, &right_}) {
                side->columns[c].as = as;
                side->columns[c].type = name.rows.at(0).at(0).value_or("");
                side->columns[c].type_words = name.rows.at(0).at(1).value_or("");
            }
        }
        return true;
    }

    void merge() {
        Merged merged;
        {
            RowStream left(left_.session, left_.ordered());
            RowStream right(right_.session, right_.ordered());
            merged = merge_rows(left, right, expect_.within, most_shown);
            if (merged.complete) return show(merged);
            const bool right_failed = left.end().ok();
            (void)ok(right_failed ? right_ : left_, right_failed ? right.end() : left.end());
        }
        if (failure_->answer.fate == postgres::Fate::failed) explain();
    }

    // Half of what is shown is for either side, unless the other has less.
    static std::vector<Difference> shown(const std::vector<Difference>& all) {
        const auto left = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const auto& d) { return d.on_left; }));
        const std::size_t right = all.size() - left, half = most_shown / 2;
        std::size_t from_left = std::min(left, std::max(half, most_shown - std::min(right, most_shown)));
        std::size_t from_right = most_shown - from_left;
        std::vector<Difference> out;
        for (const auto& difference : all) {
            auto& quota = difference.on_left ? from_left : from_right;
            if (quota == 0) continue;
            --quota;
            out.push_back(difference);
        }
        return out;
    }

    // In the form in which a comparison inside one database answers.
    void show(const Merged& merged) {
        const auto first = shown(merged.first);
        Found found{.columns = {"side", "rows", "row"},
                    .rows = {{"count", std::to_string(merged.left), std::to_string(merged.right)}},
                    .total = 1 + first.size(),
                    .first = {}};
        for (const auto& difference : first)
            found.rows.push_back({difference.on_left ? "left only" : "right only", std::to_string(difference.rows), difference.row});
        judge(expect_, found, outcome_);
        if (outcome_.passed || first.empty()) return;
        outcome_.message += fmt::format("; {} only on the left", merged.left_only);
        if (!expect_.within) outcome_.message += fmt::format(", {} only on the right", merged.right_only);
    }

    // A value that is no value of the left's type (SQLSTATE class 22) fails the whole query: which row was it?
    void explain() {
        Side &side = failure_->elsewhere ? right_ : left_, &other = failure_->elsewhere ? left_ : right_;
        if (!failure_->answer.error.sqlstate.starts_with("22") || !back(side) || !back(other)) return;
        auto looked = find_unreadable(side.session, other.session, side.query, side.columns);
        if (auto* answer = std::get_if<Answer>(&looked)) {
            failure_->answer = std::move(*answer);
            return;
        }
        const auto& found = std::get<std::optional<Unreadable>>(looked);
        if (!found) return;
        failure_.reset();
        const auto& column = side.columns[found->column];
        fail(fmt::format("expected values that can be compared as {}, seen `{}` in column {} (`{}`) {}", column.type_words,
                         cut(found->value, longest_value), found->column + 1, side.names[found->column], where(side)));
        outcome_.columns = {"side", "rows", "row"};
        outcome_.rows = {{side.elsewhere ? "right" : "left", "1", found->row}};
        outcome_.total_rows = 1;
    }

    [[nodiscard]] std::string where(const Side& side) const {
        return side.elsewhere ? fmt::format("on the right (`{}`)", database_) : "on the left";
    }

    static bool back(const Side& side) { return side.session.query("ROLLBACK TO SAVEPOINT cairn_values").ok(); }

    void fail(std::string message) {
        outcome_.passed = false;
        outcome_.message = std::move(message);
    }

    Side left_, right_;
    const std::string& database_;
    const compiler::ExpectSameRows& expect_;
    run::CheckOutcome& outcome_;
    std::optional<NoAnswer> failure_;
};

}  // namespace

std::optional<NoAnswer> compare_across(Session& left, Session& right, const compiler::Check& check, run::CheckOutcome& outcome) {
    return Across(left, right, check, outcome).run();
}

}  // namespace cairn::execute
