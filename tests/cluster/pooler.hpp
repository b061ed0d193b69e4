// Debian's pgbouncer in transaction mode, before the test program's server.
#pragma once

#include <string>

#include <sys/types.h>

#include "runtime/process/spawn.hpp"
#include "runtime/scratch/server.hpp"

namespace cairn::cluster {

class Pooler {
public:
    // `pool_size`: connections to each database of the server.
    explicit Pooler(const scratch::Server&, int pool_size = 4);
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;
    ~Pooler();  // ends it

    [[nodiscard]] std::string conninfo(const std::string& database) const;

private:
    std::string folder_;
    process::Descriptor log_;
    pid_t pid_ = -1;
};

}  // namespace cairn::cluster
