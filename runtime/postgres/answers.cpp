#include "runtime/postgres/answers.hpp"

#include <poll.h>

#include <cerrno>
#include <charconv>
#include <memory>

#include "runtime/process/interrupt.hpp"

namespace cairn::postgres {
namespace {

std::string trimmed(const char* text) {
    std::string s = text ? text : "";
    while (!s.empty() && (s.back() == '\n' || s.back() == ' ')) s.pop_back();
    return s;
}

ServerError read_error(const PGresult* result) {
    auto field = [&](int code) { return trimmed(PQresultErrorField(result, code)); };
    ServerError error;
    error.sqlstate = field(PG_DIAG_SQLSTATE);
    error.message = field(PG_DIAG_MESSAGE_PRIMARY);
    error.detail = field(PG_DIAG_MESSAGE_DETAIL);
    error.hint = field(PG_DIAG_MESSAGE_HINT);
    error.context = field(PG_DIAG_CONTEXT);
    if (error.message.empty()) error.message = trimmed(PQresultErrorMessage(result));
    const std::string position = field(PG_DIAG_STATEMENT_POSITION);
    std::from_chars(position.data(), position.data() + position.size(), error.position);
    return error;
}

std::vector<Value> read_row(const PGresult* result, int row) {
    std::vector<Value> values;
    const int columns = PQnfields(result);
    values.reserve(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) {
        if (PQgetisnull(result, row, c)) {
            values.emplace_back();
        } else {
            values.emplace_back(std::string(PQgetvalue(result, row, c),
                                            static_cast<std::size_t>(PQgetlength(result, row, c))));
        }
    }
    return values;
}

std::vector<std::string> read_columns(const PGresult* result) {
    std::vector<std::string> columns;
    for (int c = 0; c < PQnfields(result); ++c) columns.emplace_back(PQfname(result, c));
    return columns;
}

// A server that shuts down or has crashed, an administrator's termination, idle timeouts: the last words of
// a connection. https://www.postgresql.org/docs/15/errcodes-appendix.html
bool ends_connection(const std::string& sqlstate) { return sqlstate.starts_with("57P0") || sqlstate == "25P03"; }

// What became of a statement; a cancellation counts as such when it was our own request.
Fate fate_of(const ServerError& error, bool alive, bool cancel_sent) {
    if (ends_connection(error.sqlstate) || !alive) return Fate::lost;
    if (error.sqlstate == "57014" && cancel_sent) return Fate::cancelled;
    return Fate::failed;
}

struct ResultCloser {
    void operator()(PGresult* r) const { PQclear(r); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultCloser>;

void take_tag(Answer& answer, PGresult* result) {
    answer.tag = PQcmdStatus(result);
    const std::string_view count = PQcmdTuples(result);
    std::from_chars(count.data(), count.data() + count.size(), answer.affected);
}

// Rows go to `sink` where there is one.
void absorb(Answer& answer, PGresult* result, bool& header_sent,
            const ColumnSink* columns, const RowSink* sink) {
    const int rows = PQntuples(result);
    if (!header_sent && PQnfields(result) > 0) {
        answer.columns = read_columns(result);
        if (columns != nullptr && *columns) (*columns)(answer.columns);
        header_sent = true;
    }
    for (int r = 0; r < rows; ++r) {
        if (sink != nullptr) {
            (*sink)(read_row(result, r));
        } else {
            answer.rows.push_back(read_row(result, r));
        }
    }
}

}  // namespace

void collect_notice(void* list, const PGresult* result) {
    static_cast<std::vector<std::string>*>(list)->push_back(trimmed(PQresultErrorMessage(result)));
}

ServerError libpq_error(PGconn* conn) {
    ServerError error;
    error.message = trimmed(PQerrorMessage(conn));
    for (char& c : error.message) c = c == '\n' || c == '\t' ? ' ' : c;  // libpq's own words run over several lines
    return error;
}

Answer lost_answer(PGconn* conn) {
    Answer answer;
    answer.fate = Fate::lost;
    answer.error = libpq_error(conn);
    if (answer.error.message.empty()) answer.error.message = "connection to the server was lost";
    return answer;
}

void request_cancel(PGconn* conn) {
    PGcancel* cancel = PQgetCancel(conn);
    if (cancel == nullptr) return;
    char message[256];
    PQcancel(cancel, message, sizeof message);
    PQfreeCancel(cancel);
}

Answer refused_answer(PGconn* conn, const PGresult* result, const Listening& listening) {
    Answer answer;
    answer.error = read_error(result);
    answer.error.user = PQuser(conn);
    answer.fate = fate_of(answer.error, PQstatus(conn) == CONNECTION_OK, listening.cancel_sent);
    return answer;
}

bool wait_for_result(PGconn* conn, Listening& listening) {
    for (;;) {
        const int unsent = PQflush(conn);
        if (unsent < 0) {
            // The server may have said why before it closed: let what has arrived be read.
            return PQconsumeInput(conn) == 1 && PQisBusy(conn) == 0;
        }
        if (unsent == 0 && PQisBusy(conn) == 0) return true;
        const bool watch_interrupt = listening.heed_interrupts && process::interrupt_fd() >= 0;
        pollfd fds[2] = {{PQsocket(conn), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0},
                         {process::interrupt_fd(), POLLIN, 0}};
        if (poll(fds, watch_interrupt ? 2 : 1, -1) < 0 && errno != EINTR) return false;
        if (watch_interrupt && process::interrupt_requested()) {
            listening.heed_interrupts = false;  // what follows is clearing up, which must not be cancelled
            listening.cancel_sent = true;
            request_cancel(conn);
        }
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && PQconsumeInput(conn) == 0)
            return PQisBusy(conn) == 0;
    }
}

Answer receive(PGconn* conn, Listening& listening, const ColumnSink* columns, const RowSink* sink) {
    Answer answer;
    bool header_sent = false, failed = false;
    for (;;) {
        if (!wait_for_result(conn, listening)) return lost_answer(conn);
        ResultPtr result(PQgetResult(conn));
        if (!result) break;
        switch (PQresultStatus(result.get())) {
            case PGRES_SINGLE_TUPLE:
            case PGRES_TUPLES_OK:
            case PGRES_COMMAND_OK:
            case PGRES_EMPTY_QUERY:
                absorb(answer, result.get(), header_sent, columns, sink);
                if (PQresultStatus(result.get()) != PGRES_SINGLE_TUPLE) take_tag(answer, result.get());
                break;
            case PGRES_COPY_IN:
                PQputCopyEnd(conn, "COPY FROM STDIN has no input here");
                break;
            case PGRES_PIPELINE_ABORTED:
                answer.fate = Fate::skipped;
                break;
            case PGRES_COPY_OUT: {
                char* row = nullptr;
                while (PQgetCopyData(conn, &row, 0) > 0) PQfreemem(row);
                break;
            }
            default:
                if (!failed) {
                    const Answer refused = refused_answer(conn, result.get(), listening);
                    answer.error = refused.error;
                    answer.fate = refused.fate;
                    failed = true;
                }
        }
    }
    if (PQstatus(conn) != CONNECTION_OK && !failed) return lost_answer(conn);
    if (PQstatus(conn) != CONNECTION_OK) answer.fate = Fate::lost;
    return answer;
}

}  // namespace cairn::postgres
