// The numbers of the syntax errors; their titles stand in the compiler's catalogue.
#pragma once

#include <cstdint>

namespace cairn::grammar::code {

inline constexpr std::uint16_t unexpected = 101;      // expected X, found Y
inline constexpr std::uint16_t unknown_item = 102;    // a word where an item should stand
inline constexpr std::uint16_t unknown_clause = 103;  // a word where a clause should stand
inline constexpr std::uint16_t given_twice = 104;     // a clause that stands once only
inline constexpr std::uint16_t bad_duration = 105;    // no unit, an unknown one, out of range
inline constexpr std::uint16_t bad_size = 106;
inline constexpr std::uint16_t bad_instant = 107;  // no offset, or no such day
inline constexpr std::uint16_t bad_number = 108;
inline constexpr std::uint16_t open_sql = 109;     // `$$` that is never closed
inline constexpr std::uint16_t open_string = 110;  // a string that does not end on its line
inline constexpr std::uint16_t bad_escape = 111;
inline constexpr std::uint16_t bad_name = 112;          // upper case, a hyphen, beyond ASCII
inline constexpr std::uint16_t reserved_name = 113;     // database `failure`, restore `point`
inline constexpr std::uint16_t no_header = 114;         // the file does not start with `plan`
inline constexpr std::uint16_t misplaced_header = 115;  // `plan` again, or a declaration in a block
inline constexpr std::uint16_t too_deep = 116;
inline constexpr std::uint16_t nul_byte = 117;
inline constexpr std::uint16_t not_utf8 = 118;
inline constexpr std::uint16_t too_large = 119;
inline constexpr std::uint16_t open_block = 120;      // `{` that is never closed
inline constexpr std::uint16_t missing_clause = 121;  // what an item can't do without
inline constexpr std::uint16_t ill_suited = 122;      // a clause or state that this kind can't have
inline constexpr std::uint16_t too_many = 123;        // errors; the rest is not read

}  // namespace cairn::grammar::code
