// The real job of plans/lease-consolidation: what it promises about rents, and whom its way back spares.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;

const std::string plan = CAIRN_SOURCE_DIR "/plans/lease-consolidation/lease_consolidation.cairn";

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A database with the plan's fixture, and the plan's commands on it.
struct Rentals {
    Database database;
    Folder folder;
    Rentals() { database.execute(text_of(plan + ".sql")); }

    Ran apply() { return run({"apply", plan, "--confirm", "go_no_go"}); }
    Ran rollback() { return run({"rollback"}); }
    Ran run(const std::vector<std::string>& arguments) {
        return run_cairn(folder, arguments, {{"CAIRN_ERP", database.conninfo()}});
    }

    // Every value of the four tables, as one digest each, whatever the order of the columns: one that was dropped
    // comes back as the last.
    std::string contents() {
        std::string all;
        for (const char* table : {"tenants", "units", "property_tenants", "leases"}) {
            all += database.query(std::string("SELECT '") + table + "', count(*), md5(string_agg(to_jsonb(t)::text, " +
                                  "';' ORDER BY id)) FROM " + table + " t") + "\n";
        }
        return all;
    }
};

}  // namespace

TEST_CASE("lease consolidation: every figure ends in a lease, and the rollback gives all of it back") {
    Rentals rentals;
    const auto before = rentals.contents();
    const auto rent = rentals.database.query("SELECT sum(rent) FROM tenants");

    const auto applied = rentals.apply();
    INFO(applied.out << applied.err);
    REQUIRE(applied.exit == 0);
    CHECK(rentals.database.query("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
                                 "'tenants'::regclass AND attnum > 0 AND NOT attisdropped") ==
          "id full_name email created_at updated_at");
    CHECK(rentals.database.query("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
                                 "'units'::regclass AND attnum > 0 AND NOT attisdropped") ==
          "id property_id unit_number created_at updated_at");
    CHECK(rentals.database.query("SELECT sum(l.rent_amount) FROM leases l JOIN lease_move.placed p ON "
                                 "p.lease_id = l.id JOIN lease_move.tenants_before b ON b.id = p.source_id "
                                 "WHERE b.rent IS NOT NULL") == rent);
    // 5,000 were there; 6,000 came from tenancies, 2,000 from tenants and 1,000 from units without a lease.
    CHECK(rentals.database.query("SELECT count(*) FROM leases") == "14000");
    CHECK(rentals.database.query("SELECT count(*) FROM leases WHERE status = 'draft'") == "2000");

    const auto back = rentals.rollback();
    INFO(back.out << back.err);
    CHECK(back.exit == 0);
    CHECK(rentals.contents() == before);
    CHECK(rentals.database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'lease_move'") == "0");
}

TEST_CASE("lease consolidation: a lease that somebody signed meanwhile survives the rollback") {
    Rentals rentals;
    REQUIRE(rentals.apply().exit == 0);
    rentals.database.execute(
        "INSERT INTO leases (id, tenant_id, unit_id, property_id, start_date, rent_amount) "
        "SELECT 'ffffffff-0000-0000-0000-000000000001', t.id, u.id, u.property_id, '2026-02-01', 777 "
        "FROM (SELECT id FROM tenants ORDER BY id LIMIT 1) t, "
        "(SELECT id, property_id FROM units ORDER BY id LIMIT 1) u");

    const auto back = rentals.rollback();
    INFO(back.out << back.err);
    CHECK(back.exit == 0);
    CHECK(rentals.database.query("SELECT rent_amount FROM leases WHERE id = "
                                 "'ffffffff-0000-0000-0000-000000000001'") == "777.00");
    CHECK(rentals.database.query("SELECT count(*) FROM leases") == "5001");
}

TEST_CASE("lease consolidation: the rollback stops at a lease that somebody changed since") {
    Rentals rentals;
    REQUIRE(rentals.apply().exit == 0);
    const auto changed =
        rentals.database.query("SELECT min(lease_id::text) FROM lease_move.placed WHERE made");
    rentals.database.execute("UPDATE leases SET rent_amount = 4321 WHERE id = '" + changed + "'");

    const auto back = rentals.rollback();
    INFO(back.out << back.err);
    CHECK(back.exit == 6);
    CHECK((back.out + back.err).find(changed) != std::string::npos);
    CHECK((back.out + back.err).find("4321.00") != std::string::npos);
    CHECK(rentals.database.query("SELECT count(*) FROM leases WHERE rent_amount = 4321") == "1");
    CHECK(rentals.database.query("SELECT count(*) FROM leases") == "14000");
}

TEST_CASE("lease consolidation: a rent entered where none is looked for any more stops it before the columns go") {
    Rentals rentals;
    REQUIRE(rentals.run({"apply", plan, "--confirm", "go_no_go", "--until", "consolidated"}).exit == 0);
    // An old program still writes there; this tenant never had any.
    rentals.database.execute("UPDATE tenants SET rent = 1 WHERE full_name = 'Tenant 9'");

    const auto resumed = rentals.run({"resume", "--confirm", "go_no_go"});
    INFO(resumed.out << resumed.err);
    CHECK(resumed.exit == 5);
    CHECK((resumed.out + resumed.err).find("nobody has entered rental data in tenants since") != std::string::npos);
    CHECK(rentals.database.query("SELECT rent FROM tenants WHERE full_name = 'Tenant 9'") == "1.00");
    CHECK(rentals.database.query("SELECT count(*) FROM leases") == "5000");
}

TEST_CASE("lease consolidation: figures that contradict each other stop it, and nothing of it stays") {
    Rentals rentals;
    // One tenant of those whose lease names the rent, too.
    rentals.database.execute("UPDATE tenants SET rent = rent + 1 WHERE id = md5('tenant 12')::uuid");
    const auto before = rentals.contents();

    const auto applied = rentals.apply();
    INFO(applied.out << applied.err);
    CHECK(applied.exit == 5);
    CHECK((applied.out + applied.err).find("no figure is lost") != std::string::npos);
    CHECK((applied.out + applied.err).find(rentals.database.query("SELECT md5('tenant 12')::uuid")) !=
          std::string::npos);
    CHECK(rentals.contents() == before);
    CHECK(rentals.database.query("SELECT count(*) FROM information_schema.columns WHERE table_name = 'leases' "
                                 "AND column_name = 'rental_type'") == "0");
}
