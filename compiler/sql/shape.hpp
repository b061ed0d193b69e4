// How many rows and what kind of answer a query gives whatever the database holds.
#pragma once

#include <string>

namespace cairn::sql {

// All false where it can't be told.
struct QueryShape {
    bool aggregate = false;    // aggregates without GROUP BY or HAVING: exactly one row
    bool never_a_row = false;  // WHERE false, LIMIT 0
    bool constant = false;     // one row made of constants, from no table
    bool counts = false;       // one column, a count: a whole number from 0
    int columns = 0;           // 0: not known, as with `*`
};

// `query` is one statement that analyse() has read without a failure.
[[nodiscard]] QueryShape query_shape(const std::string& query);

// Whether two queries are the same but for blanks, comments and the case of words.
[[nodiscard]] bool same_query(const std::string& left, const std::string& right);

}  // namespace cairn::sql
