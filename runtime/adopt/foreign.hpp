// What stands in scripts and is no SQL: psql's commands, templates, rows for COPY.
#pragma once

#include <string>
#include <map>
#include <string>
#include <vector>

#include "compiler/sql/mapped_sql.hpp"
#include "runtime/adopt/folder.hpp"

namespace cairn::adopt {

struct Foreign {
    sql::MappedSql sql;  // with blanks in the place of what was found
    struct Blank {
        std::uint32_t begin = 0, end = 0;  // bytes in `sql`
        bool harmless = false;             // nothing of the script's meaning went with it
    };
    std::vector<Blank> blanks;  // in order
};

// Reports psql's commands (C0910; C0911 where they do nothing to the database), templates (C0912; C0913 for `${NAME}` where `takes_values`)
// and rows that COPY … FROM STDIN would read (C0918), and takes them out, so that the rest can be
// looked at too. `values` are those of variables: a `\set` of one of them says nothing more.
[[nodiscard]] Foreign take_out_foreign(const sql::MappedSql&, bool takes_values,
                                       const std::map<std::string, std::string>& values,
                                       Diagnostics&);

}  // namespace cairn::adopt
