// The lease on a database: one runner at a time changes it, and a former one can't commit any more.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::journal {

struct LeaseToken {
    std::int64_t value = 0;
};

struct LeaseRequest {
    std::string run, plan;
    std::chrono::milliseconds length{30'000};
};

// Takes the lease. Held by a living runner: C0704 at once, naming it. Expired, or held by a process of this
// machine that has died: taken over, after the former transaction has ended or been terminated.
[[nodiscard]] std::variant<LeaseToken, compiler::Diagnostic> acquire(postgres::Session&, const LeaseRequest&);

// After a lost connection: a new token for the holder of `token`, under FOR UPDATE, so that a COMMIT still
// under way has either taken effect or can't any more. C0714 when another runner has taken over.
[[nodiscard]] std::variant<LeaseToken, compiler::Diagnostic> fence_again(postgres::Session&, LeaseToken,
                                                                         const LeaseRequest&);

// A backend, as long as the server runs: process ids are given again.
struct Backend {
    int pid = 0;
    std::string start;  // pg_stat_activity.backend_start
};

// Another session of the holder works under its lease: whoever takes over ends it as well. C0714 when that has happened already.
[[nodiscard]] std::variant<Backend, compiler::Diagnostic> work_beside(postgres::Session&, LeaseToken, const LeaseRequest&);

// The same after its connection was lost: first the `former` backend is ended, so that a COMMIT still under way there has either taken
// effect or can't any more. The other sessions under the lease go on.
[[nodiscard]] std::variant<Backend, compiler::Diagnostic> work_beside_again(postgres::Session&, LeaseToken, const LeaseRequest&, const Backend& former);

}  // namespace cairn::journal
