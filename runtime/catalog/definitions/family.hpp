// A family of objects: the queries that read their definitions as SQL out of PostgreSQL's catalog.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cairn::catalog {

struct FacetQuery {
    FacetQuery(std::string text, const char* only_of = nullptr) : sql(std::move(text)), kinds(only_of) {}
    FacetQuery(const char* text) : sql(text) {}
    std::string sql;
    // Asked only when there is an object of these kinds: of relations relation_kinds(); constraints of domains are 'd', others
    // have their contype. NULL: always.
    const char* kinds = nullptr;
};

// All queries run with `search_path = pg_catalog`, so that pg_get_*def() and ::regclass qualify
// every name. They are prepared once a session, and take one parameter: `$1::oid[]`, the objects of
// this catalog that are asked for; those that are not this family's are left out by its WHERE.
// Extension members need no special care here.
struct Family {
    // The catalog whose rows these objects are: "pg_proc". Several families may share one.
    std::string catalog;

    // One row an object, with these columns, in this order; trailing ones may not be left out:
    //   oid      oid
    //   word     text        as COMMENT ON and ALTER say it: 'FUNCTION'. NULL: no comment, nothing
    //   generic schema   text        plain, not quoted; NULL where the kind has none name     text
    //   plain, not quoted suffix   text        what follows the name in the identity: '(integer)',
    //   ' USING btree', ' ON public.t'.
    //                        The identity, as ALTER, DROP and COMMENT ON take it, is [schema.]name
    //                        suffix, quoted
    //   rename   text        what the new name follows: NULL stands for 'ALTER word identity RENAME
    //   TO ',
    //                        '' for a kind that can't be renamed
    //   owner    oid         NULL where the kind has none
    //   acl      aclitem[]   NULL too where the kind has no privileges
    //   acl_kind "char"      as acldefault() takes it; NULL: no privileges
    //   acl_word text        as GRANT … ON says it; NULL: as `word`
    // A name is quoted unless `word` is OPERATOR. From it come, for every family, the facets owner,
    // comment, security labels, privileges, name and schema.
    std::string objects;

    // Each gives rows of these columns, in this order:
    //   oid      oid
    //   facet    text   '' is the object itself: `set` is CREATE, `reset` is DROP. Else one
    //   property: 'cost',
    //                   'option fillfactor'. Facets of one object are set in the order of their
    //                   names, '' first.
    //   value    text   compared: equal ones need nothing. Types, functions and other objects by
    //   OID, not by name
    //                   (a type of the same name may be another); never NULL. A facet that holds
    //                   its default has no row at all, so that setting it is what `set` does and
    //                   resetting what `reset` does.
    //   set      text   makes it so; names as they are now, schema-qualified. Several statements
    //   are separated by
    //                   E'\x1e' (see facet::then). NULL for '': something else makes it (the index
    //                   of a constraint)
    //   reset    text   gives it its default; NULL: `set` of another value is enough, and there is
    //   always one in_place text   for '' above all: if it is not NULL and equal in both states,
    //   `set` replaces the other one
    //                   directly (CREATE OR REPLACE). Else the object is dropped and made again,
    //                   with all that depends on it. For other facets: reset, then set
    //   how      text   NULL: compared, and set after CREATE.
    //                   'given': CREATE sets it too, or the facet whose name this one's name
    //                   continues does (ADD COLUMN), so it is only set by itself where the object
    //                   has stayed. 'created': the same of CREATE alone. 'fresh': set after CREATE
    //                   only, never compared. 'last': set when all objects have been made, and
    //                   reset before any is dropped 'contents': the same, and when the rows are
    //                   back; never reset 'rename': `value` is a name, quoted; the SQL is `set` of
    //                   the state at hand followed by the `value` wanted: 'ALTER TYPE public.mood
    //                   RENAME VALUE ''sad'' TO '. Done between resets and sets. 'retype': as
    //                   'given'; `reset` is `set` by way of text, for a type that had to be made
    //                   again. 'lasting': can't be set back; `set` holds the reason, in the user's
    //                   words ("the owner's …"). Of '', that it can't be made again; of another
    //                   facet, that it can't be changed where the object has stayed.
    std::vector<FacetQuery> facets;

    const char* kinds = nullptr;  // as in FacetQuery, of the whole family
};

// One function a file of families; all_families() in families.cpp calls each.
[[nodiscard]] std::vector<Family> relation_families();
[[nodiscard]] std::vector<Family>
type_families();  // enums, composite types, domains, ranges, base types
[[nodiscard]] std::vector<Family> routine_families();   // functions, procedures, aggregates
[[nodiscard]] std::vector<Family> operator_families();  // operators, their families and classes
[[nodiscard]] std::vector<Family>
conversion_families();  // casts, transforms, conversions, collations
[[nodiscard]] std::vector<Family>
text_search_families();  // parsers, templates, dictionaries, configurations
[[nodiscard]] std::vector<Family> extension_families();
[[nodiscard]] std::vector<Family> publication_families();
[[nodiscard]] std::vector<Family> subscription_families();
[[nodiscard]] std::vector<Family> foreign_families();  // wrappers, servers, user mappings
[[nodiscard]] std::vector<Family> role_families();
[[nodiscard]] std::vector<Family>
privilege_families();  // default privileges, parameters, large objects
// Schemas, languages, access methods, event triggers, databases, tablespaces.
[[nodiscard]] std::vector<Family> database_families();
[[nodiscard]] const std::vector<Family>& all_families();

namespace facet {

// `a`, and then `b`: two statements in one SQL expression of type text.
[[nodiscard]] std::string then(const std::string& a, const std::string& b);

// The SQL expression of an identity: format('%I.%I', …).
[[nodiscard]] std::string qualified(const std::string& schema, const std::string& name);

// Of a pg_node_tree or an array of them: equal as long as it says the same, whatever things are
// called by now.
[[nodiscard]] std::string tree(const std::string& expression);

// A whole SELECT of facets 'privilege …', one a privilege, grantee and grantor, and one a grant
// option. What the default of the kind gives needs none; what it gives and has been revoked has one
// too. `from` gives rows (oid, prefix of the facets' names, acl, the default's acl, owner, target):
// the target is what follows the privilege in GRANT and REVOKE: ' ON TABLE public.t'.
[[nodiscard]] std::string privileges(const std::string& from);

// A whole SELECT of facets 'option NAME' for `array`, a text[] of NAME=VALUE as in reloptions.
// `alter` is an SQL expression of what stands before SET (…) and RESET (…).
//   options("c.oid", "c.reloptions", "'ALTER TABLE ' || c.oid::regclass", "pg_class c", "c.oid =
//   ANY ($1)")
[[nodiscard]] std::string options(const std::string& oid, const std::string& array,
                                  const std::string& alter, const std::string& from,
                                  const std::string& where);

// A whole SELECT of facets 'setting NAME' from pg_db_role_setting `s`. `where` is put before the
// name, `alter` before SET and RESET; `from` joins what they speak of.
[[nodiscard]] std::string settings(const std::string& oid, const std::string& where,
                                   const std::string& alter, const std::string& from);

}  // namespace facet
}  // namespace cairn::catalog
