// Reads journals: for status, history, log, and to find the run that resume and rollback mean.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/journal/record.hpp"

namespace cairn::journal {

struct Place {  // where a journal is: a database, or a folder
    std::string role;      // "erp"; empty for a folder
    std::string conninfo;  // or the folder's path
};

// All runs, newest first, without plan text and items. A database without a `cairn` schema has none.
[[nodiscard]] std::variant<std::vector<RunRecord>, compiler::Diagnostic> list_runs(const Place&);
// The run with this digest, if it has finished here and no newer run of its plan counts: there is nothing left to do.
// nullopt also where that can't be told.
[[nodiscard]] std::optional<RunRecord> finished_with(const Place&, const std::string& digest);
// One run whole; nullopt when this journal has no such run.
[[nodiscard]] std::variant<std::optional<RunRecord>, compiler::Diagnostic> read_run(const Place&, const std::string& run);
[[nodiscard]] std::variant<std::vector<EventRecord>, compiler::Diagnostic> read_events(const Place&, const std::string& run);

}  // namespace cairn::journal
