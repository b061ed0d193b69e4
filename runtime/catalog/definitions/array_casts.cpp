#include "runtime/catalog/definitions/array_casts.hpp"

#include <string_view>

namespace cairn::catalog {
namespace {

constexpr std::string_view opening = "(ARRAY[", closing = "])::text[]", type = "::character varying";

// Behind a literal or a quoted name that begins there; else the next byte.
std::size_t behind(std::string_view sql, std::size_t at) {
    const char quote = sql[at];
    if (quote != '\'' && quote != '"') return at + 1;
    const auto end = sql.find(quote, at + 1);  // a doubled quote is the end of one and the begin of another
    return end == std::string_view::npos ? sql.size() : end + 1;
}

// Where the bracket that is open there is closed.
std::size_t bracket_end(std::string_view sql, std::size_t at) {
    for (int depth = 1; at < sql.size(); at = behind(sql, at)) {
        if (sql[at] == '[') ++depth;
        if (sql[at] == ']' && --depth == 0) break;
    }
    return at;
}

}  // namespace

std::string with_array_casts(const std::string& sql) {
    if (sql.find(closing) == std::string::npos) return sql;
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = 0; at < sql.size(); at = behind(sql, at)) {
        if (sql.compare(at, opening.size(), opening) != 0) continue;
        const std::size_t begin = at + opening.size(), end = bracket_end(sql, begin);
        if (sql.compare(end, closing.size(), closing) != 0 ||
            !std::string_view(sql).substr(begin, end - begin).ends_with(type))
            continue;
        out.append(sql, done, at - done);
        out += "(" + sql.substr(at, end + 2 - at) + "::character varying[])::text[]";
        done = end + closing.size();
        at = done - 1;
    }
    return out.append(sql, done);
}

}  // namespace cairn::catalog
