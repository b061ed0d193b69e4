// What a rollback does with rows that others have changed since the step.
#pragma once

namespace cairn::undo {

enum class OnConflict {
    stop,   // nothing is overwritten: the item's undo is given up, exit 6
    skip,   // these rows stay as they are, the rest is given back
    force   // these rows are overwritten too
};

}  // namespace cairn::undo
