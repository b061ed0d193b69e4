// Holds a run to its plan's window, and tells how it stands to it.
#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "runtime/run/context.hpp"
#include "runtime/schedule/window.hpp"

namespace cairn::run {

class WindowWatch {
public:
    explicit WindowWatch(Context& context) : context_(context) {}

    // Whether there is a window to be held to.
    [[nodiscard]] bool holds() const;
    // C0725 when the window has ended before anything has begun, and an item changes a database.
    [[nodiscard]] std::optional<Diagnostic> over_already() const;

    struct Refused {
        Diagnostic error;  // C0725, C0726; C0713 when interrupted while waiting
        bool fatal = false;
    };
    // Before a unit: waits for the window's start where the unit changes a database; nullopt: it may begin.
    [[nodiscard]] std::optional<Refused> admit(const schedule::Unit&, const std::vector<journal::ItemState>&);
    void took(const schedule::Unit&, std::chrono::milliseconds);

private:
    [[nodiscard]] std::optional<Refused> wait(const schedule::Unit&);
    [[nodiscard]] std::optional<Refused> tell(const schedule::Unit&, const schedule::Prospect&, process::Moment now);
    [[nodiscard]] std::optional<Refused> note(const compiler::ItemId*, const std::string& text);
    [[nodiscard]] Diagnostic ended(const compiler::Item&) const;
    [[nodiscard]] Diagnostic past_the_end(const compiler::Item&, const schedule::Prospect&, process::Moment now) const;

    Context& context_;
    std::map<compiler::ItemId, std::chrono::milliseconds> took_;
};

// "2026-01-15T18:00:00Z"
[[nodiscard]] std::string in_words(process::Moment);

}  // namespace cairn::run
