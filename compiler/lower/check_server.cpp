// Checks of the server: its sessions, its version, the room on disk.
#include <fmt/format.h>

#include "compiler/lower/check_parts.hpp"
#include "grammar/literal.hpp"

namespace cairn::compiler {

namespace {

using sql::quote_literal;

std::string interval_of(const grammar::Value& value, const CheckContext& context) {
    const auto duration = context.values.duration(value);
    const std::string words = duration ? interval_words(*duration) : context.values.text(value);
    return "interval " + quote_literal(words);
}

}  // namespace

// usesysid is seen by everybody, backend_type is NULL without the right to see it; a role that does not exist is an error, not zero sessions.
// Sessions of this run bear the same application_name as the one that asks.
void lower_form(const grammar::SessionsOf& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    check.query = composed(
        fmt::format("SELECT count(*) FROM pg_catalog.pg_stat_activity\n"
                    "WHERE usesysid = {}::pg_catalog.regrole AND pid <> pg_catalog.pg_backend_pid()\n"
                    "  AND COALESCE(backend_type IN ('client backend', 'walsender'), true)\n"
                    "  AND application_name IS DISTINCT FROM pg_catalog.current_setting('application_name')",
                    quote_literal(context.text(form.role))),
        context);
    check.expect = expect_value(form.op, form.value, context);
}

void lower_form(const grammar::NoTransactionsOlder& form, const std::vector<Body>&,
                const CheckContext& context, Check& check) {
    const std::string limit = interval_of(form.than, context);
    check.query = composed(
        fmt::format("SELECT pid, usename AS \"user\", application_name AS application, state,\n"
                    "       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - xact_start) AS age,\n"
                    "       pg_catalog.left(query, 80) AS query\n"
                    "FROM pg_catalog.pg_stat_activity\n"
                    "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()\n"
                    "  AND xact_start < pg_catalog.clock_timestamp() - {0}\n"
                    "UNION ALL\n"
                    "SELECT NULL, owner, NULL, 'prepared',\n"
                    "       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - prepared), gid\n"
                    "FROM pg_catalog.pg_prepared_xacts\n"
                    "WHERE database = pg_catalog.current_database() AND prepared < pg_catalog.clock_timestamp() - {0}",
                    limit),
        context);
    check.needs_all_stats = true;
    check.expect = ExpectNothing{};
}

void lower_form(const grammar::LongRunningQueries& form, const std::vector<Body>&,
                const CheckContext& context, Check& check) {
    check.query = composed(
        fmt::format("SELECT count(*) FROM pg_catalog.pg_stat_activity\n"
                    "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()\n"
                    "  AND backend_type = 'client backend' AND state = 'active'\n"
                    "  AND query_start < pg_catalog.clock_timestamp() - {}",
                    interval_of(form.over, context)),
        context);
    check.needs_all_stats = true;
    check.expect = expect_value(form.op, form.value, context);
}

// `14` means any 14.x; `14.5` the minor version too; before 10 the first two numbers were the major one.
void lower_form(const grammar::ServerVersion& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    const std::string text = context.values.text(form.value);
    const std::size_t point = text.find('.');
    const int major = std::atoi(text.c_str());
    const int minor = point == std::string::npos ? 0 : std::atoi(text.c_str() + point + 1);
    const std::string number = "pg_catalog.current_setting('server_version_num')::integer";
    std::string left, right;
    if (major < 10) {
        left = number + " / 100";
        right = std::to_string(major * 100 + minor);
    } else if (point == std::string::npos) {
        left = number + " / 10000";
        right = std::to_string(major);
    } else {
        left = number;
        right = std::to_string(major * 10000 + minor);
    }
    check.query = composed(fmt::format("SELECT {} {} {} AS passed, pg_catalog.current_setting('server_version') AS found",
                                       left, symbol(form.op), right),
                           context);
    check.expect = ExpectTrue{};
}

void lower_form(const grammar::FreeSpace& form, const std::vector<Body>&, const CheckContext& context,
                Check& check) {
    ExpectFreeSpace expect{.path = context.text(form.path), .op = lower_op(form.op), .factor = 0, .bytes = 0};
    if (form.factor) {
        expect.factor = context.values.number(*form.factor).value_or(0);
        Statement size = composed("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", context);
        if (auto database = context.another(form.database)) {
            check.elsewhere = {.database = std::move(*database), .query = std::move(size)};
        } else {
            check.query = std::move(size);
        }
    } else if (form.size) {
        expect.bytes = context.values.size(*form.size).value_or(0);
    }
    check.expect = std::move(expect);
}

void lower_form(const grammar::Match&, const std::vector<Body>&, const CheckContext&, Check&) {}
void lower_form(const grammar::BackupVerified&, const std::vector<Body>&, const CheckContext&, Check&) {}

}  // namespace cairn::compiler
