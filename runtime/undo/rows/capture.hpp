// Keeps the rows that a stretch of a step changes, whatever the way in, and says what it could not keep.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/undo/rows/kept.hpp"
#include "runtime/undo/rows/standing.hpp"

namespace cairn::undo {

// What statements may do to a table's rows.
struct RowOps {
    bool inserts = true, updates = true, deletes = true, truncates = true;
    friend bool operator==(const RowOps&, const RowOps&) = default;
};

[[nodiscard]] RowOps both(const RowOps&, const RowOps&);

// A table (or partitioned table, or view: then the tables below it) whose rows the stretch may change.
struct CaptureTable {
    std::uint32_t oid = 0;
    RowOps ops{};
    bool every_row = false;  // the stretch is one statement that changes each of them
};

// A table of which the stretch takes more than rows.
struct CaptureImage {
    std::uint32_t oid = 0;
    // attnums of columns that are dropped or retyped with a loss; empty: the whole table (DROP TABLE, or capture by
    // comparing it with itself: then it comes out as changes).
    std::vector<std::int16_t> columns{};
};

// A sequence that a try has moved stays so when the try is rolled back: where it stood before the first one, and where the
// last one has left it.
struct SequencesOfTries {
    std::map<std::uint32_t, SequenceValue> first{}, left{};
};

struct CaptureRequest {
    // Of the kept tables' names, unique to the stretch: run, item, number. Letters, digits, `_` and `-`; 40 bytes at most.
    std::string prefix;
    std::vector<CaptureTable> tables{};
    std::vector<CaptureImage> images{};
    std::vector<std::uint32_t> sequences{};  // beside those that feed columns of `tables` and of whole images
    // The stretch runs code that cannot be looked into (DO, CALL, functions): TRUNCATE is looked for everywhere.
    bool opaque = false;
    // Functions that definitions run (of an index, a materialized view) have their settings taken back behind the statement,
    // ours among them.
    bool within_definitions = false;
    bool nothing_else = false;     // what becomes of other tables is no alarm: whoever asks looks for that
    bool counts_hidden = false;    // a writer's lock counts as a change: see may_hide_counts()
    bool moves_sequences = false;  // its text does, and does not name all of them
    SequencesOfTries* of_tries = nullptr;
    // What runs have kept before of these tables and not undone yet. Rows of these that others have written since are marked now:
    // later their xmin would be this run's. Tables beyond `tables` and `images` that the stretch rewrites: `rewritten`.
    std::function<std::variant<std::vector<StandingRows>, compiler::Diagnostic>(const std::set<std::uint32_t>&)> earlier{};
    std::vector<std::uint32_t> rewritten{};
};

// What the transaction changed and the capture did not see. Not empty: roll back, and run again with the capture widened.
struct Alarm {
    struct Table {
        std::uint32_t oid = 0;
        std::string name;    // quoted and qualified
        RowOps ops{};        // what it takes to keep its rows
        bool whole = false;  // triggers did not see everything (they were switched off): an image is needed
    };
    std::vector<Table> tables;
    std::vector<std::uint32_t> sequences;          // moved and not captured
    std::vector<compiler::Diagnostic> refused;     // C0861: foreign tables, large objects: no way to keep these
    [[nodiscard]] bool quiet() const { return tables.empty() && sequences.empty() && refused.empty(); }
};

struct Captured {
    Kept kept;
    Alarm alarm;
};

// One stretch. Runs inside the step's transaction, as the role that the session logged in with (no SET ROLE in force), on a
// session whose statistics were flushed before BEGIN (pg_stat_force_next_flush).
// Takes SHARE ROW EXCLUSIVE on each captured table: other writers wait until the transaction ends.
class RowCapture {
public:
    RowCapture();
    RowCapture(RowCapture&&) noexcept;
    RowCapture& operator=(RowCapture&&) noexcept;
    ~RowCapture();

    // Widens by itself: partitions and partitioned ancestors, inheritance children, tables that a foreign key's action
    // reaches, tables below views. C0860 no right to create triggers, C0861 rows that can't be kept, C0862 the server
    // refused it.
    [[nodiscard]] std::optional<compiler::Diagnostic> begin(postgres::Session&, const CaptureRequest&);
    // When the alarm is not quiet, `kept` is empty and the transaction is to be rolled back. Takes the triggers off again
    // (ACCESS EXCLUSIVE on each captured table: DROP TRIGGER knows nothing less), unless a table has deferrable constraints:
    // their checks may be pending, and then PostgreSQL refuses. Where the transaction ends with the stretch, SET CONSTRAINTS
    // ALL IMMEDIATE belongs before this: deferred triggers may change rows too.
    [[nodiscard]] std::variant<Captured, compiler::Diagnostic> end(postgres::Session&);
    // Takes off what end() had to leave; after SET CONSTRAINTS ALL IMMEDIATE, before COMMIT. Nothing to do is no error.
    [[nodiscard]] std::optional<compiler::Diagnostic> close(postgres::Session&);

    // Every table that got triggers, partitions and cascades too: for the preview's locks.
    [[nodiscard]] const std::vector<CaptureTable>& widened() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Whether rows of these tables (and of what they reach) can be kept, without changing anything: for preview and gates.
// One diagnostic a table: C0860 with the GRANT that is missing, C0861.
[[nodiscard]] std::variant<std::vector<compiler::Diagnostic>, compiler::Diagnostic> can_capture(
    postgres::Session&, const std::vector<CaptureTable>&);

}  // namespace cairn::undo
