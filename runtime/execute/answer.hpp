// What a check's query gave, in constant memory: the first rows and how many there were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// `rows` holds at most the number asked for, each value cut to a length that can be shown; `first`
// is the first value of the first row, whole.
struct Found {
    std::vector<std::string> columns;
    std::vector<std::vector<postgres::Value>> rows;
    std::uint64_t total = 0;
    postgres::Value first;
};

// Takes a query's rows one by one: goes into Session::stream.
class Collector {
public:
    Collector(Found& found, std::size_t keep) : found_(found), keep_(keep) {}
    void operator()(const std::vector<postgres::Value>& row);

private:
    Found& found_;
    std::size_t keep_;
};

// `text` cut at `bytes` on a character's boundary, with an ellipsis where something is lost.
[[nodiscard]] std::string cut(const std::string& text, std::size_t bytes);

// What `found` is worth against each kind of expectation: fills `passed`, `message`, `columns`,
// `rows` and `total_rows`. None of them asks the server.
void judge(const compiler::ExpectNothing&, const Found&, run::CheckOutcome&);
void judge(const compiler::ExpectSomething&, const Found&, run::CheckOutcome&);
void judge(const compiler::ExpectTrue&, const Found&, run::CheckOutcome&);
void judge(const compiler::ExpectSameRows&, const Found&, run::CheckOutcome&);
void judge(const compiler::ExpectAny&, const Found&, run::CheckOutcome&);
void judge(const compiler::ExpectUsesIndex&, const Found&, run::CheckOutcome&);
// Numbers, booleans, and equality of text. An interval, and the order of texts, only the server
// knows: then this says what to ask it, `SELECT $1::T OP $2::T`, and `passed` stays false until it
// has answered.
struct Question {
    std::string sql;
    std::string left, right;
};
[[nodiscard]] std::optional<Question> judge(const compiler::ExpectValue&, const Found&,
                                            run::CheckOutcome&);

}  // namespace cairn::execute
