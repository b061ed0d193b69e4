#include "runtime/postgres/row_stream.hpp"

#include <libpq-fe.h>

#include "runtime/postgres/answers.hpp"

namespace cairn::postgres {

RowStream::RowStream(Session& session, const std::string& sql) : session_(session) {
    PGconn* conn = session.raw();
    session.listening().cancel_sent = false;
    if (PQsendQueryParams(conn, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) {
        finish(lost_answer(conn));
        return;
    }
    PQsetSingleRowMode(conn);
    (void)PQflush(conn);  // what does not go out at once goes with the first next()
}

RowStream::~RowStream() {
    if (!ended_) {
        request_cancel(session_.raw());
        while (next() != nullptr) continue;
    }
    release();
}

const RowStream::Row* RowStream::next() {
    PGconn* conn = session_.raw();
    release();
    if (ended_) return nullptr;
    if (!wait_for_result(conn, session_.listening())) {
        finish(lost_answer(conn));
        return nullptr;
    }
    result_ = PQgetResult(conn);
    switch (PQresultStatus(result_)) {
        case PGRES_SINGLE_TUPLE: break;
        case PGRES_TUPLES_OK: finish({}); return nullptr;
        default: finish(refused_answer(conn, result_, session_.listening())); return nullptr;
    }
    row_.clear();
    for (int c = 0; c < PQnfields(result_); ++c) {
        if (PQgetisnull(result_, 0, c) != 0) {
            row_.emplace_back();
        } else {
            row_.emplace_back(std::string_view(PQgetvalue(result_, 0, c), static_cast<std::size_t>(PQgetlength(result_, 0, c))));
        }
    }
    return &row_;
}

void RowStream::release() {
    PQclear(result_);
    result_ = nullptr;
}

// The connection is free for the next statement once libpq has no more result of this one.
void RowStream::finish(Answer answer) {
    ended_ = true;
    end_ = std::move(answer);
    release();
    if (end_.fate == Fate::lost) return;
    if (const Answer rest = receive(session_.raw(), session_.listening()); rest.fate == Fate::lost) end_ = rest;
}

}  // namespace cairn::postgres
