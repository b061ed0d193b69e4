#include "compiler/sql/shape.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <variant>

#include "compiler/sql/scan.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {

namespace {

constexpr auto aggregates = std::to_array<std::string_view>(
    {"array_agg", "avg", "bit_and", "bit_or", "bool_and", "bool_or", "count", "every", "json_agg",
     "jsonb_agg", "max", "min", "stddev", "string_agg", "sum", "variance"});

std::string_view function_name(Value call) {
    return call["funcname"].last().as("String")["sval"].text();
}

bool is_aggregate(Value call) {
    if (call["over"]) return false;
    return call["agg_star"].is_true() || call["agg_distinct"].is_true() || call["agg_filter"] ||
           std::binary_search(aggregates.begin(), aggregates.end(), function_name(call));
}

// Whether a node that `wanted` holds for stands in the tree.
template <class Wanted>
bool contains(Value value, const Wanted& wanted, bool enter_subqueries) {
    if (wanted(value)) return true;
    if (!enter_subqueries && value.key() == "SubLink") return false;
    for (const Value child : value) {
        if (contains(child, wanted, enter_subqueries)) return true;
    }
    return false;
}

bool has_aggregate(Value targets) {
    return contains(
        targets, [](Value v) { return v.key() == "FuncCall" && is_aggregate(v); }, false);
}

// Nothing but literals and operators: the same answer for ever.
bool is_constant(Value targets) {
    constexpr auto living = std::to_array<std::string_view>(
        {"FuncCall", "SubLink", "ColumnRef", "ParamRef", "SQLValueFunction", "XmlExpr"});
    return !contains(
        targets,
        [&](Value v) { return std::find(living.begin(), living.end(), v.key()) != living.end(); },
        true);
}

bool is_zero(Value node) {
    const Value constant = node.as("A_Const");
    return constant["ival"] && constant["ival"]["ival"].number() == 0;
}

// `false`, or an equation of two different whole numbers (`1 = 0`).
bool is_false(Value node) {
    if (const Value constant = node.as("A_Const")) {
        return constant["boolval"] && !constant["boolval"]["boolval"].is_true();
    }
    const Value equation = node.as("A_Expr");
    if (!equation || !equation["name"].last().as("String")["sval"].is("=")) return false;
    const Value left = equation["lexpr"].as("A_Const")["ival"],
                right = equation["rexpr"].as("A_Const")["ival"];
    return left && right && left["ival"].number() != right["ival"].number();
}

int column_count(Value targets) {
    int count = 0;
    for (const Value target : targets) {
        const Value what = target.as("ResTarget")["val"];
        if (contains(
                what, [](Value v) { return v.key() == "A_Star"; }, false))
            return 0;
        ++count;
    }
    return count;
}

Value only_select(const Tree& tree) {
    const Value root = tree.root();
    const Value statements = root.is_list() ? root : root["stmts"];
    if (statements.size() != 1) return {};
    return (*statements.begin())["stmt"].as("SelectStmt");
}

std::string folded(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

}  // namespace

QueryShape query_shape(const std::string& query) {
    QueryShape shape;
    const auto parsed = parse(query);
    const Tree* tree = std::get_if<Tree>(&parsed);
    if (tree == nullptr) return shape;
    const Value select = only_select(*tree);
    const Value targets = select["targetList"];
    if (!targets || select["larg"]) return shape;

    shape.never_a_row = is_zero(select["limitCount"]) ||
                        (is_false(select["whereClause"]) && !has_aggregate(targets));
    const bool whole = !select["limitCount"] && !select["limitOffset"] && !select["havingClause"];
    shape.columns = column_count(targets);
    shape.aggregate = whole && !select["groupClause"] && has_aggregate(targets);
    shape.constant =
        whole && !select["fromClause"] && !select["whereClause"] && is_constant(targets);
    const Value call = (*targets.begin()).as("ResTarget")["val"].as("FuncCall");
    shape.counts = shape.columns == 1 && call && !call["over"] && function_name(call) == "count";
    return shape;
}

bool same_query(const std::string& left, const std::string& right) {
    if (left == right) return true;
    const Scan a = scan(left), b = scan(right);
    return std::equal(
        a.tokens.begin(), a.tokens.end(), b.tokens.begin(), b.tokens.end(),
        [&](const Token& x, const Token& y) {
            const auto one = std::string_view(left).substr(x.begin, x.end - x.begin);
            const auto other = std::string_view(right).substr(y.begin, y.end - y.begin);
            return one == other || (x.kind == y.kind && x.kind != TokenKind::sconst &&
                                    !one.starts_with('"') && folded(one) == folded(other));
        });
}

}  // namespace cairn::sql
