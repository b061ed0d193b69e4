#include "runtime/postgres/session.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "runtime/process/interrupt.hpp"

namespace cairn::postgres {

struct Session::State {
    std::vector<std::string> notices;
    std::unordered_map<std::string, std::string> prepared;  // SQL -> statement name
    std::unordered_map<std::string, Answer> lasting;        // see once()
    std::size_t names_given = 0;  // never reused: a Parse that was skipped must not leave a name behind
    bool heed_interrupts = true;
    bool pooled = false;
    bool cancel_sent = false;  // during the call under way
};

namespace {

std::string trimmed(const char* text) {
    std::string s = text ? text : "";
    while (!s.empty() && (s.back() == '\n' || s.back() == ' ')) s.pop_back();
    return s;
}

void collect_notice(void* list, const PGresult* result) {
    static_cast<std::vector<std::string>*>(list)->push_back(trimmed(PQresultErrorMessage(result)));
}

ServerError libpq_error(PGconn* conn) {
    ServerError error;
    error.message = trimmed(PQerrorMessage(conn));
    for (char& c : error.message) c = c == '\n' || c == '\t' ? ' ' : c;  // libpq's own words run over several lines
    return error;
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

struct ParameterList {
    explicit ParameterList(const std::vector<Value>& params) {
        values.reserve(params.size());
        for (const auto& p : params) values.push_back(p ? p->c_str() : nullptr);
    }
    std::vector<const char*> values;
    [[nodiscard]] int count() const { return static_cast<int>(values.size()); }
    [[nodiscard]] const char* const* data() const { return values.data(); }
};

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

}  // namespace

void Session::Closer::operator()(pg_conn* conn) const { PQfinish(conn); }

Session::Session(pg_conn* conn) : conn_(conn), state_(std::make_unique<State>()) {
    PQsetNoticeReceiver(conn, collect_notice, &state_->notices);
    PQsetnonblocking(conn, 1);
}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::variant<Session, ServerError> Session::connect(const std::string& conninfo,
                                                    const std::string& application) {
    // client_encoding is fixed: error positions and source maps count UTF-8 characters.
    const char* keywords[] = {"dbname", "application_name", "client_encoding", nullptr};
    const char* values[] = {conninfo.c_str(), application.c_str(), "UTF8", nullptr};
    PGconn* conn = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(conn) != CONNECTION_OK) {
        ServerError error = libpq_error(conn);
        PQfinish(conn);
        return error;
    }
    Session session(conn);
    // A pooler hands out process IDs of its own making, for cancel requests.
    const Answer pid = session.query("SELECT pg_catalog.pg_backend_pid()");
    if (!pid.ok()) return pid.error;
    session.state_->pooled = pid.rows.at(0).at(0) != std::to_string(PQbackendPID(conn));
    return session;
}

bool Session::alive() const { return PQstatus(conn_.get()) == CONNECTION_OK; }
bool Session::heed_interrupts(bool heed) { return std::exchange(state_->heed_interrupts, heed); }
bool Session::pooled() const { return state_->pooled; }
std::vector<Command> Session::commit() const {
    if (!pooled()) return {{"COMMIT", {}, false}};
    return {{"RESET SESSION AUTHORIZATION", {}, false}, {"RESET ALL", {}, false}, {"COMMIT", {}, false}};
}
int Session::backend_pid() const { return pooled() ? 0 : PQbackendPID(conn_.get()); }
int Session::server_version() const { return PQserverVersion(conn_.get()); }

std::vector<std::string> Session::take_notices() { return std::exchange(state_->notices, {}); }

// ---------------------------------------------------------------- waiting

namespace {

void send_cancel(PGconn* conn) {
    PGcancel* cancel = PQgetCancel(conn);
    if (cancel == nullptr) return;
    char message[256];
    PQcancel(cancel, message, sizeof message);
    PQfreeCancel(cancel);
}

// Sends what is buffered and waits until a result can be taken without blocking. False: connection lost.
bool wait_for_result(PGconn* conn, bool& heed_interrupts, bool& cancel_sent) {
    for (;;) {
        const int unsent = PQflush(conn);
        if (unsent < 0) {
            // The server may have said why before it closed: let what has arrived be read.
            return PQconsumeInput(conn) == 1 && PQisBusy(conn) == 0;
        }
        if (unsent == 0 && PQisBusy(conn) == 0) return true;
        const bool watch_interrupt = heed_interrupts && process::interrupt_fd() >= 0;
        pollfd fds[2] = {{PQsocket(conn), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0},
                         {process::interrupt_fd(), POLLIN, 0}};
        if (poll(fds, watch_interrupt ? 2 : 1, -1) < 0 && errno != EINTR) return false;
        if (watch_interrupt && process::interrupt_requested()) {
            heed_interrupts = false;  // what follows is clearing up, which must not be cancelled
            cancel_sent = true;
            send_cancel(conn);
        }
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && PQconsumeInput(conn) == 0)
            return PQisBusy(conn) == 0;
    }
}

struct ResultCloser {
    void operator()(PGresult* r) const { PQclear(r); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultCloser>;

Answer lost_answer(PGconn* conn) {
    Answer answer;
    answer.fate = Fate::lost;
    answer.error = libpq_error(conn);
    if (answer.error.message.empty()) answer.error.message = "connection to the server was lost";
    return answer;
}

void take_tag(Answer& answer, PGresult* result) {
    answer.tag = PQcmdStatus(result);
    const std::string_view count = PQcmdTuples(result);
    std::from_chars(count.data(), count.data() + count.size(), answer.affected);
}

}  // namespace

// Reads one statement's result into `answer`; rows go to `sink` where there is one.
namespace {

void absorb(Answer& answer, PGresult* result, bool& header_sent,
            const std::function<void(const std::vector<std::string>&)>* columns, const RowSink* sink) {
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

Answer receive(PGconn* conn, bool& heed_interrupts, bool& cancel_sent,
               const std::function<void(const std::vector<std::string>&)>* columns, const RowSink* sink) {
    Answer answer;
    bool header_sent = false, failed = false;
    for (;;) {
        if (!wait_for_result(conn, heed_interrupts, cancel_sent)) return lost_answer(conn);
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
                    answer.error = read_error(result.get());
                    answer.error.user = PQuser(conn);
                    answer.fate = fate_of(answer.error, PQstatus(conn) == CONNECTION_OK, cancel_sent);
                    failed = true;
                }
        }
    }
    if (PQstatus(conn) != CONNECTION_OK && !failed) return lost_answer(conn);
    if (PQstatus(conn) != CONNECTION_OK) answer.fate = Fate::lost;
    return answer;
}

}  // namespace

Answer Session::query(const Command& command) {
    if (command.prepared) return pipeline({command}).front();
    PGconn* conn = conn_.get();
    state_->cancel_sent = false;
    const ParameterList params(command.params);
    if (PQsendQueryParams(conn, command.sql.c_str(), params.count(), nullptr, params.data(), nullptr, nullptr,
                          0) == 0)
        return lost_answer(conn);
    return receive(conn, state_->heed_interrupts, state_->cancel_sent, nullptr, nullptr);
}

Answer Session::analyse(const std::string& sql) {
    PGconn* conn = conn_.get();
    state_->cancel_sent = false;
    if (PQsendPrepare(conn, "", sql.c_str(), 0, nullptr) == 0) return lost_answer(conn);
    return receive(conn, state_->heed_interrupts, state_->cancel_sent, nullptr, nullptr);
}

Answer Session::stream(const std::string& sql, const std::function<void(const std::vector<std::string>&)>& columns,
                       const RowSink& sink) {
    PGconn* conn = conn_.get();
    state_->cancel_sent = false;
    if (PQsendQueryParams(conn, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0)
        return lost_answer(conn);
    PQsetSingleRowMode(conn);
    return receive(conn, state_->heed_interrupts, state_->cancel_sent, &columns, &sink);
}

Answer Session::script(const std::string& sql) {
    PGconn* conn = conn_.get();
    state_->cancel_sent = false;
    if (PQsendQuery(conn, sql.c_str()) == 0) return lost_answer(conn);
    return receive(conn, state_->heed_interrupts, state_->cancel_sent, nullptr, nullptr);
}

// ---------------------------------------------------------------- pipeline

namespace {

bool send_plain(PGconn* conn, const Command& command) {
    const ParameterList params(command.params);
    return PQsendQueryParams(conn, command.sql.c_str(), params.count(), nullptr, params.data(), nullptr,
                             nullptr, 0) == 1;
}

bool send_prepared(PGconn* conn, const std::string& name, const Command& command) {
    const ParameterList params(command.params);
    return PQsendQueryPrepared(conn, name.c_str(), params.count(), params.data(), nullptr, nullptr, 0) == 1;
}

}  // namespace

// Puts the group's messages and its Sync into libpq's buffer; `is_prepare` says of each result to come what it is of.
bool Session::send_group(const std::vector<Command>& commands, std::vector<bool>& is_prepare, std::vector<std::string>& new_names) {
    PGconn* conn = conn_.get();
    for (const auto& command : commands) {
        bool sent = false;
        if (command.prepared && !pooled()) {
            auto [entry, is_new] = state_->prepared.try_emplace(command.sql);
            if (is_new) {
                entry->second = "cairn_" + std::to_string(++state_->names_given);
                new_names.push_back(command.sql);
                is_prepare.push_back(true);
                PQsendPrepare(conn, entry->second.c_str(), command.sql.c_str(), 0, nullptr);
            }
            sent = send_prepared(conn, entry->second, command);
        } else {
            sent = send_plain(conn, command);
        }
        is_prepare.push_back(false);
        if (!sent) return false;
    }
    return PQpipelineSync(conn) == 1;
}

// False when the connection was lost on the way; `answers` then ends with the one that tells.
bool Session::receive_group(const std::vector<bool>& is_prepare, std::vector<Answer>& answers) {
    PGconn* conn = conn_.get();
    std::optional<Answer> prepare_failure;
    for (const bool prepare : is_prepare) {
        Answer answer = receive(conn, state_->heed_interrupts, state_->cancel_sent, nullptr, nullptr);
        if (answer.fate == Fate::lost) {
            answers.push_back(std::move(answer));
            return false;
        }
        if (prepare) {
            if (answer.fate == Fate::failed) prepare_failure = std::move(answer);
            continue;
        }
        if (prepare_failure) {
            answer = std::move(*prepare_failure);
            prepare_failure.reset();
        }
        answers.push_back(std::move(answer));
    }
    if (!wait_for_result(conn, state_->heed_interrupts, state_->cancel_sent)) return false;
    ResultPtr sync(PQgetResult(conn));  // of the group's Sync
    return true;
}

Answer Session::once(const std::string& sql) {
    const auto known = state_->lasting.find(sql);
    if (known != state_->lasting.end()) return known->second;
    Answer answer = query(sql);
    if (answer.ok()) state_->lasting.emplace(sql, answer);
    return answer;
}
std::vector<Answer> Session::pipeline(const std::vector<Command>& commands) {
    return std::move(pipelines({commands}, nullptr).front());
}

std::vector<std::vector<Answer>> Session::pipelines(const std::vector<std::vector<Command>>& groups, const GroupSink& on_group) {
    PGconn* conn = conn_.get();
    state_->cancel_sent = false;
    std::vector<std::vector<Answer>> all(groups.size());
    auto lost_from = [&](std::size_t first) {
        for (std::size_t g = first; g < groups.size(); ++g) {
            while (all[g].size() < groups[g].size()) all[g].push_back(lost_answer(conn));
        }
        return std::move(all);
    };
    if (PQenterPipelineMode(conn) == 0) return lost_from(0);
    std::vector<std::string> new_names;
    std::vector<std::vector<bool>> is_prepare(groups.size());
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (!send_group(groups[g], is_prepare[g], new_names)) return lost_from(0);
    }
    bool any_failed = false;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (!receive_group(is_prepare[g], all[g])) return lost_from(g);
        for (const auto& answer : all[g]) any_failed = any_failed || !answer.ok();
        if (on_group) on_group(g, all[g]);
    }
    PQexitPipelineMode(conn);
    // Which Parse was skipped is not worth asking: after a failure all new ones are prepared anew.
    if (any_failed) {
        for (const auto& sql : new_names) state_->prepared.erase(sql);
    }
    return all;
}

}  // namespace cairn::postgres
