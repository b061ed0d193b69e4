#include <catch2/catch.hpp>

#include "runtime/undo/what_to_do.hpp"

using cairn::postgres::ServerError;
using cairn::undo::what_to_do;
using cairn::undo::with_help;

namespace {
ServerError of(const char* sqlstate) {
    ServerError error;
    error.sqlstate = sqlstate;
    return error;
}
}  // namespace

TEST_CASE("undo: an error of the server comes with what to do") {
    CHECK(what_to_do(of("53100"), "r1") == "make room on the server's disk, then: cairn rollback r1");
    CHECK(what_to_do(of("53200"), "r1") == "free what the server is short of, then: cairn rollback r1");
    CHECK(what_to_do(of("2BP01"), "r1") == "drop what hangs on it, or change that, then: cairn rollback r1");
    CHECK(what_to_do(of("23514"), "r1") == "put these rows right, then: cairn rollback r1");
    CHECK(what_to_do(of("42P17"), "r1") == "change or drop what it clashes with, then: cairn rollback r1");
    CHECK(what_to_do(of("XX000"), "r1") == "put right what the server says, then: cairn rollback r1");
    CHECK(what_to_do(of("22P02"), "r1") == "mend the value that does not fit, or delete its row, then: cairn rollback r1");
    auto by_cairns_own = of("22P02");
    by_cairns_own.context = "PL/pgSQL function cairn.kept_1_f2(text) line 1 at RAISE";
    CHECK(what_to_do(by_cairns_own, "r1") == what_to_do(of("22P02"), "r1"));
    auto by_function = of("P0001");
    by_function.context = "PL/pgSQL function forbid() line 3 at RAISE\nSQL statement";
    CHECK(what_to_do(by_function, "r1") == "it was refused in PL/pgSQL function forbid() line 3 at RAISE: set that aside, then: cairn rollback r1");
}

TEST_CASE("undo: an error that says already what the server said gets its help by the SQLSTATE") {
    cairn::compiler::Diagnostic error;
    error.code = 865;
    error.message = "giving back the rows of `t` failed: could not extend file: No space left on device (53100)";
    CHECK(with_help(error, "r1").help == "make room on the server's disk, then: cairn rollback r1");
    error.help = "its own";
    CHECK(with_help(error, "r1").help == "its own");
    error.help.clear();
    error.message = "the rows are gone";
    CHECK(with_help(error, "r1").help.empty());
}
