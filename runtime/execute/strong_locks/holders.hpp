// Who holds locks on the tables that a statement is about to lock.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/run/observer.hpp"

namespace cairn::execute {

// A transaction of another session that holds a lock in the way of one that is wanted.
struct Holder {
    enum class Kind {
        dump,         // pg_dump: holds its locks until it ends
        wraparound,   // an autovacuum to prevent wraparound: it does not give way
        autovacuum,   // any other: the server cancels it when it is waited for
        prepared,     // a prepared transaction, without a session
        transaction,
        unknown       // this role may not see since when
    } kind = Kind::transaction;
    std::string transaction;  // tells it from any other, earlier or later
    run::Blocker session;
    std::chrono::milliseconds deadlock_timeout{0};  // of the server: when an autovacuum is made to give way

    // Whom the wait is for: it will not be gone in a moment.
    [[nodiscard]] bool is_long() const;
    // "pg_dump on orders, pid 4711 (backup, active, 12.3 s)"
    [[nodiscard]] std::string in_words() const;
};

// Older transactions than this are waited for; younger ones are gone in a moment, or become older.
inline constexpr std::chrono::milliseconds old_transaction{1000};

// The holders of locks that conflict with `wanted` on those relations, their indexes, partitions and children, as the
// catalog has them; names are looked up as after `settings`, the SETs of the step. No transaction is open, before or after.
[[nodiscard]] std::variant<std::vector<Holder>, postgres::Answer> find_holders(postgres::Session&, const std::vector<sql::Lock>& wanted,
                                                                               const std::vector<compiler::Statement>& settings);

}  // namespace cairn::execute
