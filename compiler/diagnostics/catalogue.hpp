// Every diagnostic that cairn can give: its code, how grave it is, and what it is about. Codes are never reused.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

struct CatalogueEntry {
    std::uint16_t code = 0;
    Severity severity = Severity::error;
    std::string_view title;  // what went wrong, in a few words that hold for every message under this code
};

// Sorted by code. C01xx syntax, C02xx names, C03xx values, C04xx order, C05xx safety and locks,
// C06xx configuration, C07xx running, C08xx rollback.
inline constexpr auto catalogue = std::to_array<CatalogueEntry>({
    // C01xx syntax
    {101, Severity::error, "something else was expected here"},
    {102, Severity::error, "a word where an item should stand"},
    {103, Severity::error, "a word where a clause should stand"},
    {104, Severity::error, "a clause that is given twice"},
    {105, Severity::error, "no duration"},
    {106, Severity::error, "no size"},
    {107, Severity::error, "no instant"},
    {108, Severity::error, "no number"},
    {109, Severity::error, "SQL that is never closed"},
    {110, Severity::error, "a string that does not end on its line"},
    {111, Severity::error, "an escape that does not exist"},
    {112, Severity::error, "a name that can't be one"},
    {113, Severity::error, "a reserved name"},
    {114, Severity::error, "a file without a plan"},
    {115, Severity::error, "a declaration where it can't stand"},
    {116, Severity::error, "blocks nested too deep"},
    {117, Severity::error, "a NUL byte"},
    {118, Severity::error, "text that is not UTF-8"},
    {119, Severity::error, "a file that is too large"},
    {120, Severity::error, "a block that is never closed"},
    {121, Severity::error, "an item without a clause that it needs"},
    {122, Severity::error, "a clause that does not suit its item"},
    {123, Severity::error, "too many errors"},
    // C02xx names
    {201, Severity::error, "a placeholder that nothing stands behind"},
    {202, Severity::error, "--param for a parameter that the plan does not declare"},
    {203, Severity::error, "an item that the plan does not hold"},
    {204, Severity::error, "a database that the plan does not declare"},
    {205, Severity::error, "two items of one name"},
    {206, Severity::error, "a parameter declared twice"},
    {207, Severity::error, "a database declared twice"},
    {208, Severity::error, "a name that is taken by the language"},
    {209, Severity::error, "a variable in SQL that nothing stands behind"},
    {210, Severity::error, "a checkpoint that the plan does not hold"},
    {211, Severity::error, "not a name"},
    {212, Severity::error, "no database is named, and none is meant by default"},
    {214, Severity::error, "a loop variable that hides another name"},
    // C03xx values
    {301, Severity::error, "SQL that PostgreSQL's parser refuses"},
    {302, Severity::error, "no SQL where a statement is expected"},
    {303, Severity::error, "a step without SQL"},
    {304, Severity::error, "a step with several bodies"},
    {305, Severity::error, "a file of a step that can't be read"},
    {306, Severity::error, "a file of a step that is not UTF-8 text"},
    {307, Severity::error, "a parameter without a value"},
    {308, Severity::error, "a value of another kind than the clause takes"},
    {309, Severity::error, "a value out of its range"},
    {310, Severity::error, "a variable glued to what stands before it"},
    {312, Severity::error, "loops that give too many items"},
    {313, Severity::error, "a command without a program"},
    // C04xx order
    {401, Severity::error, "a clause of the plan that stands twice"},
    {402, Severity::error, "`after` outside of `parallel`"},
    {403, Severity::error, "an item that can't stand in `transaction`"},
    {404, Severity::error, "an item that can't stand in `parallel`"},
    {405, Severity::error, "a gate that does not say what happens when it fails"},
    {406, Severity::error, "a gate that rolls back after a point of no return"},
    {407, Severity::error, "a gate with several confirms"},
    {408, Severity::error, "a gate without anything to ask"},
    {409, Severity::error, "a validation without checks"},
    {410, Severity::error, "a transaction over two databases"},
    {413, Severity::error, "an empty block"},
    {490, Severity::error, "not in this version yet"},
    // C05xx safety and locks
    {501, Severity::warning, "a table is rewritten while nobody can read it"},
    {502, Severity::warning, "a whole table is read under a strong lock"},
    {503, Severity::warning, "rows are changed while an exclusive lock is held"},
    {504, Severity::warning, "a strong lock is waited for without a lock timeout"},
    {505, Severity::warning, "CONCURRENTLY with IF NOT EXISTS"},
    {506, Severity::error, "an index built concurrently without a name"},
    {507, Severity::warning, "rows are lost"},
    {508, Severity::warning, "CASCADE drops what the plan does not name"},
    {509, Severity::warning, "a name that applications use goes away"},
    {510, Severity::warning, "a NOT NULL column without a default"},
    {512, Severity::error, "a publication of all tables"},
    {513, Severity::warning, "a file or program on the database's machine"},
    {514, Severity::warning, "foreign keys that are not checked"},
    {515, Severity::warning, "a table that a crash empties"},
    {516, Severity::error, "a form that PostgreSQL refuses"},
    {550, Severity::error, "transaction control inside a step"},
    {551, Severity::error, "SET TRANSACTION after the first query"},
    {552, Severity::error, "COPY over the client's connection in a step"},
    {553, Severity::error, "a step that mixes transactional and other statements"},
    {554, Severity::error, "a statement in `transaction` that can't be in one"},
    {555, Severity::error, "a write to a database that is declared read only"},
    {556, Severity::error, "a query that does more than read, or more than one"},
    {557, Severity::error, "a check that can't fail"},
    {558, Severity::error, "a check that can't pass"},
    {559, Severity::warning, "a check that can hardly fail"},
    {560, Severity::warning, "a new enum value in the transaction that adds it"},
    {561, Severity::error, "a parameter spliced into a shell's script"},
    // C06xx configuration
    {600, Severity::error, "a command line that is wrong"},
    {601, Severity::error, "cairn.toml can't be read"},
    {602, Severity::error, "cairn.toml is not TOML"},
    {603, Severity::warning, "a key of cairn.toml that cairn does not know"},
    {604, Severity::error, "a value of cairn.toml that can't be taken"},
    {605, Severity::error, "a database nobody configured"},
    {606, Severity::error, "an environment variable that is not set"},
    {607, Severity::error, "a profile that cairn.toml does not hold"},
    {608, Severity::error, "a setting in the environment that can't be taken"},
    {610, Severity::error, "a plan file that can't be read"},
    {611, Severity::error, "a plan with another digest than asked for"},
    {612, Severity::error, "no such run"},
    {613, Severity::error, "the plan file has changed since the run began"},
    {614, Severity::error, "the journal's plan does not compile"},
    {615, Severity::error, "a question that nobody can answer"},
    {630, Severity::error, "PostgreSQL's server programs are missing"},
    {631, Severity::error, "no account to run a server as"},
    {632, Severity::error, "no folder for a scratch server"},
    {633, Severity::error, "initdb failed"},
    {634, Severity::error, "the scratch server did not start"},
    {635, Severity::error, "the state of a database can't be read"},
    // C07xx running
    {701, Severity::error, "a database that can't be reached"},
    {702, Severity::error, "a journal that can't be used"},
    {703, Severity::error, "a journal written by a newer cairn"},
    {704, Severity::error, "somebody else holds the run"},
    {705, Severity::error, "a plan that has already finished there"},
    {706, Severity::error, "a plan that has finished there with another text"},
    {707, Severity::error, "a run that has stopped and is not over"},
    {708, Severity::error, "a statement that the server refused"},
    {709, Severity::error, "a connection that was lost"},
    {710, Severity::error, "a validation that failed"},
    {711, Severity::error, "a gate that failed"},
    {712, Severity::error, "a confirm that was answered no"},
    {713, Severity::error, "an interrupt"},
    {714, Severity::error, "a lease that another runner has taken over"},
    {715, Severity::error, "a command that failed"},
    {716, Severity::error, "a command whose outcome is not known"},
    {717, Severity::error, "an index that is INVALID"},
    {718, Severity::error, "a publication that would carry the journal"},
    {719, Severity::error, "a `when` that does not give one boolean"},
    {721, Severity::error, "a checkpoint that is not there"},
    {723, Severity::error, "a run that has been rolled back"},
    {750, Severity::error, "a check's query that the server refuses"},
    {751, Severity::error, "a check that lacks the rights to see what it asks"},
    {752, Severity::warning, "a log file that can't be written"},
    {753, Severity::error, "free space that can't be read"},
    {754, Severity::error, "the connection was lost during a check"},
    {755, Severity::error, "a check that was interrupted"},
    {780, Severity::error, "a fixture that the scratch server refuses"},
    {781, Severity::error, "a fixture that can't be read"},
    {782, Severity::error, "a client program of PostgreSQL that is missing"},
    // C08xx rollback
    {801, Severity::error, "a rollback that can't be generated"},
    {802, Severity::error, "a rollback that does not fit the item"},
    {803, Severity::error, "a command that does not say how it is undone"},
    {804, Severity::error, "`rollback none` without a reason"},
    {820, Severity::error, "rows that others have written since"},
    {821, Severity::error, "an object that is no longer what the run has made"},
    {822, Severity::error, "an undo that the server refused"},
    {824, Severity::error, "a rollback across a point of no return"},
    {825, Severity::error, "a run whose way back was given up"},
    {840, Severity::error, "definitions that can't be read"},
    {841, Severity::error, "a change that can't be taken back"},
});

static_assert(std::is_sorted(catalogue.begin(), catalogue.end(),
                             [](const auto& a, const auto& b) { return a.code < b.code; }));

// nullptr for a code that the catalogue does not hold.
[[nodiscard]] constexpr const CatalogueEntry* find_code(std::uint16_t code) {
    for (const auto& entry : catalogue) {
        if (entry.code == code) return &entry;
    }
    return nullptr;
}

}  // namespace cairn::compiler
