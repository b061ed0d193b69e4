// What a connection's server answers, read from libpq without blocking, so that an interrupt is heard meanwhile.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <string>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::postgres {

struct Listening {
    bool heed_interrupts = true;
    bool cancel_sent = false;  // during the call under way
};

using ColumnSink = std::function<void(const std::vector<std::string>&)>;

// A notice receiver (PQsetNoticeReceiver): `list` is a std::vector<std::string>.
void collect_notice(void* list, const PGresult* result);

// In libpq's own words, on one line.
[[nodiscard]] ServerError libpq_error(PGconn*);
[[nodiscard]] Answer lost_answer(PGconn*);

void request_cancel(PGconn*);

// What the server says in refusal.
[[nodiscard]] Answer refused_answer(PGconn*, const PGresult*, const Listening&);

// Sends what is buffered and waits until a result can be taken without blocking. False: connection lost.
[[nodiscard]] bool wait_for_result(PGconn*, Listening&);

// One statement's answer. An interrupt that is heeded asks the server to cancel it.
[[nodiscard]] Answer receive(PGconn*, Listening&, const ColumnSink* columns = nullptr, const RowSink* sink = nullptr);

}  // namespace cairn::postgres
