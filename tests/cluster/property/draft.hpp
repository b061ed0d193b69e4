// Random SQL that PostgreSQL takes: a database to try each statement on, and what can be asked of
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::cluster::property {

// The same numbers for the same seed, on every machine: the distributions of <random> promise less.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    // From 0 to `end` - 1.
    [[nodiscard]] std::size_t below(std::size_t end) {
        return static_cast<std::size_t>(engine_() % end);
    }
    [[nodiscard]] bool one_in(std::size_t times) { return below(times) == 0; }
    template <class Range>
    [[nodiscard]] auto pick(const Range& range) {
        return range[below(std::size(range))];
    }

private:
    std::mt19937_64 engine_;
};

using Row = std::vector<std::string>;  // NULL is ""

struct Column {
    std::string name, type;  // as SQL has them
    std::string type_oid;
    char kind = 'b';  // pg_type.typtype
    bool not_null = false, generated = false, always_identity = false;
};

// What the makers of statements see: the random numbers, and the catalog of the database that the
// statements are tried on.
class Draft {
public:
    // Names are numbered from `first_name` on: two drafts of one database give none twice.
    Draft(postgres::Session session, std::uint64_t seed, int first_name);

    Random random;

    // The answer, which the query has put in an order of its own. An error fails the test.
    [[nodiscard]] std::vector<Row> rows(const std::string& query);
    // Any of its rows; empty where there is none.
    [[nodiscard]] Row one(const std::string& query);

    // A name that is not taken, now and then one that wants quotes.
    [[nodiscard]] std::string new_name(std::string_view kind);
    // A schema, and in it a new name.
    [[nodiscard]] std::string new_name_in_schema(std::string_view kind);
    [[nodiscard]] std::string schema();
    // `public.t`, of one of these relkinds; "" where there is none.
    [[nodiscard]] std::string relation(std::string_view relkinds);
    [[nodiscard]] std::string table() { return relation("rp"); }
    [[nodiscard]] std::vector<Column> columns(const std::string& relation);
    [[nodiscard]] std::optional<Column> column(const std::string& relation);
    [[nodiscard]] std::string role();
    // Any type that a column can have, built-in or not.
    [[nodiscard]] std::string type();
    // A value of the type, as an expression.
    [[nodiscard]] std::string value(const Column&);
    [[nodiscard]] std::string value_of_type(const std::string& type);
    // A condition that holds for some rows of the alias `t`, the same whatever order they stand in.
    [[nodiscard]] std::string some_rows();

    // Runs statements as one transaction. Each `make` may say nothing (""), and what PostgreSQL
    // refuses is left out; the statements that stay, in order.
    using Make = std::function<std::string(Draft&)>;
    [[nodiscard]] std::vector<std::string> transaction(std::size_t statements, const Make& make);

private:
    [[nodiscard]] std::string value(const std::string& type_oid, const std::string& type, char kind,
                                    int depth);
    [[nodiscard]] std::string base_value(const std::string& name);
    postgres::Session session_;
    int named_;
};

// Statements of all kinds. `creation`: such as a database is made of; else such as change one.
[[nodiscard]] std::string any_statement(Draft&, bool creation);

// A maker of statements and how often it is asked, for a database to begin with and for a change.
struct Maker {
    std::string (*make)(Draft&);
    int when_creating, when_changing;
};
[[nodiscard]] std::vector<Maker> row_makers();
[[nodiscard]] std::vector<Maker> table_makers();
[[nodiscard]] std::vector<Maker> column_makers();
[[nodiscard]] std::vector<Maker> constraint_makers();
[[nodiscard]] std::vector<Maker> routine_makers();
[[nodiscard]] std::vector<Maker> type_makers();
[[nodiscard]] std::vector<Maker> other_makers();

// A string as SQL has it.
[[nodiscard]] std::string literal(std::string_view text);

// User objects only: to follow WHERE or AND, with pg_namespace as `n`.
inline constexpr std::string_view ours =
    "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'cairn')";

}  // namespace cairn::cluster::property
