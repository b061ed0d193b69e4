// What a command found wrong, and where it and its results are printed.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/sarif.hpp"
#include "runtime/cli/invocation.hpp"

namespace cairn::cli {

void print(std::string_view result);  // stdout: results
void tell(std::string_view text);     // stderr: for people, while something runs
// Before anything is opened: what the caller has closed of stdin, stdout and stderr must not become
// the number of a connection or a file.
void occupy_closed_streams();
// A command's exit code. What stdout did not take is told on stderr, and is no success: 8 in place
// of 0.
[[nodiscard]] int finish(int exit);
[[nodiscard]] bool use_color(const Invocation&, std::FILE* on);
[[nodiscard]] bool is_terminal(std::FILE*);

// Collects diagnostics over several files, rendered as they come (each belongs to sources of its
// own).
class Findings {
public:
    explicit Findings(const Invocation& invocation, std::FILE* to = stderr);
    // The file that diagnostics without a place are about from here on.
    void about(std::string path) { subject_ = std::move(path); }
    void add(const compiler::Diagnostic&, const compiler::Sources&);
    void add(const compiler::Diagnostics&, const compiler::Sources&);
    void add(const compiler::Diagnostic& d) { add(d, compiler::Sources{}); }  // one without a place
    [[nodiscard]] bool has_errors() const { return errors_ > 0; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t warnings() const { return warnings_; }

    // Text goes to `to` (warnings are held back by -q); JSON waits for json(), SARIF for give_up().
    void flush();
    // The list under "diagnostics", serialised.
    [[nodiscard]] std::string json() const;
    // flush(), or {"diagnostics":[…]} or the SARIF log on stdout; returns `exit`.
    int give_up(int exit);

private:
    std::FILE* to_;
    bool json_, sarif_, quiet_, color_;
    std::size_t errors_ = 0, warnings_ = 0;
    std::string subject_;
    std::vector<std::string> texts_, jsons_;
    std::vector<compiler::SarifResult> sarifs_;
};

int print_answer(const Answer&);

}  // namespace cairn::cli
