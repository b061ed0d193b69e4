#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* objects = R"(
SELECT s.oid, 'SUBSCRIPTION', NULL, s.subname, '', NULL, s.subowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_subscription s WHERE s.oid = ANY ($1))";

// Only superusers may read the connection, and a query that names it fails for all others. It comes
// as XML.
constexpr const char* connection = R"(
    SELECT replace(replace(replace(substring(query_to_xml(
               format('SELECT subconninfo FROM pg_catalog.pg_subscription WHERE oid = %s', s.oid), false, false, '')::text
               FROM '<subconninfo>(.*)</subconninfo>'), '&lt;', '<'), '&gt;', '>'), '&amp;', '&')
    WHERE has_column_privilege('pg_subscription', 'subconninfo', 'SELECT'))";

constexpr const char* publications = R"(
    SELECT string_agg(quote_ident(p), ', ' ORDER BY n) FROM unnest(s.subpublications) WITH ORDINALITY u(p, n))";

// How far each table is can't be said by any statement, and the slot at the other end is not this
// database's.
std::string itself() {
    return R"(
SELECT s.oid, '', 'subscription',
       CASE WHEN r.followed THEN format('how far the subscription %s is with each of its tables is gone with it', s.subname)
            ELSE format('CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION %s WITH (connect = false, slot_name = NONE, binary = %s, '
                        'streaming = %s, synchronous_commit = %L, two_phase = %s, disable_on_error = %s)', s.subname, c.info, p.list,
                        s.subbinary::text, s.substream::text, s.subsynccommit, (s.subtwophasestate <> 'd')::text,
                        s.subdisableonerr::text) END,
       concat_ws(E'\x1e', format('ALTER SUBSCRIPTION %I DISABLE', s.subname),
                 format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s.subname), format('DROP SUBSCRIPTION %I', s.subname)),
       NULL, CASE WHEN r.followed THEN 'lasting' END
FROM pg_subscription s LEFT JOIN LATERAL ()" +
           std::string(connection) + R"() c(info) ON true CROSS JOIN LATERAL ()" + publications +
           R"() p(list)
     CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_subscription_rel r WHERE r.srsubid = s.oid)) r(followed)
WHERE s.oid = ANY ($1))";
}

std::string properties() {
    return R"(
SELECT s.oid, 'connection', c.info, format('ALTER SUBSCRIPTION %I CONNECTION %L', s.subname, c.info), NULL, NULL, 'given'
FROM pg_subscription s CROSS JOIN LATERAL ()" +
           std::string(connection) + R"() c(info) WHERE c.info IS NOT NULL AND s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'publications', p.list, format('ALTER SUBSCRIPTION %I SET PUBLICATION %s WITH (refresh = false)', s.subname, p.list),
       NULL, NULL, 'given'
FROM pg_subscription s CROSS JOIN LATERAL ()" +
           publications + R"() p(list) WHERE s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'option ' || o.name, o.value, format('ALTER SUBSCRIPTION %I SET (%s = %L)', s.subname, o.name, o.value), NULL, NULL, 'given'
FROM pg_subscription s, LATERAL (VALUES ('binary', s.subbinary::text), ('streaming', s.substream::text),
                                        ('synchronous_commit', s.subsynccommit), ('disable_on_error', s.subdisableonerr::text))
     o(name, value)
WHERE s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'slot', s.subslotname::text, format('ALTER SUBSCRIPTION %I SET (slot_name = %L)', s.subname, s.subslotname),
       format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', s.subname), 'set', NULL
FROM pg_subscription s WHERE s.subslotname IS NOT NULL AND s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'skip', s.subskiplsn::text, format('ALTER SUBSCRIPTION %I SKIP (lsn = %L)', s.subname, s.subskiplsn),
       format('ALTER SUBSCRIPTION %I SKIP (lsn = NONE)', s.subname), 'set', NULL
FROM pg_subscription s WHERE s.subskiplsn <> '0/0' AND s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'worker', 'enabled', format('ALTER SUBSCRIPTION %I ENABLE', s.subname), format('ALTER SUBSCRIPTION %I DISABLE', s.subname),
       'set', NULL
FROM pg_subscription s WHERE s.subenabled AND s.oid = ANY ($1))";
}

}  // namespace

std::vector<Family> subscription_families() {
    return {{"pg_subscription", objects, {itself(), properties()}}};
}

}  // namespace cairn::catalog
