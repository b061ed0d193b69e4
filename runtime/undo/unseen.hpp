// Steps whose way back is known from their text, and that may change rows all the same by code which the text does not show.
#pragma once

#include <optional>
#include <variant>

#include "compiler/graph/step_graph.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/rows/look.hpp"

namespace cairn::undo {

// Watched as it runs, whatever it turns out to do.
[[nodiscard]] bool is_watched(run::Context&, const compiler::Item&);

// They are not watched; what they have touched is looked at behind them, before the commit. Event triggers are such code wherever a
// definition changes.
[[nodiscard]] bool may_change_unseen(run::Context&, const compiler::Item&);

// The same of an earlier run, whose database may have had event triggers.
[[nodiscard]] bool may_have_been_watched(const compiler::Item&);

// Whether such a step has changed rows, sequences, large objects or definitions that its own way back leaves out: then it is
// to be rolled back and run again watched. `before`: a look before the step; none where its transaction began with it.
// A yes may be a false one, a no is none. Called by the runner's own role; pg_stat_force_next_flush() was called before BEGIN.
[[nodiscard]] std::variant<bool, compiler::Diagnostic> has_changed_unseen(postgres::Session&, const compiler::StepItem&,
                                                                          const std::optional<View>& before);

}  // namespace cairn::undo
