// Names out of the parse tree, written as SQL.
#pragma once

#include <optional>
#include <string>

#include "compiler/sql/tree.hpp"

namespace cairn::sql {

// `public."Order"` of a RangeVar.
[[nodiscard]] std::string relation_name(Value range_var);
// A list of String nodes joined by dots.
[[nodiscard]] std::string dotted_name(Value strings);
// The list without its last `drop` names: the relation of `table.column` in COMMENT ON, DROP
// TRIGGER …
[[nodiscard]] std::string dotted_prefix(Value strings, std::size_t drop = 1);
// The last name of the list, unquoted.
[[nodiscard]] std::string last_name(Value strings);
// `schema.name` where the schema may be empty; quotes both.
[[nodiscard]] std::string qualified(std::string_view schema, std::string_view name);
// The schema `name` is written with, quoted and with its dot: `public.` or nothing.
[[nodiscard]] std::string schema_prefix(Value range_var);

// A TypeName as an argument of DROP FUNCTION: `numeric`, `text[]`, `SETOF public.t`; without type
// modifiers, which play no part in a signature. Built-in types by their SQL names (`integer`).
[[nodiscard]] std::string type_name(Value type);
// `f(uuid, VARIADIC text[])` of a name and FunctionParameter nodes: what DROP FUNCTION takes.
// Output arguments play no part, but for a procedure (since PostgreSQL 14).
[[nodiscard]] std::string signature(Value name, Value parameters, bool procedure);
// The types of its input arguments alone, as regprocedure reads them: `f(text, integer[])`.
[[nodiscard]] std::string input_signature(Value name, Value parameters);
// The same of an ObjectWithArgs node (ALTER, DROP, COMMENT ON FUNCTION); the bare name where no
// arguments are written. An aggregate (`kind` is OBJECT_AGGREGATE) without arguments is `f(*)`.
[[nodiscard]] std::string object_with_args(Value object, std::string_view kind);
// A role of a RoleSpec: quoted, or CURRENT_USER.
[[nodiscard]] std::string role_name(Value role_spec);

}  // namespace cairn::sql
