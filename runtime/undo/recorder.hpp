// Watches what the statements of a step change, inside the step's transaction, and makes their way back from it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/catalog/definitions.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/relations.hpp"
#include "runtime/undo/rows/capture.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

// Statements that are watched together.
struct Stretch {
    enum class Kind { schema, rows, anything } kind = Kind::schema;
    std::vector<std::size_t> statements;  // positions in the step; those without any effect travel along
};
// Rows and definitions apart: a column that is added outgrows the table that keeps its rows.
[[nodiscard]] std::vector<Stretch> stretches(const compiler::StepItem&);
// All in one, whatever they do: what keeps rows can't be put on a table again while deferred checks of it are pending.
[[nodiscard]] std::vector<Stretch> one_stretch(const compiler::StepItem&);

// What tries that were rolled back have taught: what must be read or kept before a stretch so that nothing is lost.
struct Learned {
    std::set<catalog::ObjectId> objects;
    std::map<std::uint32_t, RowOps> tables;                          // rows captured as they change
    std::map<std::uint32_t, std::set<std::int16_t>> images;          // kept before: these columns, or all where empty
    std::set<std::uint32_t> sequences;
    SequencesOfTries sequences_of_tries;
    bool hidden_schema_changes = false;  // a statement that seemed to change rows only has changed definitions

    // Grows with everything that is learned.
    [[nodiscard]] std::size_t size() const;
};

class Recorder {
public:
    using Earlier = std::function<std::variant<std::vector<StandingRows>, compiler::Diagnostic>(const std::set<std::uint32_t>& tables)>;
    using Outside = std::function<std::variant<postgres::Session*, compiler::Diagnostic>()>;
    // `earlier` gives what runs have kept so far of the rows of these tables. `prefix` names kept tables: unique in the
    // database, at most 30 bytes. The session has an open transaction, before whose BEGIN pg_stat_force_next_flush() was called. `outside` sees the database as it is without that transaction.
    struct Of {
        Outside outside;
        Earlier earlier;
        std::string prefix;
        std::function<std::optional<compiler::Diagnostic>(postgres::Session&, const std::set<std::uint32_t>& tables)> claim{};  // see claims.hpp; may be empty
    };
    // `learned` outlives the tries: one a stretch, in the order in which the transaction comes to them.
    Recorder(postgres::Session& session, Of of, std::vector<Learned>& learned) : session_(session), of_(std::move(of)), learned_of_all_(learned) {}

    // Both are called by the runner's own role with default settings but for the step's search_path.
    [[nodiscard]] std::optional<compiler::Diagnostic> before(const Stretch&, const compiler::StepItem&);
    struct Again {};  // something was changed that had not been captured: roll back, and try again with what was learned
    [[nodiscard]] std::variant<Entry, Again, compiler::Diagnostic> after(const compiler::StepItem&);
    // After SET CONSTRAINTS ALL IMMEDIATE, before COMMIT: takes off what had to stay on for checks that were pending.
    [[nodiscard]] std::optional<compiler::Diagnostic> close();

private:
    postgres::Session& session_;
    std::optional<compiler::Diagnostic> look_for_hiding(const compiler::StepItem&);
    std::optional<compiler::Diagnostic> begin_capture(const Stretch&, const compiler::StepItem&, const std::set<std::uint32_t>& tables);
    std::optional<compiler::Diagnostic> ask_for_tables(const Stretch&, const compiler::StepItem&, const std::set<std::uint32_t>& tables, CaptureRequest&);
    std::optional<compiler::Diagnostic> ask_for_sequences(const Stretch&, const compiler::StepItem&, CaptureRequest&);
    std::optional<compiler::Diagnostic> ask_for_rewritten(const Stretch&, const compiler::StepItem&, CaptureRequest&);
    std::optional<compiler::Diagnostic> leave_out_made(std::set<std::uint32_t>& tables);
    std::optional<compiler::Diagnostic> heed(const Alarm&, const Learned& former);
    std::optional<compiler::Diagnostic> see_schema(const compiler::StepItem&, Entry&);
    bool see_from_outside(postgres::Session& outside, const std::set<catalog::ObjectId>& missed);
    void add_columns(const catalog::Definitions& after, Entry&);
    std::string unwritten(const std::string& column);
    std::optional<compiler::Diagnostic> know_what_took_names(const catalog::Definitions& after, Entry&);
    std::optional<compiler::Diagnostic> note_refreshing(const Stretch&, const compiler::StepItem&);
    void add_refreshed(const catalog::Definitions& after, Entry&) const;
    void learn(const catalog::RowLoss&, const Kept&);
    void guard(const catalog::Definitions& after, const std::vector<catalog::Guard>&, Entry&);

    Of of_;
    [[nodiscard]] Learned& lesson() { return learned_of_all_[number_]; }
    std::vector<Learned>& learned_of_all_;
    std::size_t number_ = 0, next_ = 0;  // of the stretch under way, and of the one behind it
    bool watch_schema_ = true, is_first_ = false;  // is_first_: nothing has changed the schema before in this transaction
    bool counted_from_zero_ = false;  // PostgreSQL's counters of the catalogs were, when the transaction began
    const compiler::StepItem* step_ = nullptr;
    bool counts_hidden_ = false;  // by code of that step
    std::int64_t catalog_writes_ = 0;
    std::set<catalog::ObjectId> made_;     // by this transaction: no rows of theirs need keeping
    std::set<catalog::ObjectId> roots_;    // what is read before and after each stretch
    std::set<catalog::ObjectId> seen_;     // everything that was read before some stretch
    catalog::Definitions before_;
    std::set<std::uint32_t> refreshing_;  // materialized views that statements of the stretch refresh
    bool may_refresh_ = false;            // or code that is not seen into
    std::optional<RowCapture> capture_;
    std::vector<RowCapture> ended_;
};

}  // namespace cairn::undo
