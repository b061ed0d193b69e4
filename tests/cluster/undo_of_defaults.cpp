// A column that came with a default holds a value in every row at once; that is nobody's writing, and no reason to
// keep the column at a rollback.
#include <catch2/catch.hpp>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* plan = R"(plan defaults_of_columns "Columns with defaults of several kinds"
database db
defaults { lock timeout 3s }
step add_columns {
  $$
    ALTER TABLE orders
      ADD COLUMN discount numeric(5,2) DEFAULT 0,
      ADD COLUMN entered timestamptz DEFAULT now(),
      ADD COLUMN token uuid DEFAULT gen_random_uuid(),
      ADD COLUMN code char(4) DEFAULT 'a',
      ADD COLUMN notes jsonb DEFAULT '{"a": [1, 2]}';
  $$
}
)";

struct Shop {
    Database database;
    Folder folder;
    Shop() {
        database.execute("CREATE TABLE orders (id int PRIMARY KEY); "
                         "INSERT INTO orders SELECT generate_series(1, 50)");
        folder.write("p.cairn", plan);
    }
    Ran run(const std::vector<std::string>& arguments) {
        return run_cairn(folder, arguments, {{"CAIRN_DB", database.conninfo()}});
    }
};

}  // namespace

TEST_CASE("undo: what a column's default gave is no row of somebody else") {
    Shop shop;
    REQUIRE(shop.run({"apply", "p.cairn"}).exit == 0);
    const auto back = shop.run({"rollback"});
    INFO(back.out << back.err);
    CHECK(back.exit == 0);
    CHECK(shop.database.query("SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders'") == "1");
}

TEST_CASE("undo: a value that somebody wrote over the default keeps the column") {
    Shop shop;
    REQUIRE(shop.run({"apply", "p.cairn"}).exit == 0);
    shop.database.execute("UPDATE orders SET discount = 5 WHERE id = 7");
    const auto back = shop.run({"rollback"});
    INFO(back.out << back.err);
    CHECK(back.exit == 6);
    CHECK(shop.database.query("SELECT discount FROM orders WHERE id = 7") == "5.00");
}
