#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/write_file.hpp"

namespace cairn::cli {

namespace {

namespace fs = std::filesystem;

struct Beginning {
    std::string_view name, text;
};

constexpr std::array beginnings{
    Beginning{
        "cairn.toml",
        R"(# Where the databases of plans are. A plan says `database shop`; the address comes, first match wins, from
# --db shop=CONNINFO, from the profile here that --profile names, or from the variable CAIRN_SHOP.
# CONNINFO is whatever libpq takes. Passwords do not belong here: libpq finds them in ~/.pgpass.

[profile.staging.db]
shop = "postgresql://localhost/shop"

# [profile.production]
# confirm = true                        # somebody at the terminal is asked before anything runs
#
# [profile.production.db]
# shop = { service = "shop" }           # a section of ~/.pg_service.conf
# erp  = { env = "PRODUCTION_ERP" }     # or the content of a variable

# What a rehearsal fills a database with; without this it is PLAN.cairn.sql beside the plan.
# [rehearse.shop]
# fixture = "fixtures/shop.sql"

# [run]
# lease = "30s"                         # how long a runner that has gone silent keeps others out
# backoff = "1s"                        # before the second try of a step; doubled each time, up to 30s
# range = "1s"                          # how long one range of a batch should take at most
# lag = "10s"                           # a batch waits while a standby is further behind

# [journal]
# folder = ".cairn"                     # of plans that change no database
)"},
    Beginning{"first.cairn", R"(# Look at it, try it, run it:
#
#   cairn check first.cairn
#   cairn preview first.cairn
#   cairn rehearse first.cairn                        on a throwaway server, from first.cairn.sql
#   cairn apply first.cairn --profile staging         the profile is in cairn.toml
#   cairn rollback --profile staging

plan first "Give customers a telephone number"

database shop

# Rather give up than let everybody queue behind us.
defaults { lock timeout 3s }

validate before { column customers.phone absent }

step add_phone {
  $$ ALTER TABLE customers ADD COLUMN phone text $$
}

validate after { column customers.phone is text }

on failure rollback
)"},
    Beginning{
        "first.cairn.sql",
        R"(-- What a rehearsal of first.cairn starts from: a small copy of the database, with what matters in it.
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
)"},
};

// What stands in the way of one of the files, all of them in one go.
void look_around(const fs::path& folder, Findings& findings) {
    for (const Beginning& file : beginnings) {
        const fs::path path = folder / file.name;
        std::error_code failed;
        if (fs::exists(fs::symlink_status(path, failed)))
            findings.add(
                {.code = 929, .message = fmt::format("`{}` is there already", path.string())});
    }
}

}  // namespace

int init(const Invocation& invocation) {
    Findings findings(invocation);
    const fs::path folder = invocation.folder.value_or("");
    std::error_code failed;
    if (!folder.empty()) fs::create_directories(folder, failed);
    if (failed)
        findings.add(
            {.code = 927,
             .message = fmt::format("`{}` can't be made: {}", folder.string(), failed.message())});
    if (!findings.has_errors()) look_around(folder, findings);
    if (findings.has_errors()) return findings.give_up(1);
    for (const Beginning& file : beginnings) {
        const std::string path = (folder / file.name).string();
        const std::string why = write_new_file(path, std::string(file.text));
        if (why.empty()) {
            if (!invocation.quiet && !invocation.json()) print(path + "\n");
            continue;
        }
        findings.add({.code = 927, .message = fmt::format("`{}` can't be written: {}", path, why)});
        return findings.give_up(1);
    }
    if (!invocation.quiet && !invocation.json())
        print(fmt::format("next: cairn rehearse {}\n", (folder / "first.cairn").string()));
    return findings.give_up(0);
}

}  // namespace cairn::cli
