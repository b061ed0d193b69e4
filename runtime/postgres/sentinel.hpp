// Keeps the lease alive and watches for whom statements wait, on a connection and a thread of its own.
//
// The connection is opened only when it is first needed, so a short run never pays for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
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
    };
    // Called from the sentinel's thread when a session has waited for locks for a while.
    using OnBlocked = std::function<void(const std::vector<BlockerSeen>&)>;
    explicit Sentinel(Options);
    Sentinel(const Sentinel&) = delete;
    Sentinel& operator=(const Sentinel&) = delete;
    ~Sentinel();

    // The lease's token; again after it has changed.
    void guard(std::int64_t token);
    // A session that works under the lease, by the number that the other calls take.
    [[nodiscard]] std::size_t watch(int backend, OnBlocked);
    void moved_to(std::size_t session, int backend);  // after a reconnection
    void working_on(std::size_t session, const std::string& item);  // shown by `cairn status`; empty: between items
    void leave(std::size_t session);
    // The lease carries another token: somebody has taken over.
    [[nodiscard]] bool lease_lost() const { return lost_; }

private:
    struct Watched {
        int backend = 0;
        OnBlocked on_blocked;
        std::string item;
        std::chrono::steady_clock::time_point since;
    };
    struct Connection;
    void loop();
    void beat(Connection&, std::int64_t token, const std::string& items);
    static void look_for_blockers(Connection&, const Options&, const Watched&);

    Options options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::int64_t token_ = 0;
    std::map<std::size_t, Watched> watched_;
    std::size_t next_ = 0;
    bool stop_ = false;
    std::atomic<bool> lost_ = false;
    std::thread thread_;
};

}  // namespace cairn::postgres
