// A unix socket in front of PostgreSQL's that holds every byte back for a while, in each direction: a server far away.
//
//   bench_delay_proxy TARGET-SOCKET LISTEN-SOCKET MILLISECONDS
//
// Prints "ready" once it listens, serves until it is ended, and ends with the process that started it.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <list>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_un address_of(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return address;
}

// Bytes on their way from one side to the other, each piece with the moment at which it may arrive.
struct Direction {
    struct Piece {
        Clock::time_point due;
        std::string bytes;
    };
    std::deque<Piece> pieces;
    bool source_ended = false;  // nothing more will be read
    bool told_end = false;      // and the sink has been told
};

struct Connection {
    int client, server;
    Direction to_server, to_client;
    bool broken = false;
};

void take_in(int from, Direction& direction, Clock::duration delay, bool& broken) {
    char buffer[1 << 16];
    const auto got = recv(from, buffer, sizeof buffer, 0);
    if (got > 0) {
        direction.pieces.push_back({Clock::now() + delay, std::string(buffer, static_cast<std::size_t>(got))});
    } else if (got == 0) {
        direction.source_ended = true;
    } else if (errno != EAGAIN && errno != EINTR) {
        broken = true;
    }
}

void hand_on(int to, Direction& direction, bool& broken) {
    const auto now = Clock::now();
    while (!direction.pieces.empty() && direction.pieces.front().due <= now) {
        auto& bytes = direction.pieces.front().bytes;
        const auto sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) broken = true;
            return;
        }
        bytes.erase(0, static_cast<std::size_t>(sent));
        if (bytes.empty()) direction.pieces.pop_front();
    }
    if (direction.pieces.empty() && direction.source_ended && !direction.told_end) {
        shutdown(to, SHUT_WR);
        direction.told_end = true;
    }
}

short events_of(const Direction& in, const Direction& out, Clock::time_point now) {
    short events = 0;
    if (!in.source_ended) events |= POLLIN;
    if (!out.pieces.empty() && out.pieces.front().due <= now) events |= POLLOUT;
    return events;
}

void make_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

int connect_to(const char* path) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(path);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (fd >= 0) close(fd);
        return -1;
    }
    make_nonblocking(fd);
    return fd;
}

// The time until the next piece is due, rounded up so that poll does not wake for nothing; -1 when nothing waits.
int wait_ms(const std::list<Connection>& connections, Clock::time_point now) {
    auto next = Clock::time_point::max();
    for (const auto& connection : connections) {
        for (const auto* direction : {&connection.to_server, &connection.to_client}) {
            if (!direction->pieces.empty()) next = std::min(next, direction->pieces.front().due);
        }
    }
    if (next == Clock::time_point::max()) return -1;
    if (next <= now) return 0;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(next - now).count());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: bench_delay_proxy TARGET-SOCKET LISTEN-SOCKET MILLISECONDS\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    const auto delay = std::chrono::milliseconds(std::atoi(argv[3]));
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(argv[2]);
    unlink(argv[2]);
    if (listener < 0 || bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 16) != 0) {
        std::perror(argv[2]);
        return 1;
    }
    make_nonblocking(listener);
    std::puts("ready");
    std::fflush(stdout);

    std::list<Connection> connections;
    for (;;) {
        const auto now = Clock::now();
        std::vector<pollfd> watched{{listener, POLLIN, 0}};
        for (const auto& connection : connections) {
            watched.push_back({connection.client, events_of(connection.to_server, connection.to_client, now), 0});
            watched.push_back({connection.server, events_of(connection.to_client, connection.to_server, now), 0});
        }
        if (poll(watched.data(), watched.size(), wait_ms(connections, now)) < 0 && errno != EINTR) return 1;

        std::size_t slot = 1;
        for (auto it = connections.begin(); it != connections.end(); slot += 2) {
            auto& connection = *it;
            const short ready = POLLIN | POLLHUP | POLLERR;
            if (watched[slot].revents & ready && !connection.to_server.source_ended) {
                take_in(connection.client, connection.to_server, delay, connection.broken);
            }
            if (watched[slot + 1].revents & ready && !connection.to_client.source_ended) {
                take_in(connection.server, connection.to_client, delay, connection.broken);
            }
            hand_on(connection.server, connection.to_server, connection.broken);
            hand_on(connection.client, connection.to_client, connection.broken);
            // A client that has gone for good ends its connection; what the server still says has no reader.
            const bool done = connection.broken || connection.to_client.told_end;
            if (done) {
                close(connection.client);
                close(connection.server);
                it = connections.erase(it);
            } else {
                ++it;
            }
        }
        const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client >= 0) {
            const int server = connect_to(argv[1]);
            if (server < 0) close(client);
            else connections.push_back({.client = client, .server = server, .to_server = {}, .to_client = {}});
        }
    }
}
