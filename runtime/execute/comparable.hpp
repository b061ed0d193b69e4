// The text by which values of two databases are compared: each side prints its own, and equal values print alike.
//
// Both sides read a value as the type of the left one, so far as nothing is lost by that: any exact number is read as
// numeric, and dates and timestamps, where the two sides have different ones, as timestamp with time zone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::execute {

using TypeOid = std::uint32_t;

// Settings that shape text, the same on both sides: each is to be sent in the transaction. The queries run under them.
[[nodiscard]] const std::vector<std::string>& pinned_settings();

// The type as which values of both columns are read before they are printed; 0: they are not, each side's text counts.
// Only PostgreSQL's own types, whose OIDs are the same on every server, are read at all.
[[nodiscard]] TypeOid read_as(TypeOid left, TypeOid right);

// A column of one side's query, and what it is read as.
struct ComparedColumn {
    TypeOid own = 0, as = 0;
    std::string type{};  // `as` in SQL: `pg_catalog."numeric"`
    std::string type_words{};
};

// Whether reading may fail for a value, so that its row has to be found and named.
[[nodiscard]] bool may_not_be_read(const ComparedColumn&);

// Gives the rows of `query` as text, in the order of that text's bytes in UTF-8, which is every server's order. An order of the
// query's own is idle. `converts`: texts in this server's encoding sort in another order than in UTF-8.
[[nodiscard]] std::string ordered_texts(const std::string& query, const std::vector<ComparedColumn>&, bool converts);

// The rows of `query` as they are, each value as text, in whatever order they come.
[[nodiscard]] std::string plain_texts(const std::string& query, std::size_t columns);

// Whether texts in this encoding (as PostgreSQL names it) sort otherwise than in UTF-8.
[[nodiscard]] bool sorts_otherwise(const std::string& server_encoding);

}  // namespace cairn::execute
