#include "runtime/journal/hiding.hpp"

#include <fmt/format.h>

#include "runtime/journal/schema.hpp"

namespace cairn::journal {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

namespace {

// Safe itself under such a search_path.
constexpr const char* hiding_query = R"sql(
WITH first AS MATERIALIZED (
    SELECT s.name FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY s(name, place)
    WHERE s.place OPERATOR(pg_catalog.<) pg_catalog.array_position(pg_catalog.current_schemas(true), 'pg_catalog'::pg_catalog.name)),
before AS MATERIALIZED (SELECT n.oid, n.nspname FROM first f JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) f.name),
hiding AS (
    SELECT pg_catalog.format('%I.%s', b.nspname, mine.oprname) AS what FROM before b
        JOIN pg_catalog.pg_operator mine ON mine.oprnamespace OPERATOR(pg_catalog.=) b.oid
        JOIN pg_catalog.pg_operator theirs ON theirs.oprname OPERATOR(pg_catalog.=) mine.oprname AND theirs.oprleft OPERATOR(pg_catalog.=) mine.oprleft
            AND theirs.oprright OPERATOR(pg_catalog.=) mine.oprright AND theirs.oprnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace
    UNION ALL
    SELECT pg_catalog.format('%I.%I()', b.nspname, mine.proname) FROM before b
        JOIN pg_catalog.pg_proc mine ON mine.pronamespace OPERATOR(pg_catalog.=) b.oid
        JOIN pg_catalog.pg_proc theirs ON theirs.proname OPERATOR(pg_catalog.=) mine.proname AND theirs.proargtypes OPERATOR(pg_catalog.=) mine.proargtypes
            AND theirs.pronamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace)
SELECT pg_catalog.min(what), pg_catalog.replace(pg_catalog.current_setting('search_path'), ' ', '') FROM hiding)sql";

}  // namespace

std::optional<Diagnostic> hidden(Session& session) {
    // Mostly there is no such schema, and planning the query takes longer than all else that begins a command.
    const Answer any = session.query("SELECT pg_catalog.array_position(pg_catalog.current_schemas(true), 'pg_catalog'::pg_catalog.name) OPERATOR(pg_catalog.>) 1");
    if (!any.ok()) return journal_error(any, "looking at the search_path");
    if (any.rows[0][0] != "t") return std::nullopt;
    const Answer a = session.query(hiding_query);
    if (!a.ok()) return journal_error(a, "looking at the search_path");
    if (!a.rows[0][0]) return std::nullopt;
    Diagnostic d;
    d.code = 728;
    d.message = fmt::format("the search_path {} hides what is PostgreSQL's own behind {}: cairn's statements would mean something else", *a.rows[0][1], *a.rows[0][0]);
    d.help = fmt::format("PGOPTIONS='-c search_path=pg_catalog,{}' cairn …", *a.rows[0][1]);
    return d;
}

}  // namespace cairn::journal
