#include "runtime/catalog/definitions/questions.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace cairn::catalog {
namespace {

constexpr const char* shared[] = {"pg_authid", "pg_database", "pg_tablespace"};

bool is_shared(const std::string& catalog) {
    return std::find(std::begin(shared), std::end(shared), catalog) != std::end(shared);
}

// What every family's objects have.
struct Generic {
    std::string header, facets, privileges;  // privileges: empty where nothing can be granted
};

Generic generic(const Family& family) {
    const std::string o =
        "WITH o(oid, word, schema, name, suffix, rename, owner, acl, acl_kind, acl_word) AS (" +
        family.objects + "),\n" + R"(
i AS (SELECT o.*, concat(quote_ident(schema) || '.', CASE word WHEN 'OPERATOR' THEN name::text ELSE quote_ident(name) END, suffix) AS identity FROM o)
)";
    const std::string label = is_shared(family.catalog) ? "pg_shseclabel" : "pg_seclabel";
    const std::string description =
        is_shared(family.catalog) ? "pg_shdescription" : "pg_description";
    const std::string whole = is_shared(family.catalog) ? "" : " AND d.objsubid = 0";
    return {
        .header = o + "SELECT oid, word, identity, schema, name, suffix FROM i",
        .facets = o + R"(
SELECT oid, 'owner', owner::text, format('ALTER %s %s OWNER TO %I', word, identity, pg_get_userbyid(owner)), NULL, 'set', NULL
FROM i WHERE word IS NOT NULL AND owner IS NOT NULL
UNION ALL
SELECT oid, 'comment', d.description, format('COMMENT ON %s %s IS %L', word, identity, d.description),
       format('COMMENT ON %s %s IS NULL', word, identity), 'set', NULL
FROM i CROSS JOIN LATERAL (SELECT * FROM )" +
                  description + " d WHERE d.classoid = '" + family.catalog +
                  R"('::regclass AND d.objoid = i.oid)" + whole + R"( OFFSET 0) d
WHERE word IS NOT NULL
UNION ALL
SELECT oid, 'label ' || d.provider, d.label, format('SECURITY LABEL FOR %I ON %s %s IS %L', d.provider, word, identity, d.label),
       format('SECURITY LABEL FOR %I ON %s %s IS NULL', d.provider, word, identity), 'set', NULL
FROM i CROSS JOIN LATERAL (SELECT * FROM )" +
                  label + " d WHERE d.classoid = '" + family.catalog +
                  R"('::regclass AND d.objoid = i.oid)" + whole + R"( OFFSET 0) d
WHERE word IS NOT NULL
UNION ALL
-- Neither of the transaction that has written most members nor of the one that made or updated the extension: it may
-- have been put in by hand.
SELECT i.oid, 'extension', e.oid || CASE WHEN d.xmin::text NOT IN (e.xmin::text, (
           SELECT mode() WITHIN GROUP (ORDER BY m.xmin::text) FROM pg_depend m
           WHERE m.refclassid = d.refclassid AND m.refobjid = d.refobjid AND m.deptype = 'e')) THEN ' by hand' ELSE '' END,
       format('ALTER EXTENSION %I ADD %s %s', e.extname, word, identity),
       format('ALTER EXTENSION %I DROP %s %s', e.extname, word, identity), NULL, NULL
FROM i CROSS JOIN LATERAL (SELECT p.xmin, p.refclassid, p.refobjid FROM pg_depend p WHERE p.classid = ')" +
                  family.catalog + R"('::regclass AND p.objid = i.oid AND p.objsubid = 0
                              AND p.deptype = 'e' OFFSET 0) d
     JOIN pg_extension e ON e.oid = d.refobjid
WHERE word IS NOT NULL
UNION ALL
SELECT oid, 'name', quote_ident(name), coalesce(rename, format('ALTER %s %s RENAME TO ', word, identity)), NULL, NULL, 'rename'
FROM i WHERE rename <> '' OR rename IS NULL AND word IS NOT NULL
UNION ALL
-- What ALTER DEFAULT PRIVILEGES would give a new object, it has not had. Before those of columns, which REVOKE takes along.
SELECT oid, 'all privileges', '', concat_ws(E'\x1e', format('REVOKE ALL ON %s %s FROM PUBLIC, %s', coalesce(acl_word, word), identity, w.whom),
       (SELECT string_agg(format('GRANT %s ON %s %s TO %s', e.privilege_type, coalesce(acl_word, word), identity,
                                 CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END), E'\x1e')
        FROM aclexplode(acldefault(acl_kind, owner)) e)), NULL, NULL, 'fresh'
FROM i CROSS JOIN LATERAL (SELECT string_agg(DISTINCT quote_ident(pg_get_userbyid(e.grantee)), ', ')
                           FROM pg_default_acl a CROSS JOIN LATERAL aclexplode(a.defaclacl) e
                           WHERE e.grantee <> 0 AND a.defaclobjtype = CASE acl_kind WHEN 's' THEN 'S' ELSE acl_kind END) w(whom)
WHERE acl_kind IS NOT NULL AND w.whom IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_init_privs p WHERE p.classoid = ')" + family.catalog + R"('::regclass AND p.objoid = i.oid AND p.objsubid = 0))",
        .privileges = family.objects.find("acl,") == std::string::npos ? "" : facet::privileges(
            "SELECT * FROM (" + o + R"(
SELECT oid, '', coalesce(acl, acldefault(acl_kind, owner)),
       coalesce((SELECT p.initprivs FROM pg_init_privs p WHERE p.classoid = ')" +
            family.catalog +
            R"('::regclass AND p.objoid = i.oid AND p.objsubid = 0 AND p.privtype = 'e'),
                acldefault(acl_kind, owner)),
       owner, format(' ON %s %s', coalesce(acl_word, word), identity)
FROM i WHERE acl_kind IS NOT NULL AND acl IS NOT NULL) g)"),
    };
}

Questions questions(const Family& family) {
    auto own = generic(family);
    std::vector<FacetQuery> facets{own.facets};
    if (!own.privileges.empty()) facets.emplace_back(std::move(own.privileges));
    facets.insert(facets.end(), family.facets.begin(), family.facets.end());
    Questions made{.header = std::move(own.header), .facets = {}};
    for (const auto& facet : facets) {
        const auto same = std::find_if(made.facets.begin(), made.facets.end(), [&](const FacetQuery& one) {
            return facet.kinds == nullptr || one.kinds == nullptr ? facet.kinds == one.kinds
                                                                  : std::string_view(facet.kinds) == one.kinds;
        });
        if (same == made.facets.end())
            made.facets.emplace_back("(" + facet.sql + ")", facet.kinds);
        else
            same->sql += "\nUNION ALL\n(" + facet.sql + ")";
    }
    return made;
}

}  // namespace

const std::vector<Questions>& all_questions() {
    static const std::vector<Questions> all = [] {
        std::vector<Questions> made;
        for (const auto& family : all_families()) made.push_back(questions(family));
        return made;
    }();
    return all;
}

}  // namespace cairn::catalog
