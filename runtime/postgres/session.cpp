#include "runtime/postgres/session.hpp"

#include <libpq-fe.h>

#include <unordered_map>
#include <utility>

#include "runtime/postgres/answers.hpp"

namespace cairn::postgres {

struct Session::State {
    std::vector<std::string> notices;
    std::unordered_map<std::string, std::string> prepared;  // SQL -> statement name
    std::unordered_map<std::string, Answer> lasting;        // see once()
    std::size_t names_given = 0;  // never reused: a Parse that was skipped must not leave a name behind
    Listening listening;
    bool pooled = false;
};

namespace {

struct ParameterList {
    explicit ParameterList(const std::vector<Value>& params) {
        values.reserve(params.size());
        for (const auto& p : params) values.push_back(p ? p->c_str() : nullptr);
    }
    std::vector<const char*> values;
    [[nodiscard]] int count() const { return static_cast<int>(values.size()); }
    [[nodiscard]] const char* const* data() const { return values.data(); }
};

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
bool Session::heed_interrupts(bool heed) { return std::exchange(state_->listening.heed_interrupts, heed); }
bool Session::pooled() const { return state_->pooled; }
std::vector<Command> Session::commit() const {
    if (!pooled()) return {{"COMMIT", {}, false}};
    return {{"RESET SESSION AUTHORIZATION", {}, false}, {"RESET ALL", {}, false}, {"COMMIT", {}, false}};
}
int Session::backend_pid() const { return pooled() ? 0 : PQbackendPID(conn_.get()); }
int Session::server_version() const { return PQserverVersion(conn_.get()); }

std::string Session::server_encoding() const {
    const char* encoding = PQparameterStatus(conn_.get(), "server_encoding");
    return encoding != nullptr ? encoding : "";
}

std::vector<std::string> Session::take_notices() { return std::exchange(state_->notices, {}); }

Answer Session::query(const Command& command) {
    if (command.prepared) return pipeline({command}).front();
    PGconn* conn = conn_.get();
    state_->listening.cancel_sent = false;
    const ParameterList params(command.params);
    if (PQsendQueryParams(conn, command.sql.c_str(), params.count(), nullptr, params.data(), nullptr, nullptr,
                          0) == 0)
        return lost_answer(conn);
    return receive(conn, state_->listening);
}

Answer Session::analyse(const std::string& sql) {
    PGconn* conn = conn_.get();
    state_->listening.cancel_sent = false;
    if (PQsendPrepare(conn, "", sql.c_str(), 0, nullptr) == 0) return lost_answer(conn);
    return receive(conn, state_->listening);
}

Listening& Session::listening() { return state_->listening; }

Answer Session::describe(const std::string& sql) {
    PGconn* conn = conn_.get();
    Answer answer = analyse(sql);
    if (!answer.ok()) return answer;
    if (PQsendDescribePrepared(conn, "") == 0 || !wait_for_result(conn, state_->listening)) return lost_answer(conn);
    PGresult* described = PQgetResult(conn);
    if (PQresultStatus(described) != PGRES_COMMAND_OK) answer = refused_answer(conn, described, state_->listening);
    for (int c = 0; c < PQnfields(described); ++c) {
        answer.rows.push_back({std::string(PQfname(described, c)), std::to_string(PQftype(described, c))});
    }
    PQclear(described);
    const Answer rest = receive(conn, state_->listening);
    return rest.fate == Fate::lost ? rest : answer;
}

Answer Session::stream(const std::string& sql, const std::function<void(const std::vector<std::string>&)>& columns,
                       const RowSink& sink) {
    PGconn* conn = conn_.get();
    state_->listening.cancel_sent = false;
    if (PQsendQueryParams(conn, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0)
        return lost_answer(conn);
    PQsetSingleRowMode(conn);
    return receive(conn, state_->listening, &columns, &sink);
}

Answer Session::script(const std::string& sql) {
    PGconn* conn = conn_.get();
    state_->listening.cancel_sent = false;
    if (PQsendQuery(conn, sql.c_str()) == 0) return lost_answer(conn);
    return receive(conn, state_->listening);
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
        Answer answer = receive(conn, state_->listening);
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
    if (!wait_for_result(conn, state_->listening)) return false;
    PQclear(PQgetResult(conn));  // of the group's Sync
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
    state_->listening.cancel_sent = false;
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
