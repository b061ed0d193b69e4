// Runs one item's undo: generated from the journal's trail, written in the plan, or a command.
#pragma once

#include <optional>

#include "runtime/run/context.hpp"

namespace cairn::undo {

struct UndoResult {
    enum class Kind {
        undone,
        left,      // evidence, or `rollback none`: stays as it is
        conflict,  // others have written since: nothing was overwritten (C0820, C0821)
        failed,    // the server refused it (C0822), or a command failed (C0715)
        interrupted,
        fatal      // lease or database gone
    } kind = Kind::undone;
    std::optional<compiler::Diagnostic> error;
    bool in_part = false;  // undone but for what others have written or changed since, as it was told
};

// Undoes the item and journals it; undoing an undone item does nothing. Tells the observer.
[[nodiscard]] UndoResult undo_item(run::Context&, compiler::ItemId, journal::ItemState now);

}  // namespace cairn::undo
