#include "runtime/run/side_by_side.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

namespace cairn::run {

using execute::UnitResult;
using schedule::Unit;
using std::chrono::steady_clock;

SideBySide::~SideBySide() {
    for (auto& [first, thread] : threads_) thread.join();
}

std::unique_ptr<Context> SideBySide::context_for(const Unit& unit) {
    Context& holder = crew_.of(unit.items.front());
    const auto idle = std::find_if(idle_.begin(), idle_.end(), [&](const auto& one) { return one->home() == holder.home(); });
    if (idle == idle_.end()) return std::make_unique<Context>(holder);
    auto context = std::move(*idle);
    idle_.erase(idle);
    return context;
}

UnitResult SideBySide::carry_out(Context& context, const Unit& unit) {
    if (!context.is_at_work()) {
        if (auto error = context.work_beside()) return execute::fatal(*error, unit.items.size());
    }
    return execute::execute(context, unit);
}

void SideBySide::start(const Unit& unit) {
    // Signals are for the main thread: it polls for them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    threads_.emplace(unit.items.front(), std::thread([this, unit, context = context_for(unit)]() mutable {
        const auto began = steady_clock::now();
        Message message{.ended = {.unit = unit, .result = {}}, .context = nullptr};
        try {
            message.ended.result = carry_out(*context, unit);
        } catch (...) {
            message.thrown = std::current_exception();
        }
        message.ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
        message.context = std::move(context);
        tell(std::move(message));
    }));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void SideBySide::tell(Message message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    ended_.notify_one();
}

SideBySide::Ended SideBySide::next() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return !messages_.empty(); });
    Message message = std::move(messages_.front());
    messages_.erase(messages_.begin());
    lock.unlock();
    const auto thread = threads_.find(message.ended.unit.items.front());
    thread->second.join();
    threads_.erase(thread);
    if (message.thrown) std::rethrow_exception(message.thrown);
    if (!message.ended.result.fatal) idle_.push_back(std::move(message.context));
    return std::move(message.ended);
}

}  // namespace cairn::run
