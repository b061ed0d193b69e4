#include "runtime/cli/findings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

namespace cairn::cli {

namespace {

int output_error = 0;  // the first that standard output has met

void write(std::FILE* to, std::string_view text) {
    errno = 0;
    const bool whole = std::fwrite(text.data(), 1, text.size(), to) == text.size();
    const bool written = std::fflush(to) == 0 && whole;
    // A reader that has gone away is no error of ours.
    if (!written && to == stdout && output_error == 0 && errno != EPIPE) output_error = errno;
}

std::string located(const std::string& name) {
    namespace fs = std::filesystem;
    std::error_code failed;
    const fs::path here = fs::current_path(failed);
    const fs::path whole = (here / name).lexically_normal();
    const fs::path inside = whole.lexically_relative(here);
    return !inside.empty() && *inside.begin() != ".." ? inside.string() : whole.string();
}

}  // namespace

void print(std::string_view result) {
    write(stdout, result);
}
void tell(std::string_view text) {
    write(stderr, text);
}

void occupy_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) >= 0) continue;
        // Opened the wrong way round, so that using it still fails.
        (void)::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int finish(int exit) {
    if (output_error == 0) return exit;
    Findings findings(Invocation{});
    findings.add({.code = 927,
                  .message = fmt::format("standard output can't be written: {}",
                                         std::strerror(output_error))});
    return findings.give_up(exit == 0 ? 8 : exit);
}

bool is_terminal(std::FILE* file) {
    return ::isatty(::fileno(file)) != 0;
}

bool use_color(const Invocation& invocation, std::FILE* on) {
    if (invocation.color != Color::automatic) return invocation.color == Color::always;
    const char* none = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    if ((none != nullptr && *none != 0) ||
        (terminal != nullptr && std::string_view(terminal) == "dumb"))
        return false;
    return is_terminal(on);
}

Findings::Findings(const Invocation& invocation, std::FILE* to)
    : to_(to),
      json_(invocation.json()),
      sarif_(invocation.format == "sarif"),
      quiet_(invocation.quiet),
      color_(use_color(invocation, to)) {}

void Findings::add(const compiler::Diagnostic& d, const compiler::Sources& sources) {
    const bool error = d.severity == compiler::Severity::error;
    ++(error ? errors_ : warnings_);
    if (json_)
        jsons_.push_back(compiler::to_json(d, sources));
    else if (sarif_)
        sarifs_.push_back(compiler::to_sarif(d, sources, subject_, located));
    else if (error || !quiet_)
        texts_.push_back(compiler::to_text(d, sources, color_));
}

void Findings::add(const compiler::Diagnostics& all, const compiler::Sources& sources) {
    for (const auto& d : all.list()) add(d, sources);
}

void Findings::flush() {
    for (const std::string& text : texts_) write(to_, text);
    texts_.clear();
}

std::string Findings::json() const {
    std::string out = "[";
    for (const std::string& one : jsons_) out += (out.size() > 1 ? "," : "") + one;
    return out + "]";
}

int Findings::give_up(int exit) {
    if (json_)
        print("{\"diagnostics\":" + json() + "}\n");
    else if (sarif_)
        print(compiler::sarif_log(sarifs_, CAIRN_VERSION));
    else
        flush();
    return exit;
}

int print_answer(const Answer& answer) {
    if (answer.exit == 0) {
        print(answer.text);
        return 0;
    }
    Invocation invocation;
    if (answer.json) invocation.format = "json";
    Findings findings(invocation);
    findings.add({.code = 600, .message = answer.text, .help = answer.help});
    return findings.give_up(answer.exit);
}

}  // namespace cairn::cli
