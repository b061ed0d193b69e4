// Where PostgreSQL's server programs are on this machine, and the account that may run them.
#pragma once

#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/process/spawn.hpp"

namespace cairn::scratch {

// The folder of initdb and postgres: `asked` if it is not empty, else PATH, else what pg_config says,
// else the newest of /usr/lib/postgresql/*/bin, where Debian keeps them out of PATH. C0630 when there is none.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> find_binaries(const std::string& asked);

// PostgreSQL refuses to run as root: then `postgres`, else `nobody`; otherwise the current user. C0631 when
// neither exists.
[[nodiscard]] std::variant<process::Account, compiler::Diagnostic> server_account();

// A new folder of that account (mode 0700), short enough for a socket in it (107 bytes), below TMPDIR if that
// will do, else below /tmp. C0632 when none can be made.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> make_folder(const process::Account&);

// Removes what servers of processes that were killed have left in the places of make_folder().
void sweep_abandoned(const process::Account&);

// Marks `folder` as in use for as long as the descriptor is open.
[[nodiscard]] process::Descriptor hold_folder(const std::string& folder);

}  // namespace cairn::scratch
