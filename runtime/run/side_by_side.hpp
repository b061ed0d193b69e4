// Units of a `parallel` block under way at the same time, each in a thread and with sessions of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/execute/execute.hpp"
#include "runtime/run/crew.hpp"

namespace cairn::run {

class SideBySide {
public:
    // `most`: how many units at a time.
    SideBySide(Crew& crew, std::size_t most) : crew_(crew), most_(most) {}
    SideBySide(const SideBySide&) = delete;
    SideBySide& operator=(const SideBySide&) = delete;
    ~SideBySide();  // waits for what is under way

    [[nodiscard]] bool has_room() const { return threads_.size() < most_; }
    [[nodiscard]] bool is_busy() const { return !threads_.empty(); }
    void start(const schedule::Unit&);

    struct Ended {
        schedule::Unit unit;
        execute::UnitResult result;
        std::chrono::milliseconds took{0};
    };
    // The next unit that has ended; something must be under way. What its thread has thrown is thrown here.
    [[nodiscard]] Ended next();
    // Closes the sessions that nobody uses.
    void dismiss() { idle_.clear(); }

private:
    struct Message {
        Ended ended;
        std::unique_ptr<Context> context;
        std::exception_ptr thrown{};
    };
    [[nodiscard]] std::unique_ptr<Context> context_for(const schedule::Unit&);
    [[nodiscard]] static execute::UnitResult carry_out(Context&, const schedule::Unit&);
    void tell(Message);

    Crew& crew_;
    const std::size_t most_;
    std::vector<std::unique_ptr<Context>> idle_;       // each has joined its holder
    std::map<compiler::ItemId, std::thread> threads_;  // by the unit's first item
    std::mutex mutex_;                                 // of what follows
    std::condition_variable ended_;
    std::vector<Message> messages_;
};

}  // namespace cairn::run
