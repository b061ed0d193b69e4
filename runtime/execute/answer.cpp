#include "runtime/execute/answer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "runtime/execute/compare.hpp"
#include "runtime/execute/free_space.hpp"

namespace cairn::execute {

namespace {

using compiler::ExpectValue;

constexpr std::size_t longest_evidence = 1000;  // bytes of one value that are kept to be shown
constexpr std::size_t longest_found = 200;      // bytes of what an object's check has found
constexpr std::size_t longest_seen = 80;        // bytes of a value inside a message

std::string seen(const postgres::Value& value) {
    return value ? fmt::format("`{}`", cut(*value, longest_seen)) : "NULL";
}

std::string rows_in_words(std::uint64_t count) {
    return fmt::format("{} row{}", count, count == 1 ? "" : "s");
}

void show_rows(const Found& found, run::CheckOutcome& outcome) {
    outcome.columns = found.columns;
    outcome.rows = found.rows;
    outcome.total_rows = found.total;
}

void fail(run::CheckOutcome& outcome, std::string message) {
    outcome.passed = false;
    outcome.message = std::move(message);
}

// Whether there is one row with something in it; else the failure says what came instead.
bool has_one_row(const Found& found, std::string_view expected, run::CheckOutcome& outcome) {
    if (found.total == 1 && !found.columns.empty()) return true;
    if (found.columns.empty()) {
        fail(outcome, fmt::format("expected {}, seen no column", expected));
        return false;
    }
    if (found.total > 1) show_rows(found, outcome);
    fail(outcome, fmt::format("expected {}, seen {}", expected,
                              found.total == 0 ? "no row" : rows_in_words(found.total)));
    return false;
}

// What a false row tells beside its first column: "found text, wanted uuid".
std::string rest_of_row(const Found& found) {
    std::string out;
    for (std::size_t c = 1; c < found.columns.size(); ++c) {
        const auto& value = found.rows.front().at(c);
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", found.columns[c],
                           value ? cut(*value, longest_found) : "NULL");
    }
    return out;
}

std::string counted(const std::string& rows) {
    return rows + (rows == "1" ? " row" : " rows");
}

// Sizes of the two sides, from the row ('count', left, right) that a comparison's answer begins
// with.
struct Sizes {
    std::string left, right;
};
std::optional<Sizes> read_sizes(const Found& found) {
    if (found.rows.empty() || found.rows.front().size() < 3) return std::nullopt;
    const auto& row = found.rows.front();
    if (row[0] != "count" || !row[1] || !row[2]) return std::nullopt;
    return Sizes{*row[1], *row[2]};
}

void show_differences(const Found& found, run::CheckOutcome& outcome) {
    outcome.columns = found.columns;
    outcome.rows.assign(found.rows.begin() + 1, found.rows.end());
    outcome.total_rows = found.total - 1;
}

// A plain number is no interval, though PostgreSQL would read it as seconds: a count compared with
// `30s` is a mistake, and zero (as the IntervalStyle sql_standard prints it) is not.
bool is_plain_number(const std::string& text) {
    return text != "0" && compare_numbers(text, "0").has_value();
}

// " (8.1MB)" after a number of bytes, where the plan speaks of sizes.
std::string size_beside(const ExpectValue& expect, const postgres::Value& value) {
    if (expect.kind != ExpectValue::Kind::number || !expect.written.ends_with('B') || !value)
        return {};
    double bytes = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), bytes);
    if (error != std::errc{} || end != value->data() + value->size()) return {};
    return fmt::format(" ({})", size_in_words(bytes));
}

Question ask(const ExpectValue& expect, const std::string& value, const char* type) {
    return {fmt::format("SELECT $1::pg_catalog.{0} OPERATOR(pg_catalog.{1}) $2::pg_catalog.{0}",
                        type, symbol(expect.op)),
            value, expect.value};
}

}  // namespace

std::string cut(const std::string& text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    return text.substr(0, bytes) + "…";
}

