// Values: numbers with and without units, instants, words, and the types of columns.
#pragma once

#include "grammar/rules/lexical.hpp"

namespace cairn::grammar::rules {

// -2.5  95%  10MB  30s  2026-01-15T22:00+04:00: what exactly, its action finds out
struct numeral_shape : seq<opt<one<'-'>>, digit,
                           star<sor<ranges<'a', 'z', 'A', 'Z', '0', '9', '_', '_'>,
                                    one<'%', ':', '+', '-'>, seq<one<'.'>, at<digit>>>>> {};

template <ValueKind Kind>
struct numeral : numeral_shape {};
struct value_string_text : quoted_text {};

// A string may hold a parameter, so it stands for every kind of value.
template <ValueKind Kind>
struct value_of : sor<token<numeral<Kind>>, token<value_string_text>> {};

struct number : value_of<ValueKind::number> {};
struct duration : value_of<ValueKind::duration> {};
struct size : value_of<ValueKind::size> {};
struct instant : value_of<ValueKind::instant> {};
struct literal : value_of<ValueKind::word> {};

struct boolean_text : sor<seq<TAO_PEGTL_STRING("true"), not_at<name_char>>,
                          seq<TAO_PEGTL_STRING("false"), not_at<name_char>>> {};
struct boolean : token<boolean_text> {};
struct word_text : name_parts {};
struct word_value : token<word_text> {};
struct value : sor<literal, word_value> {};

struct comparison_sign : sor<TAO_PEGTL_STRING("<="), TAO_PEGTL_STRING(">="), TAO_PEGTL_STRING("<>"),
                             one<'=', '<', '>'>> {};
struct comparison : token<comparison_sign> {};

// `2x erp` of free space
struct factor_text : seq<plus<digit>, opt<one<'.'>, plus<digit>>, one<'x'>, not_at<name_char>> {};
struct factor : token<factor_text> {};

// ---------------------------------------------------------------- types, as PostgreSQL writes them

struct type_arguments
    : seq<sign<'('>, plus<digit>, blanks, star<sign<','>, plus<digit>, blanks>, one<')'>> {};
struct time_zone : seq<sor<key<"with">, key<"without">>, must<key<"time">>, must<key<"zone">>> {};
struct type_words
    : sor<seq<key<"double">, must<key<"precision">>>,
          seq<sor<key<"character">, key<"bit">>, opt<key<"varying">>>,
          seq<sor<key<"timestamp">, key<"time">>, opt<token<type_arguments>>, opt<time_zone>>,
          seq<key<"interval">,
              opt<sor<key<"year">, key<"month">, key<"day">, key<"hour">, key<"minute">,
                      key<"second">>,
                  opt<key<"to">, sor<key<"month">, key<"hour">, key<"minute">, key<"second">>>>>,
          token<seq<name_parts, star<one<'.'>, name_parts>>>> {};
struct dimension : seq<sign<'['>, star<digit>, sign<']'>> {};
struct type_text : seq<type_words, opt<token<type_arguments>>, star<dimension>> {};
struct type : sor<type_text, string> {};

}  // namespace cairn::grammar::rules
