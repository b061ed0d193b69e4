// What every tool's folder comes down to: migrations, in the order in which they run.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/sql/mapped_sql.hpp"
#include "runtime/adopt/folder.hpp"

namespace cairn::adopt {

// How the tool sends a script.
enum class Sending {
    one_transaction,  // the tool's own, or PostgreSQL's around a query of several statements
    as_written,       // by psql: each statement by itself, unless the script says BEGIN
    each_by_itself    // the tool was told to use no transaction
};

struct Script {
    std::string path;    // of its file, below the folder
    Location where;      // its begin
    sql::MappedSql sql;  // what of the file belongs to it, without directives
    Sending sending = Sending::one_transaction;
    bool whole_file = false;         // nothing of the file is missing in `sql`
    bool values_are_put = false;     // `${NAME}` means what the tool says, which has been done
    std::optional<Location> marked;  // where it says that it wants no transaction
};

struct Migration {
    std::string version;  // as its file has it; empty where it has none
    std::string title;    // its name without the version
    Location where;       // its file or folder, for diagnostics
    Script up;
    std::optional<Script> down;
    std::optional<Script> verify;   // Sqitch: fails where the change is not deployed
    std::vector<std::string> tags;  // Sqitch: places in the plan after it
};

struct Reading {
    std::vector<Migration> migrations;  // in the order in which they run
    std::set<std::string> used;         // paths of the files that are accounted for
};

struct Options {
    std::string plan = "adopted";               // its name
    std::string database = "app";               // its database
    std::map<std::string, std::string> values;  // of placeholders and of psql's variables
    std::optional<std::string> from;            // the tool; found out where absent
    bool hand_written_rollback = false;
    bool files = false;        // take scripts in by `file "…"` where nothing has to be changed
    std::string files_prefix;  // what leads from the plan's folder to the migrations'
};

}  // namespace cairn::adopt
