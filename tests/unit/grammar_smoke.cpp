// A whole plan file becomes a syntax tree.
#include <catch2/catch.hpp>

#include "grammar/parse.hpp"

using namespace cairn::grammar;

TEST_CASE("a plan with a step is read whole") {
    const Parsed read = parse(R"(plan p "title"
database erp
step s on erp {
  lock timeout 3s
  $$ SELECT 1 $$
}
on failure rollback
)");
    CHECK(read.errors.empty());
    REQUIRE(read.plan.items.size() == 1);
    const Item& item = read.plan.items[0];
    CHECK(item.name.written() == "s");
    REQUIRE(item.database);
    CHECK(item.database->written() == "erp");
    const auto& step = std::get<Step>(item.body);
    REQUIRE(step.sql.size() == 1);
    CHECK(step.sql[0].text == " SELECT 1 ");
    CHECK(step.lock_timeout->value.text.written() == "3s");
}
