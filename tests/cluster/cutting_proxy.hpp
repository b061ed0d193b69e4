// A proxy on a unix socket between a client and PostgreSQL that can cut all its connections at once.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cairn::cluster {

class CuttingProxy {
public:
    // Forwards to the server whose socket is in `server_folder` (port 5432's name).
    explicit CuttingProxy(std::string server_folder);
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;
    ~CuttingProxy();

    [[nodiscard]] const std::string& folder() const { return folder_; }  // for `host=`
    void cut();  // closes the client's side of what is open; the server's side is left open, unread

private:
    void loop();
    void accept_one();

    struct Pair {
        int client = -1, server = -1;
    };
    std::string server_folder_, folder_;
    int listener_ = -1;
    std::mutex mutex_;
    std::vector<Pair> pairs_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace cairn::cluster
