// What cairn makes and drops for itself, or takes back, is no business of the database's event triggers.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::journal {

// The script, inside a transaction, during which event triggers are silent: where the role is a superuser, and others can't do that, and
// where there are any. Those that are ENABLE ALWAYS or ENABLE REPLICA fire all the same. Rows of users' tables must not be written in it.
// https://www.postgresql.org/docs/15/sql-altereventtrigger.html
[[nodiscard]] std::string in_silence(const std::string& script);
[[nodiscard]] std::vector<postgres::Command> in_silence(std::vector<postgres::Command>);
[[nodiscard]] std::vector<std::string> each_in_silence(const std::string& statement);  // statements one by one
// One statement that takes a definition back, inside a transaction; or outside, where PostgreSQL wants it so.
[[nodiscard]] postgres::Answer query_in_silence(postgres::Session&, const std::string& statement);
[[nodiscard]] postgres::Answer query_in_silence_alone(postgres::Session&, const std::string& statement);

// One line for people on the event triggers that will fire for what cairn makes and drops for itself, and what to do; empty: none.
[[nodiscard]] std::variant<std::string, postgres::Answer> unsilenced(postgres::Session&);

}  // namespace cairn::journal
