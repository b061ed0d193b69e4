// The log file: every event of a run as one JSON object a line, for machines.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "compiler/compile.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::report {

// {"time","run","item","event"} and the event's own fields: "item" is null where it is about the
// run. Every line is flushed when it is written. What can't be written (a full disk) is told once
// on stderr. Not thread-safe: the caller holds a lock. `compiled` must outlive it. The diagnostic
// (C0752) says why the file can't be opened.
[[nodiscard]] std::variant<std::unique_ptr<run::Observer>, compiler::Diagnostic> open_log_file(
    const std::string& path, const compiler::Compiled& compiled);

}  // namespace cairn::report
