// One libpq connection for steps, journal and checks: statements one by one, streamed, or in a pipeline.
//
// Waiting is done on sockets, so that an interrupt (Ctrl-C) is turned into a cancel request at once.
// libpq is used rather than libpqxx because 6.4 has neither pipeline mode nor single-row mode, and because
// it reconnects silently; see https://www.postgresql.org/docs/15/libpq-pipeline-mode.html.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct pg_conn;

namespace cairn::postgres {

using Value = std::optional<std::string>;  // NULL is nullopt; text format

// What the server (or libpq) said. `sqlstate` is empty when libpq said it.
struct ServerError {
    std::string sqlstate, message, detail, hint, context;
    std::string user;  // the role that is connected, unquoted; empty where libpq said it
    std::uint32_t position = 0;  // characters from 1 in the statement; 0 when unknown
};

enum class Fate {
    succeeded,
    failed,     // the server refused it; nothing of it stays
    lost,       // the connection broke: whether a COMMIT under way took effect is not known
    cancelled,  // by our own cancel request (SQLSTATE 57014 after an interrupt)
    skipped     // in a pipeline, after a failed one
};

struct Answer {
    Fate fate = Fate::succeeded;
    std::vector<std::string> columns;
    std::vector<std::vector<Value>> rows;
    std::string tag;             // command tag: "INSERT 0 5"
    std::uint64_t affected = 0;  // rows changed or returned, from the tag
    ServerError error;
    [[nodiscard]] bool ok() const { return fate == Fate::succeeded; }
};

// One statement with its parameters. With `prepared`, `sql` is prepared once per session and reused, where the session
// stays the same.
struct Command {
    std::string sql;
    std::vector<Value> params;
    bool prepared = false;
};

using RowSink = std::function<void(const std::vector<Value>&)>;

struct Listening;

class Session {
public:
    // `conninfo`: whatever libpq takes. `application` becomes application_name.
    [[nodiscard]] static std::variant<Session, ServerError> connect(const std::string& conninfo,
                                                                    const std::string& application);
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;
    ~Session();

    [[nodiscard]] Answer query(const Command&);
    [[nodiscard]] Answer query(std::string sql, std::vector<Value> params = {}) {
        return query(Command{std::move(sql), std::move(params), false});
    }
    // Lets the server analyse one statement (names, types), and runs nothing; utility statements are only parsed.
    [[nodiscard]] Answer analyse(const std::string& sql);
    // A query's columns without running it, one row a column: its name, and the type's OID (a domain's is the type under it).
    [[nodiscard]] Answer describe(const std::string& sql);
    // Rows go to `sink` one by one and are not kept: constant memory. Answer.columns is set before the first row.
    [[nodiscard]] Answer stream(const std::string& sql, const std::function<void(const std::vector<std::string>&)>& columns,
                                const RowSink& sink);
    // Sends all commands in one round trip; after a failed one the rest are skipped. One answer a command.
    [[nodiscard]] std::vector<Answer> pipeline(const std::vector<Command>&);
    // Several pipelines in one go, each up to its own Sync: the server begins with the next while the answers of the
    // one before are still on their way. A failed group does not keep the next from being tried, so a group must
    // open its own transaction block: after a failure within one, BEGIN itself fails (25P02) until ROLLBACK.
    // `on_group` is called as each group's answers are complete.
    using GroupSink = std::function<void(std::size_t group, const std::vector<Answer>&)>;
    [[nodiscard]] std::vector<std::vector<Answer>> pipelines(const std::vector<std::vector<Command>>&,
                                                             const GroupSink& on_group = {});
    // The answer to a query whose answer stays the same as long as the session lasts: asked once, unless it fails.
    [[nodiscard]] Answer once(const std::string& sql);
    // Several statements in one simple query: for fixtures and scripts.
    [[nodiscard]] Answer script(const std::string& sql);

    // Whether an interrupt cancels the statement under way (the default). A session that has cancelled one
    // stops heeding by itself, so that clearing up is not cancelled too.
    bool heed_interrupts(bool);  // what held before
    [[nodiscard]] bool alive() const;
    // A pooler stands between, such as pgbouncer: transactions may each meet another backend, so that settings, prepared
    // statements and the backend's process last no longer than a transaction.
    [[nodiscard]] bool pooled() const;
    // COMMIT; when pooled after taking settings back, which whoever has that backend next would meet.
    [[nodiscard]] std::vector<Command> commit() const;
    [[nodiscard]] int backend_pid() const;  // 0 when pooled
    [[nodiscard]] int server_version() const;  // 150004
    [[nodiscard]] std::string server_encoding() const;  // of the database: "UTF8"
    [[nodiscard]] std::vector<std::string> take_notices();  // since the last call
    pg_conn* raw() { return conn_.get(); }

private:
    friend class RowStream;
    [[nodiscard]] Listening& listening();
    struct Closer { void operator()(pg_conn*) const; };
    explicit Session(pg_conn*);
    struct State;
    [[nodiscard]] bool send_group(const std::vector<Command>&, std::vector<bool>& is_prepare, std::vector<std::string>& new_names);
    [[nodiscard]] bool receive_group(const std::vector<bool>& is_prepare, std::vector<Answer>&);
    std::unique_ptr<pg_conn, Closer> conn_;
    std::unique_ptr<State> state_;
};

}  // namespace cairn::postgres
