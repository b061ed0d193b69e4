// What `status`, `history` and `log` print: journals' records as tables for people and as JSON for
// scripts.
#pragma once

#include <string>
#include <vector>

#include "runtime/journal/record.hpp"

namespace cairn::report {

// Where one run stands, item by item, and the commands that lead on from there. Ends with a
// newline, as all here do.
[[nodiscard]] std::string status_text(const journal::RunRecord&, bool color);
// {"run","plan","digest","state","kept_bytes","items":[{"name","kind","state","started","ended","rows","error"}]};
// what is not there yet is null, `error` a diagnostic object or null.
[[nodiscard]] std::string status_json(const journal::RunRecord&);

// One line a run, in the order given (list_runs: newest first).
[[nodiscard]] std::string history_text(const std::vector<journal::RunRecord>&, bool color);
// {"runs":[{"run","plan","digest","state","started","ended","by","kept_bytes"}]}
[[nodiscard]] std::string history_json(const std::vector<journal::RunRecord>&);

[[nodiscard]] std::string log_text(const std::vector<journal::EventRecord>&, bool color);
// {"events":[{"at","item","event","detail"}]}; an event about the run has null for its item.
[[nodiscard]] std::string log_json(const std::vector<journal::EventRecord>&);

}  // namespace cairn::report
