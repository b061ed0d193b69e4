#include "tests/cluster/cutting_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace cairn::cluster {
namespace {

constexpr const char* socket_name = "/.s.PGSQL.5432";

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

bool forward(int from, int to) {
    char buffer[16384];
    const ssize_t got = read(from, buffer, sizeof buffer);
    if (got <= 0) return false;
    for (ssize_t done = 0; done < got;) {
        const ssize_t sent = send(to, buffer + done, static_cast<std::size_t>(got - done), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        done += sent;
    }
    return true;
}

}  // namespace

CuttingProxy::CuttingProxy(std::string server_folder) : server_folder_(std::move(server_folder)) {
    char name[] = "/tmp/cairn-proxy-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no folder for the proxy");
    folder_ = name;
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(folder_ + socket_name);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 16) != 0)
        throw std::runtime_error("the proxy can't listen");
    thread_ = std::thread([this] { loop(); });
}

CuttingProxy::~CuttingProxy() {
    stop_ = true;
    thread_.join();
    for (const auto& pair : pairs_) {
        if (pair.client >= 0) close(pair.client);
        close(pair.server);
    }
    close(listener_);
    std::filesystem::remove_all(folder_);
}

void CuttingProxy::cut() {
    const std::lock_guard lock(mutex_);
    for (auto& pair : pairs_) {
        if (pair.client >= 0) close(pair.client);
        pair.client = -1;
    }
}

void CuttingProxy::accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(server_folder_ + socket_name);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(client);
        close(server);
        return;
    }
    pairs_.push_back({client, server});
}

void CuttingProxy::loop() {
    while (!stop_) {
        std::vector<pollfd> fds = {{listener_, POLLIN, 0}};
        {
            const std::lock_guard lock(mutex_);
            for (const auto& pair : pairs_) {
                if (pair.client < 0) continue;
                fds.push_back({pair.client, POLLIN, 0});
                fds.push_back({pair.server, POLLIN, 0});
            }
        }
        if (poll(fds.data(), fds.size(), 20) <= 0) continue;
        const std::lock_guard lock(mutex_);
        if (fds[0].revents != 0) accept_one();
        for (auto& pair : pairs_) {
            for (const auto& fd : fds) {
                if (pair.client < 0 || fd.revents == 0 || (fd.fd != pair.client && fd.fd != pair.server)) continue;
                const bool open = fd.fd == pair.client ? forward(pair.client, pair.server) : forward(pair.server, pair.client);
                if (open) continue;
                close(pair.client);
                pair.client = -1;
                shutdown(pair.server, SHUT_RDWR);
            }
        }
    }
}

}  // namespace cairn::cluster
