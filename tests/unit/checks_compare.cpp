// Comparing what a server printed with what a plan expects: exact, whatever the size.
#include <catch2/catch.hpp>

#include "runtime/execute/compare.hpp"

using namespace cairn;
using namespace cairn::execute;
using compiler::Op;

namespace {

std::string order(std::string_view left, std::string_view right) {
    const auto result = compare_numbers(left, right);
    if (!result) return "no number";
    if (*result == std::partial_ordering::unordered) return "unordered";
    return *result < 0 ? "<" : *result > 0 ? ">" : "=";
}

}  // namespace

TEST_CASE("numbers compare by value, not by how they are written") {
    CHECK(order("10", "10.00") == "=");
    CHECK(order("-0", "0") == "=");
    CHECK(order("0.000", "-0") == "=");
    CHECK(order("+7", "7") == "=");
    CHECK(order("007", "7") == "=");
    CHECK(order(".5", "0.5") == "=");
    CHECK(order("9", "10") == "<");
    CHECK(order("-9", "-10") == ">");
    CHECK(order("-1", "0") == "<");
    CHECK(order("0", "-0.001") == ">");
    CHECK(order("0.1", "0.09") == ">");
    CHECK(order("1.10", "1.1000001") == "<");
}

TEST_CASE("numbers past every machine type keep their last digit") {
    CHECK(order("9007199254740993", "9007199254740992") == ">");
    CHECK(order("123456789012345678901234567890.000000001", "123456789012345678901234567890") ==
          ">");
    CHECK(order(std::string(1000, '9'), "1" + std::string(1000, '0')) == "<");
}

TEST_CASE("scientific notation is a number like any other") {
    CHECK(order("1e+20", "100000000000000000000") == "=");
    CHECK(order("1.5e-07", "0.00000015") == "=");
    CHECK(order("1E3", "1000") == "=");
    CHECK(order("1e400", "1e399") == ">");
    CHECK(order("-1e400", "1e-400") == "<");
    CHECK(order("0e99", "0") == "=");
}

TEST_CASE("infinity is beyond all numbers, and NaN satisfies nothing") {
    CHECK(order("Infinity", "1e308") == ">");
    CHECK(order("-Infinity", "-1e308") == "<");
    CHECK(order("Infinity", "Infinity") == "=");
    CHECK(order("NaN", "1") == "unordered");
    CHECK(order("NaN", "NaN") == "unordered");
    for (const Op op :
         {Op::equal, Op::not_equal, Op::less, Op::less_equal, Op::greater, Op::greater_equal})
        CHECK_FALSE(holds(op, std::partial_ordering::unordered));
}

TEST_CASE("what is no number is not taken for one") {
    for (const char* text :
         {"", "-", ".", "ten", "1,000", "1 ", "0x10", "1e", "1e+", "12px", "1.2.3", "--1"})
        CHECK(order(text, "1") == "no number");
}

TEST_CASE("each operator holds for its orders only") {
    const auto less = std::partial_ordering::less, same = std::partial_ordering::equivalent,
               more = std::partial_ordering::greater;
    CHECK((!holds(Op::equal, less) && holds(Op::equal, same) && !holds(Op::equal, more)));
    CHECK(
        (holds(Op::not_equal, less) && !holds(Op::not_equal, same) && holds(Op::not_equal, more)));
    CHECK((holds(Op::less, less) && !holds(Op::less, same) && !holds(Op::less, more)));
    CHECK((holds(Op::less_equal, less) && holds(Op::less_equal, same) &&
           !holds(Op::less_equal, more)));
    CHECK((!holds(Op::greater, less) && !holds(Op::greater, same) && holds(Op::greater, more)));
    CHECK((!holds(Op::greater_equal, less) && holds(Op::greater_equal, same) &&
           holds(Op::greater_equal, more)));
}
