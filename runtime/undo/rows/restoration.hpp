// One stretch's rows on their way back: what restore() is made of.
#pragma once

#include <map>
#include <set>

#include "runtime/undo/rows/references.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/switches.hpp"
#include "runtime/undo/rows/table.hpp"

namespace cairn::undo::restoring {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;
using How = KeptRows::How;

// What ended an attempt: conflicts that were found, or a refusal of the server.
struct Stopped {
    std::optional<Diagnostic> problem;
    bool again = false;  // conflicting rows are marked now (skip): the next attempt leaves them out
};
using Outcome = std::optional<Stopped>;

// How many rows one table's statements find when nobody has written them since.
struct Expected {
    std::string changed, put_in;
};

class Restoration {
public:
    Restoration(Session& session, const Kept& kept, OnConflict mode, std::string own_query)
        : session_(session), rows_(kept.rows), sequences_(kept.sequences), mode_(mode), own_query_(std::move(own_query)) {}

    std::variant<RestoreResult, Diagnostic> look();
    std::variant<RestoreResult, Diagnostic> run();

private:
    std::optional<Diagnostic> prepare();
    std::optional<Diagnostic> look_at_all_retyped();
    std::optional<Diagnostic> lift_security();
    std::optional<Diagnostic> go_on();
    std::optional<Diagnostic> count_expected();
    std::variant<bool, Diagnostic> try_trusting();
    std::optional<Diagnostic> look_and_give_back();
    bool release(const std::string& savepoint);
    void note_writers(const KeptRows&);
    std::optional<Diagnostic> find(KeptRows&);
    std::optional<Diagnostic> fit(KeptRows&, const Table&) const;
    std::optional<Diagnostic> leave_out(const KeptRows&, const Diagnostic& why);
    std::optional<Diagnostic> find_members();
    std::optional<Diagnostic> order();
    std::optional<Diagnostic> find_conflicts(const KeptRows&);
    std::optional<Diagnostic> find_conflicts();
    std::optional<Diagnostic> conflicts_by_key(const KeptRows&);
    std::optional<Diagnostic> conflicts_of_bag(const KeptRows&);
    std::optional<Diagnostic> look_whether_anew(const KeptRows&);
    std::optional<Diagnostic> conflicts_of_columns(const KeptRows&);
    std::optional<Diagnostic> look_at_retyped(KeptRows&);
    std::optional<Diagnostic> rows_of_others(const KeptRows&);
    std::optional<Diagnostic> under_another_key(const KeptRows&, const std::string& same);
    std::variant<bool, Diagnostic> has_kept_text(const KeptRows&, const Table& now, const std::string& same);
    std::optional<Diagnostic> mark();
    std::optional<Diagnostic> unmark();

    Outcome attempt();
    Outcome give_back(const KeptRows&);
    Outcome give_back_keyed(const KeptRows&);
    Outcome change_and_take_away(const KeptRows&, bool take_first, bool& unique);
    std::variant<bool, Stopped> change_by_way_of_others(const KeptRows&);
    Outcome row_by_row(const KeptRows&, char op, const std::string& statement);
    Outcome give_back_bag(const KeptRows&);
    Outcome give_back_whole_bag(const KeptRows&);
    Outcome give_back_of_columns(const KeptRows&);
    Outcome put_in(const KeptRows&);
    Outcome put_in_of_bag(const KeptRows&);
    Outcome referrers(const KeptRows&, char op);
    Outcome find_orphans(const Answer&);

    Outcome refused(const Answer&, const KeptRows&);
    Outcome refused_row(const Answer&, const KeptRows&, char op, const std::string& one);
    Outcome without_unproved(const Answer&);
    std::optional<Diagnostic> note_remade();
    Outcome conflict_stop();
    void add(Conflict, std::uint64_t of = 1);
    const KeptRows* of_table(std::uint32_t) const;
    Answer exec(const std::string& sql) { return session_.query(sql); }
    std::string own_or_any() const { return mode_ == OnConflict::force ? "" : own_; }
    // Giving back without having looked for conflicts: what does not go by itself is left to the pass that does look.
    bool trusts() const { return !expected_.empty(); }
    bool skipped(const KeptRows& r) const { return skipped_bags_.contains(r.kept_table); }

    Session& session_;
    std::vector<KeptRows> rows_;
    std::vector<KeptSequence> sequences_;
    OnConflict mode_;
    std::string own_query_, own_;
    std::map<std::uint32_t, std::uint32_t> root_of_;  // every relation that is written, to the table that it belongs to
    std::vector<std::uint32_t> members_;
    std::vector<Reference> references_;
    std::set<std::string> left_null_;  // kept tables: rows of others without a value were found
    std::set<std::string> skipped_bags_, partial_bags_, xids_;
    std::map<std::string, Expected> expected_;  // by kept table
    Switches security_;
    LeftAway acting_, unproved_;
    bool lenient_ = false;  // goes without the unproved ones
    RestoreResult result_, before_attempt_;
    std::uint64_t attempts_ = 0;
    bool gave_back_ = false;
};

// Query of the first of what is found, in the order in which it was kept, and of how many there are in all.
[[nodiscard]] std::string listed(const std::string& columns, const std::string& from, const char* order = "k.cairn_seq, k.ctid");

}  // namespace cairn::undo::restoring
