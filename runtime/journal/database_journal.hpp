// The journal inside the database that a run changes; its statements travel with the steps' own.
#pragma once

#include <map>
#include <set>

#include "runtime/journal/journal.hpp"

namespace cairn::journal {

// What the undo trail keeps for one inverse statement.
struct UndoRow {
    std::uint32_t ordinal = 0;
    int seq = 0;
    std::string statement;
    sql::ObjectName object;
    std::optional<std::string> identity;
    bool guard_rows = false;
    std::optional<std::string> difference;  // JSON of undo::Entry: then `statement` is only said, not run
};

// Timeouts that hold for one step; empty: the session's default.
struct StepLimits {
    std::optional<std::chrono::milliseconds> lock_timeout, statement_timeout;
    friend bool operator==(const StepLimits&, const StepLimits&) = default;
};

// The intention of a non-transactional statement: written before it is sent.
struct Intent {
    int statement = 0;                     // index in the step
    std::optional<std::string> existed;    // cairn.identity of its subject before
    int backend = 0;                       // the session that will run it
    std::string backend_start;
    std::vector<std::string> rebuilding{};  // what gives back what the statement takes away
};

class DatabaseJournal final : public Journal {
public:
    // Borrows the session; it must outlive the journal.
    explicit DatabaseJournal(postgres::Session& session) : session_(&session) {}

