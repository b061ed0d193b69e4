#include "runtime/report/reporter.hpp"

namespace cairn::report {

namespace {

using std::chrono::steady_clock;

constexpr auto tick = std::chrono::milliseconds(100);    // of the live line
constexpr auto reminder_tick = std::chrono::seconds(1);  // how often a reminder may be due
constexpr std::string_view erase_line = "\r\x1b[K";

}  // namespace

Reporter::Reporter(const compiler::Compiled& compiled, const ReportOptions& options, Sink sink,
                   std::function<std::size_t()> width, std::unique_ptr<run::Observer> log)
    : options_(options),
      sink_(std::move(sink)),
      width_(std::move(width)),
      log_(std::move(log)),
      progress_(compiled, options, width_(), steady_clock::now()),
      writer_([this](const std::stop_token& stop) { work(stop); }) {}

Reporter::~Reporter() {
    writer_.request_stop();
    writer_.join();
}

// One event: its text joins what is to be written, and the log has it in the same order.
template <class Tell>
void Reporter::tell(const Tell& event) {
    {
        const std::lock_guard guard(lock_);
        pending_ += event();
    }
    changed_.notify_one();
}

void Reporter::run_started(const journal::RunRecord& record, bool resumed) {
    tell([&] {
        if (log_) log_->run_started(record, resumed);
        return progress_.run_started(record, resumed);
    });
}
void Reporter::item_started(compiler::ItemId id) {
    tell([&] {
        if (log_) log_->item_started(id);
        return progress_.item_started(id, steady_clock::now());
    });
}
void Reporter::item_ended(compiler::ItemId id, const run::ItemOutcome& outcome) {
    tell([&] {
        if (log_) log_->item_ended(id, outcome);
        return progress_.item_ended(id, outcome);
    });
}
void Reporter::retrying(compiler::ItemId id, int attempt, std::chrono::milliseconds after,
                        const compiler::Diagnostic& why) {
    tell([&] {
        if (log_) log_->retrying(id, attempt, after, why);
        return progress_.retrying(id, attempt, after, why);
    });
}
void Reporter::headway(compiler::ItemId id, const run::Headway& headway) {
    tell([&] {
        if (log_) log_->headway(id, headway);
        progress_.headway(id, headway);
        return std::string();
    });
}
void Reporter::blocked(compiler::ItemId id, const std::vector<run::Blocker>& blockers) {
    tell([&] {
        if (log_) log_->blocked(id, blockers);
        return progress_.blocked(id, blockers);
    });
}
void Reporter::rolling_back(const std::string& checkpoint) {
    tell([&] {
        progress_.rolling_back(checkpoint);
        return std::string{};
    });
}
void Reporter::undo_started(compiler::ItemId id) {
    tell([&] {
        if (log_) log_->undo_started(id);
        return progress_.undo_started(id, steady_clock::now());
    });
}
void Reporter::undo_ended(compiler::ItemId id, const run::ItemOutcome& outcome) {
    tell([&] {
        if (log_) log_->undo_ended(id, outcome);
        return progress_.undo_ended(id, outcome);
    });
}
void Reporter::message(const std::string& text) {
    tell([&] {
        if (log_) log_->message(text);
        return progress_.message(text);
    });
}
void Reporter::window(compiler::ItemId id, const run::WindowOutlook& outlook) {
    tell([&] {
        if (log_) log_->window(id, outlook);
        return progress_.window(id, outlook, steady_clock::now());
    });
}
void Reporter::asking(compiler::ItemId id, const std::vector<run::CheckOutcome>& checks) {
    std::unique_lock guard(lock_);
    pending_ += progress_.asking(id, checks);
    is_asking_ = true;
    is_written_ = false;
    changed_.notify_all();
    // A terminal that takes nothing won't give an answer either.
    changed_.wait(guard, [this] { return is_written_; });
}
void Reporter::answered() {
    const std::lock_guard guard(lock_);
    is_asking_ = false;
}
void Reporter::run_ended(journal::RunState state, const std::string& why) {
    tell([&] {
        if (log_) log_->run_ended(state, why);
        return progress_.run_ended(state, why, steady_clock::now());
    });
}

void Reporter::work(const std::stop_token& stop) {
    std::string shown;  // the live line that stands on the terminal
    std::unique_lock guard(lock_);
    for (;;) {
        changed_.wait_for(guard, stop, options_.terminal ? tick : reminder_tick,
                          [this] { return !pending_.empty() || !is_written_; });
        const bool is_last = stop.stop_requested();
        std::string text = std::exchange(pending_, {});
        const std::string live = is_last || is_asking_ ? std::string() : living(text);
        guard.unlock();  // writing may take long
        if (!text.empty() || live != shown) {
            if (!shown.empty()) text.insert(0, erase_line);
            sink_(text + live);
            shown = live;
        }
        if (is_last) return;
        guard.lock();
        if (is_asking_ && pending_.empty() && !is_written_) {
            is_written_ = true;
            changed_.notify_all();
        }
    }
}

// The live line of now, for a terminal; elsewhere a reminder joins the text that stays.
std::string Reporter::living(std::string& text) {
    const auto now = steady_clock::now();
    if (!options_.terminal) {
        text += progress_.reminder(now);
        return {};
    }
    progress_.resize(width_());
    return progress_.live_line(now);
}

}  // namespace cairn::report
