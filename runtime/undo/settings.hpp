// The settings under which cairn makes again what a step has taken away.
#pragma once

#include <string>

namespace cairn::undo {

// Definitions and kept values are written as these settings have it, and say nothing of what is PostgreSQL's default; a database or a
// role may have others. The search_path stays. `lasting`: for the session, until RESET ALL; else for the transaction.
[[nodiscard]] std::string undo_settings(bool lasting);

}  // namespace cairn::undo
