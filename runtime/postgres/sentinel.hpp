// Keeps the lease alive and watches for whom a statement waits, on a connection and a thread of its own.
//
// The connection is opened only when it is first needed, so a short run never pays for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::postgres {

struct BlockerSeen {
    int pid = 0;
    std::string user, application, state, query;
    std::chrono::milliseconds since{0};  // age of its transaction
};

class Sentinel {
public:
    struct Options {
        std::string conninfo;
        std::chrono::milliseconds lease{30'000};
        // Called from the sentinel's thread when the session has waited for locks for a while.
        std::function<void(const std::vector<BlockerSeen>&)> on_blocked;
    };
    explicit Sentinel(Options);
    Sentinel(const Sentinel&) = delete;
    Sentinel& operator=(const Sentinel&) = delete;
    ~Sentinel();

    // The lease's token and the backend that works under it; again after a reconnection.
    void guard(std::int64_t token, int backend);
    void working_on(const std::string& item);  // shown by `cairn status`; empty: between items
    // The lease carries another token: somebody has taken over.
    [[nodiscard]] bool lease_lost() const { return lost_; }

private:
    struct Watched {
        std::int64_t token = 0;
        int backend = 0;
        std::string item;
        std::chrono::steady_clock::time_point since;
    };
    struct Connection;
    void loop();
    void beat(Connection&, const Watched&);
    void look_for_blockers(Connection&, const Watched&);

    Options options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Watched watched_;
    bool stop_ = false;
    std::atomic<bool> lost_ = false;
    std::thread thread_;
};

}  // namespace cairn::postgres
