// The queries that read definitions out of PostgreSQL's catalog, one or more for each family of
// objects.
#pragma once

#include <string>
#include <vector>

namespace cairn::catalog {

// Every query gives two columns of text: the object ("table public.users") and its definition.
// Properties that have their default are left out of a definition, and nothing in it depends on
// OIDs, or on the order in which things were made. They want `search_path = pg_catalog`, so that
// every name is qualified, and PostgreSQL 14 or later.
[[nodiscard]] std::vector<std::string>
relation_queries();  // tables, columns, constraints, indexes, views, sequences …
[[nodiscard]] std::vector<std::string> routine_queries();  // functions, triggers, rules, policies
[[nodiscard]] std::vector<std::string>
type_queries();  // types, operators, casts, collations, text search
[[nodiscard]] std::vector<std::string> database_queries(
    int server_version);  // schemas, extensions, comments …
// Roles, tablespaces and parameters, which all databases share, and the roads into this one.
[[nodiscard]] std::vector<std::string> cluster_queries(int server_version);

namespace part {

// Opens a query: `ns` holds the schemas of users.
extern const std::string with_users;

// Grants in a stable order; NULL where they are what the owner's default gives. `kind` as
// acldefault() takes it.
[[nodiscard]] std::string grants(const std::string& acl, char kind, const std::string& owner);
// `owner ROLE`
[[nodiscard]] std::string owner(const std::string& oid);
// `with (a=1, b=2)` of a text[], sorted; NULL where there are none.
[[nodiscard]] std::string options(const std::string& array);

}  // namespace part
}  // namespace cairn::catalog
