// What the queries of checks are made of.
#pragma once

#include <string>
#include <string_view>

#include "compiler/lower/lower.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

// Where and with which words a check is lowered.
struct CheckContext {
    const ResolvedPlan& plan;
    const ResolvedItem& item;
    Values values;
    Location where;

    [[nodiscard]] std::string text(const grammar::Template& t) const { return plan.text(t, item); }
    // The database that is named, where it is another than the item's.
    [[nodiscard]] std::optional<std::string> another(const std::optional<grammar::Template>& database) const {
        if (!database || text(*database) == item.database) return std::nullopt;
        return text(*database);
    }
};

// A query of cairn's own; what the server says of it points at the check.
[[nodiscard]] Statement composed(const std::string& query, const CheckContext&);

// Each fills query and expectation; the title is made apart.
void lower_form(const grammar::QueryReturns&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::QueryCompares&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::QueryAgainstQuery&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::Show&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::UsesIndex&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::ObjectCheck&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::ForeignKeysValid&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::RowLevelSecurity&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::RowsOf&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::FreeSpace&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::SessionsOf&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::NoTransactionsOlder&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::ServerVersion&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::LongRunningQueries&, const std::vector<Body>&, const CheckContext&, Check&);
// Not in this version yet.
void lower_form(const grammar::Match&, const std::vector<Body>&, const CheckContext&, Check&);
void lower_form(const grammar::BackupVerified&, const std::vector<Body>&, const CheckContext&, Check&);

// The check in the plan's own words: `table leases exists`.
[[nodiscard]] std::string title_of(const grammar::Check&, const std::vector<Body>&, const CheckContext&);

// What a value is compared as, in PostgreSQL's words.
[[nodiscard]] ExpectValue expect_value(grammar::Comparison, const grammar::Value&, const CheckContext&);
// `30s` as "30 seconds".
[[nodiscard]] std::string interval_words(std::chrono::milliseconds);
[[nodiscard]] const char* symbol(grammar::Comparison);

}  // namespace cairn::compiler
