// What the undo trail keeps of a stretch of statements whose way back was made from what they changed.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/undo/fingerprint.hpp"
#include "runtime/undo/rows/kept.hpp"
#include "runtime/undo/rows/standing.hpp"

namespace cairn::undo {

// An object as the stretch left it. An undo that would change or drop another one stops instead.
struct Guard {
    catalog::ObjectId id;
    std::string what;    // for people: "FUNCTION public.f(integer)"
    std::string digest;  // of its definition; names, not OIDs: what it refers to may have been made again
    bool made = false;   // by the stretch: its undo drops it, and whatever belongs to it
    Parts parts;         // of its definition, to name what differs; empty: an older cairn wrote it
};

// What the undo makes again, under another OID.
struct Remade {
    catalog::ObjectId was;
    std::string identity;                                   // schema-qualified
    std::vector<std::pair<std::string, int>> columns;       // of a relation or a composite type: name and number
    std::uint32_t relation = 0;                             // whose columns these are
};

// A column that the stretch has added: values that others have put there since are not dropped.
struct AddedColumn {
    catalog::ObjectId table;
    std::string relation, column;
    int number = 0;
};

// An object that the stretch has dropped, and that its undo makes again: what bears its name by then is somebody else's.
struct Gone {
    catalog::ObjectId was;
    std::string what;            // for people
    std::string name, identity;  // its own, not quoted; schema-qualified
};

struct Entry {
    std::vector<std::string> before_rows, after_rows;  // statements; the kept rows go in between
    Kept kept;
    std::vector<Guard> guards;
    std::vector<catalog::ObjectId> known;  // everything that hung on the guarded objects: what else does is somebody else's
    std::vector<Remade> remade;
    std::vector<AddedColumn> added;
    std::vector<Gone> gone;

    [[nodiscard]] bool empty() const {
        return before_rows.empty() && after_rows.empty() && kept.empty();
    }
};

// As cairn.undo.detail keeps it.
[[nodiscard]] std::string to_json(const Entry&);
// nullopt: not written by this version of cairn.
[[nodiscard]] std::optional<Entry> entry_from_json(const std::string&);

// What runs have kept so far, and not undone, of the rows of these tables: in the order in which it was written.
[[nodiscard]] std::variant<std::vector<StandingRows>, compiler::Diagnostic> kept_earlier(const journal::DatabaseJournal&, const std::set<std::uint32_t>& tables);

// One line for people: "3 statements, rows of public.users".
[[nodiscard]] std::string summary(const Entry&);

}  // namespace cairn::undo