void Collector::operator()(const std::vector<postgres::Value>& row) {
    if (found_.total++ == 0 && !row.empty()) found_.first = row.front();
    if (found_.rows.size() >= keep_) return;
    auto& kept = found_.rows.emplace_back();
    kept.reserve(row.size());
    for (const auto& value : row) {
        kept.push_back(value ? postgres::Value(cut(*value, longest_evidence)) : std::nullopt);
    }
}

void judge(const compiler::ExpectNothing&, const Found& found, run::CheckOutcome& outcome) {
    outcome.passed = found.total == 0;
    if (outcome.passed) return;
    show_rows(found, outcome);
    outcome.message = fmt::format("expected no row, seen {}", found.total);
}

void judge(const compiler::ExpectSomething&, const Found& found, run::CheckOutcome& outcome) {
    outcome.passed = found.total == 1 && found.first == "t";
    if (!outcome.passed) outcome.message = "expected at least one row, seen none";
}

void judge(const compiler::ExpectTrue&, const Found& found, run::CheckOutcome& outcome) {
    if (!has_one_row(found, "true", outcome)) return;
    outcome.passed = found.first == "t";
    if (outcome.passed) return;
    const bool is_false = found.first == "f";
    if (is_false && found.columns.size() > 1) return fail(outcome, rest_of_row(found));
    outcome.message = fmt::format("expected true, seen {}", is_false ? "false" : seen(found.first));
}

void judge(const compiler::ExpectSameRows& expect, const Found& found, run::CheckOutcome& outcome) {
    const auto sizes = read_sizes(found);
    if (!sizes)
        return fail(outcome, "expected two sets of rows, seen no answer to their comparison");
    if (sizes->left == "0" && sizes->right == "0")
        return fail(outcome,
                    "expected rows on both sides, seen none: two empty answers prove nothing");
    outcome.passed = found.total == 1;
    if (outcome.passed) return;
    show_differences(found, outcome);
    outcome.message =
        expect.within
            ? fmt::format("expected every row of the left ({}) on the right ({}), seen others",
                          counted(sizes->left), counted(sizes->right))
            : fmt::format("expected the same rows, seen others: {} on the left, {} on the right",
                          counted(sizes->left), sizes->right);
}

void judge(const compiler::ExpectAny&, const Found& found, run::CheckOutcome& outcome) {
    outcome.passed = true;
    show_rows(found, outcome);
}

std::optional<Question> judge(const ExpectValue& expect, const Found& found,
                              run::CheckOutcome& outcome) {
    using Kind = ExpectValue::Kind;
    const std::string expected = fmt::format(
        "{} {}", symbol(expect.op), expect.written.empty() ? expect.value : expect.written);
    if (!has_one_row(found, expected, outcome)) return std::nullopt;
    if (found.columns.size() > 1) {
        show_rows(found, outcome);
        fail(outcome, fmt::format("expected {}, seen {} columns where one value is compared",
                                  expected, found.columns.size()));
        return std::nullopt;
    }
    fail(outcome, fmt::format("expected {}, seen {}{}", expected, seen(found.first),
                              size_beside(expect, found.first)));
    if (!found.first) return std::nullopt;
    const std::string& value = *found.first;

    switch (expect.kind) {
        case Kind::number:
            if (const auto order = compare_numbers(value, expect.value)) {
                outcome.passed = holds(expect.op, *order);
            } else {
                outcome.message += ", which is no number";
            }
            break;
        case Kind::boolean:
            if (const auto truth = read_boolean(value)) {
                outcome.passed = holds(expect.op, *truth <=> (read_boolean(expect.value) == true));
                outcome.message =
                    fmt::format("expected {}, seen {}", expected, *truth ? "true" : "false");
            } else {
                outcome.message += ", which is no boolean";
            }
            break;
        case Kind::text:
            if (expect.op != compiler::Op::equal && expect.op != compiler::Op::not_equal)
                return ask(expect, value, "text");
            outcome.passed = (value == expect.value) == (expect.op == compiler::Op::equal);
            break;
        case Kind::interval:
            if (!is_plain_number(value)) return ask(expect, value, "interval");
            outcome.message += ", which is a number and no interval";
            break;
    }
    if (outcome.passed) outcome.message.clear();
    return std::nullopt;
}

}  // namespace cairn::execute
