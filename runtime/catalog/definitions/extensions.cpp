#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// An extension belongs to whoever made it; no statement gives it to another.
constexpr const char* objects = R"(
SELECT e.oid, 'EXTENSION', NULL, e.extname, '', '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_extension e WHERE e.oid = ANY ($1))";

// Some extensions can't be moved, and few have a script that leads to an earlier version.
constexpr const char* extensions = R"(
SELECT e.oid, '', 'extension',
       format('CREATE EXTENSION %I SCHEMA %s VERSION %L', e.extname, e.extnamespace::regnamespace, e.extversion),
       format('DROP EXTENSION %I', e.extname), NULL, NULL
FROM pg_extension e WHERE e.oid = ANY ($1)
UNION ALL
SELECT e.oid, 'schema', e.extnamespace::text, format('ALTER EXTENSION %I SET SCHEMA %s', e.extname, e.extnamespace::regnamespace),
       NULL, NULL, 'given'
FROM pg_extension e WHERE e.oid = ANY ($1)
UNION ALL
SELECT e.oid, 'version', e.extversion,
       CASE WHEN p.back THEN format('ALTER EXTENSION %I UPDATE TO %L', e.extname, e.extversion)
            ELSE format('no script of the extension %s leads back to its version %s', e.extname, e.extversion) END,
       NULL, NULL, CASE WHEN p.back THEN 'given' ELSE 'lasting' END
FROM pg_extension e CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM pg_extension_update_paths(e.extname) onward JOIN pg_extension_update_paths(e.extname) u ON u.source = onward.target
                   WHERE onward.source = e.extversion AND onward.path IS NOT NULL AND u.target = e.extversion AND u.path IS NOT NULL)) p(back)
WHERE e.oid = ANY ($1))";

}  // namespace

std::vector<Family> extension_families() {
    return {{"pg_extension", objects, {extensions}}};
}

}  // namespace cairn::catalog