    [[nodiscard]] std::variant<std::optional<RunHead>, compiler::Diagnostic> latest(const std::string& plan) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> take_lease(const LeaseRequest&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> begin(const RunRecord&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> record(const std::vector<ItemChange>&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> event(const std::string&, const std::string&, const std::string&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> state(RunState, const std::string&, bool release) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> release() override;
    [[nodiscard]] std::variant<std::vector<ItemRecord>, compiler::Diagnostic> items() override;

    // The session was replaced after a lost connection: a new token, then looking up is safe.
    [[nodiscard]] std::optional<compiler::Diagnostic> reconnected(postgres::Session&);
    // Works under the lease that another journal of the same run and database holds; the backend is that of this one's session.
    [[nodiscard]] std::variant<Backend, compiler::Diagnostic> work_beside(const DatabaseJournal& holder);
    // The same with another session, after the `former` one was lost.
    [[nodiscard]] std::variant<Backend, compiler::Diagnostic> work_beside_again(postgres::Session&, const Backend& former);
    // The role under which this database is known to the run of the lease; empty where the plan changes one database only, nullopt where the
    // run is not recorded here.
    [[nodiscard]] std::variant<std::optional<std::string>, compiler::Diagnostic> role_of_run();
    // Whether something was recorded of the run as a whole.
    [[nodiscard]] std::variant<bool, compiler::Diagnostic> has_event(const std::string& event);
    [[nodiscard]] LeaseToken token() const { return token_; }
    [[nodiscard]] const LeaseRequest& lease() const { return lease_; }

    // ------------------------------------------------ pieces of a step's own transaction
    // Opens every transaction: fails with CA001 unless the lease is still ours.
    [[nodiscard]] postgres::Command fence() const;
    // The same, and sets the limits: for this transaction, or for the session until they change.
    enum class Lasting { transaction, session };
    [[nodiscard]] postgres::Command fence(const StepLimits&, Lasting) const;
    // The same for a step that is sent ahead: fails with CA002 too, unless item `before` is done.
    [[nodiscard]] postgres::Command fence_behind(compiler::ItemId before) const;
    // Remembers, in this transaction, whether the objects of `rows` (IF NOT EXISTS) are there already.
    [[nodiscard]] postgres::Command remember(const UndoRow&) const;
    // Writes the undo rows of one statement, right after it. Rows whose object was there before are left out.
    [[nodiscard]] postgres::Command note_undo(const std::vector<UndoRow>&) const;
    // Writes what a stretch of a step has changed, as undo::Entry in JSON.
    // C0830: the database is a copy made by way of a dump, whose objects are not those that the run's undo trail knows.
    [[nodiscard]] std::optional<compiler::Diagnostic> came_by_dump();
    [[nodiscard]] postgres::Command note_difference(compiler::ItemId, int seq, const std::string& summary, const std::string& detail) const;
    // Adds to an entry of the running transaction what is known of it when that ends.
    [[nodiscard]] postgres::Command note_filled(compiler::ItemId, int seq, const std::string& filled) const;
    // The record that the item is done, with the undo rows of its last statement.
    [[nodiscard]] postgres::Command finish_item(compiler::ItemId, const std::string& name,
                                                const std::vector<UndoRow>&) const;
    // The record that `when` said no, inside a group's transaction.
    [[nodiscard]] postgres::Command skip_item(compiler::ItemId, const std::string& name) const;
    // Returns when every commit of this session so far is on disk: the fence's row lock is a commit worth a flush.
    [[nodiscard]] std::optional<compiler::Diagnostic> flush();
    // Rows changed are known only when the answers are in: written with the next call that records.
    void add_rows(compiler::ItemId, std::int64_t rows);

    // ------------------------------------------------ non-transactional statements
    [[nodiscard]] std::optional<compiler::Diagnostic> intend(compiler::ItemId, const std::string& name, const Intent&,
                                                             bool first);
    // Statement `done` statements of the item are finished; with them the undo rows of the last.
    [[nodiscard]] std::optional<compiler::Diagnostic> statement_done(compiler::ItemId, int done,
                                                                     const std::vector<UndoRow>&);
    struct Progress {
        ItemState state = ItemState::pending;
        int statements_done = 0;
        std::optional<Intent> intent;
    };
    [[nodiscard]] std::variant<Progress, compiler::Diagnostic> progress(compiler::ItemId);

    // ------------------------------------------------ undo
    [[nodiscard]] std::variant<std::vector<UndoRow>, compiler::Diagnostic> undo_rows(compiler::ItemId);  // to be run, in order
    [[nodiscard]] postgres::Command item_undone(compiler::ItemId, const std::string& name, bool in_part) const;
    // Rows of these (sub)transactions are the run's own.
    [[nodiscard]] postgres::Command own_too(compiler::ItemId, const std::vector<std::string>& xids) const;
    // The kept parts (undo::Kept in JSON) of the trails of all runs that hold rows of these tables, in the order in which they were
    // written.
    struct KeptDetail {
        std::string run, detail;
        std::string there;  // the kept tables that are there still, a JSON list of their names: an undo drops them before its entry goes
    };
    [[nodiscard]] std::variant<std::vector<KeptDetail>, compiler::Diagnostic> kept_details(const std::set<std::uint32_t>& tables) const;
    // Rows of these subtransactions of an undo are again as they were before what was undone: no later write in the eyes of any run
    // whose kept rows were marked when they were changed (undo::Kept::marked).
    [[nodiscard]] postgres::Command given_back(const std::vector<std::string>& xids) const;
    // From now on they count as later writes.
    [[nodiscard]] static postgres::Command distrust_given_back();
    // A run's own, and those that have given rows back.
    [[nodiscard]] static std::string standing_xids_query(const std::string& run);
    // An event inside the transaction that is open.
    [[nodiscard]] postgres::Command say(const std::string& item, const std::string& event, const std::string& detail) const;
    // An object that has been made again, as cairn.remade names it: "pg_class 16384", a column "pg_class 16384.3".
    [[nodiscard]] postgres::Command remade(const std::string& was, const std::string& is) const;
    // A statement for the trail, to be run behind the one that has built the index again outside of a transaction: earlier steps know it by
    // its former identity `was`, and what wrote it is the run's own.
    [[nodiscard]] std::string index_remade(compiler::ItemId, const std::string& was, const std::string& index) const;
    // What rollbacks have made again, of whatever run: an object bears each of its names once. From what it was to what it is, one remaking at a time.
    [[nodiscard]] std::variant<std::map<std::string, std::string>, compiler::Diagnostic> all_remade();
    // Transaction ids of this run's items, as 32-bit xmin values: whose rows are the run's own.
    [[nodiscard]] std::string own_xids_query() const;
    // The same, and those of items that were rolled back, of whatever run: definitions that they have written are nobody's change. Of
    // rows that can't be said: giving back a column writes those of others, too.
    [[nodiscard]] std::string settled_xids_query() const;

    [[nodiscard]] const std::string& run() const { return lease_.run; }

private:
    [[nodiscard]] std::optional<compiler::Diagnostic> transaction(std::vector<postgres::Command>, const std::string& doing);
    [[nodiscard]] std::optional<postgres::Command> pending_rows();
    [[nodiscard]] postgres::Command release_command() const;

    postgres::Session* session_;
    LeaseRequest lease_;
    LeaseToken token_;
    std::vector<std::pair<compiler::ItemId, std::int64_t>> rows_;
};

}  // namespace cairn::journal
