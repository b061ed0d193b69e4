// Databases in another encoding than cairn's own UTF-8.
#include <catch2/catch.hpp>

#include "tests/cluster/harness.hpp"

TEST_CASE("in a LATIN1 database definitions and rows come back") {
    using namespace cairn::cluster;
    auto server = own_server();
    const auto execute = [&](const char* database, const char* sql) {
        auto connected = cairn::postgres::Session::connect(server.conninfo(database), "test");
        REQUIRE(std::holds_alternative<cairn::postgres::Session>(connected));
        const auto a = std::get<cairn::postgres::Session>(connected).query(sql);
        INFO(a.error.message);
        REQUIRE(a.ok());
        return a.rows.empty() ? std::string() : a.rows[0][0].value_or("");
    };
    execute("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    execute("latin", "CREATE TABLE t (id int PRIMARY KEY, \"Größe\" text, z int)");
    execute("latin", "INSERT INTO t VALUES (1, 'Übermaß', 2)");
    Folder folder;
    folder.write("p.cairn", "plan latin \"Latin\"\ndatabase erp\ndefaults { lock timeout 3s }\n"
                            "step a { $$ COMMENT ON TABLE t IS 'größer' $$ }\nstep b { $$ ALTER TABLE t ALTER z TYPE text USING 'z' $$ }\n"
                            "step c { $$ ALTER TABLE t DROP COLUMN \"Größe\" $$ }\nstep d { $$ DROP TABLE t $$ }\n");
    const std::string erp = "erp=" + server.conninfo("latin");
    for (const char* word : {"apply", "rollback"}) {
        std::vector<std::string> arguments{word, "--db", erp};
        if (word == std::string("apply")) arguments.insert(arguments.begin() + 1, "p.cairn");
        const auto ran = run_cairn(folder, arguments);
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
    }
    CHECK(execute("latin", "SELECT \"Größe\" || z FROM t") == "Übermaß2");
}
