#include "runtime/journal/schema.hpp"

#include <fmt/format.h>

#include <string>

#include "runtime/journal/hiding.hpp"
#include "runtime/journal/silence.hpp"

namespace cairn::journal {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

// Version 1. Every table has a primary key (logical replication needs one). Names inside functions are
// qualified, but for cairn.identity, which resolves the plan's names under the step's own search_path.
constexpr const char* version_1 = R"sql(
CREATE SCHEMA cairn;
COMMENT ON SCHEMA cairn IS 'The journal of cairn: leases, runs, items, the undo trail and events';
REVOKE ALL ON SCHEMA cairn FROM PUBLIC;

CREATE TABLE cairn.meta (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO cairn.meta VALUES ('version', '1');

-- One row: one runner at a time changes this database.
CREATE TABLE cairn.lease (
    id int PRIMARY KEY CHECK (id = 1),
    token bigint NOT NULL,          -- another one with every take-over: a fence for the one before
    run text, plan text,            -- NULL: nobody holds it
    host text, machine text, pid int, pid_started text, who text,
    backend int, backend_start timestamptz,
    beside jsonb NOT NULL DEFAULT '[]',  -- [pid, backend_start] of the holder's further sessions
    item text,                      -- what the holder was at when its heart last beat: names, ", " between them
    acquired timestamptz, expires timestamptz
);
INSERT INTO cairn.lease (id, token) VALUES (1, 0);

CREATE TABLE cairn.run (
    run text PRIMARY KEY,
    plan text NOT NULL, digest text NOT NULL, state text NOT NULL,
    started timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz,
    who text NOT NULL, plan_file text NOT NULL, plan_text text NOT NULL,
    files jsonb NOT NULL, parameters jsonb NOT NULL, date text NOT NULL, "time" text NOT NULL,
    -- Of a plan that changes several databases: the role of this one, and of the one whose journal says how the run stands.
    database text NOT NULL, led_by text NOT NULL
);
CREATE INDEX run_plan ON cairn.run (plan, started);

CREATE TABLE cairn.item (
    run text NOT NULL REFERENCES cairn.run, ordinal int NOT NULL,
    name text NOT NULL, kind text NOT NULL, state text NOT NULL DEFAULT 'pending',
    started timestamptz, ended timestamptz, rows bigint, error text, attempts int NOT NULL DEFAULT 0,
    xids bigint[] NOT NULL DEFAULT '{}', -- of the transactions that did and undid it: whose rows are this run's own
    statement int NOT NULL DEFAULT 0, -- non-transactional: how many of its statements are done
    intent jsonb,                   -- non-transactional: what was there before the one under way
    database text NOT NULL,         -- the role whose journal says how it stands; '': there is one journal only
    PRIMARY KEY (run, ordinal)
);

CREATE TABLE cairn.undo (
    run text NOT NULL, ordinal int NOT NULL, seq int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('sql', 'difference', 'cursor')),
    statement text NOT NULL,
    detail jsonb,                   -- difference: statements, kept rows and guards (runtime/undo/trail.hpp)
    object_kind text NOT NULL, object text NOT NULL, sub text NOT NULL,
    identity text, guard_rows boolean NOT NULL, undone boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run, ordinal, seq)
);

-- What a rollback has made again is the same object under another OID: earlier entries of the trail know the former.
CREATE TABLE cairn.remade (
    run text NOT NULL, was text NOT NULL, "is" text NOT NULL,  -- "pg_class 16384", a column "pg_class 16384.3"
    PRIMARY KEY (run, was)
);

-- Transactions of this run beyond those of its items: a batch has one a range, too many for an array. Under the run '' the
-- subtransactions that have given rows back, of whatever run.
CREATE TABLE cairn.wrote (run text NOT NULL, xid bigint NOT NULL, PRIMARY KEY (run, xid));

CREATE TABLE cairn.event (
    run text NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    item text NOT NULL, event text NOT NULL, detail text NOT NULL,
    PRIMARY KEY (run, seq)
);

-- Raises unless the lease still carries this token; holds the row until the transaction ends. KEY SHARE
-- lets the heartbeat update the row, and makes a take-over (FOR UPDATE) wait.
CREATE FUNCTION cairn.fence(wanted bigint) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM 1 FROM cairn.lease WHERE id = 1 AND token = wanted FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another runner has taken over' USING ERRCODE = 'CA001';
    END IF;
END $fn$;

-- The same for a step that was sent before the answer to the one before it was in: raises unless that one is done. A COMMIT
-- that fails (a deferred constraint) ends its transaction block, and so would not keep the next step from running.
CREATE FUNCTION cairn.fence(wanted bigint, of_run text, after int) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM 1 FROM cairn.lease WHERE id = 1 AND token = wanted FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another runner has taken over' USING ERRCODE = 'CA001';
    END IF;
    PERFORM 1 FROM cairn.item WHERE run = of_run AND ordinal = after AND state = 'done';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the step before has failed' USING ERRCODE = 'CA002';
    END IF;
END $fn$;

-- What an object is, as long as it lives: its OID (and a column's number); NULL when there is none.
-- Branches rather than one CASE: the executor would open every catalog of every branch at each call.
CREATE FUNCTION cairn.identity(kind text, name text, sub text) RETURNS text LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    relation oid;
    plain text;
BEGIN
    IF kind = '' THEN
        RETURN NULL;
    ELSIF kind = 'relation' THEN
        RETURN pg_catalog.to_regclass(name)::oid::text;
    ELSIF kind IN ('column', 'constraint', 'trigger', 'rule', 'policy') THEN
        relation := pg_catalog.to_regclass(name);
        IF kind = 'column' THEN
            RETURN (SELECT attrelid::oid || '.' || attnum FROM pg_catalog.pg_attribute
                WHERE attrelid = relation AND attname = sub AND NOT attisdropped);
        ELSIF kind = 'constraint' AND relation IS NOT NULL THEN
            RETURN (SELECT oid::text FROM pg_catalog.pg_constraint WHERE conrelid = relation AND conname = sub);
        ELSIF kind = 'constraint' THEN
            RETURN (SELECT oid::text FROM pg_catalog.pg_constraint
                WHERE contypid <> 0 AND contypid = pg_catalog.to_regtype(name) AND conname = sub);
        ELSIF kind = 'trigger' THEN
            RETURN (SELECT oid::text FROM pg_catalog.pg_trigger WHERE tgrelid = relation AND tgname = sub);
        ELSIF kind = 'rule' THEN
            RETURN (SELECT oid::text FROM pg_catalog.pg_rewrite WHERE ev_class = relation AND rulename = sub);
        END IF;
        RETURN (SELECT oid::text FROM pg_catalog.pg_policy WHERE polrelid = relation AND polname = sub);
    ELSIF kind = 'function' THEN RETURN pg_catalog.to_regprocedure(name)::oid::text;
    ELSIF kind = 'type' THEN RETURN pg_catalog.to_regtype(name)::oid::text;
    ELSIF kind = 'schema' THEN RETURN pg_catalog.to_regnamespace(name)::oid::text;
    ELSIF kind = 'role' THEN RETURN pg_catalog.to_regrole(name)::oid::text;
    ELSIF kind = 'collation' THEN RETURN pg_catalog.to_regcollation(name)::oid::text;
    ELSIF kind = 'enum_value' THEN
        RETURN (SELECT oid::text FROM pg_catalog.pg_enum WHERE enumtypid = pg_catalog.to_regtype(name) AND enumlabel = sub);
    END IF;
    plain := (pg_catalog.parse_ident(name))[pg_catalog.array_upper(pg_catalog.parse_ident(name), 1)];
    IF kind = 'extension' THEN RETURN (SELECT oid::text FROM pg_catalog.pg_extension WHERE extname = plain);
    ELSIF kind = 'foreign_server' THEN
        RETURN (SELECT oid::text FROM pg_catalog.pg_foreign_server WHERE srvname = plain);
    ELSIF kind = 'publication' THEN RETURN (SELECT oid::text FROM pg_catalog.pg_publication WHERE pubname = plain);
    ELSIF kind = 'event_trigger' THEN
        RETURN (SELECT oid::text FROM pg_catalog.pg_event_trigger WHERE evtname = plain);
    ELSIF kind = 'statistics' THEN
        RETURN (SELECT oid::text FROM pg_catalog.pg_statistic_ext WHERE stxname = plain
            ORDER BY pg_catalog.pg_statistics_obj_is_visible(oid) DESC LIMIT 1);
    ELSIF kind = 'database' THEN RETURN (SELECT oid::text FROM pg_catalog.pg_database WHERE datname = plain);
    END IF;
    RETURN NULL;
END $fn$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA cairn FROM PUBLIC;
)sql";

Diagnostic problem(std::uint16_t code, std::string message, std::string help = {}) {
    Diagnostic d;
    d.code = code;
    d.message = std::move(message);
    d.help = std::move(help);
    return d;
}

std::string who_and_where(Session& session) {
    const Answer a = session.query("SELECT quote_ident(current_user), quote_ident(current_database())");
    return a.ok() ? fmt::format("{} {}", *a.rows[0][0], *a.rows[0][1]) : "";
}

Diagnostic missing_rights(Session& session, bool exists) {
    const std::string both = who_and_where(session);
    const auto space = both.find(' ');
    const std::string role = both.substr(0, space), database = space == std::string::npos ? "" : both.substr(space + 1);
    if (!exists) {
        return problem(702,
                       fmt::format("role `{}` may not create the journal's schema `cairn` in database `{}`", role,
                                   database),
                       fmt::format("GRANT CREATE ON DATABASE {} TO {};", database, role));
    }
    return problem(702, fmt::format("role `{}` lacks rights on the journal in schema `cairn` of database `{}`", role, database),
                   fmt::format("GRANT USAGE ON SCHEMA cairn TO {0}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL "
                               "TABLES IN SCHEMA cairn TO {0}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cairn TO {0};",
                               role));
}

constexpr const char* why_read_only = R"sql(
SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_database(),
       CASE source WHEN 'database' THEN 'set for the database' WHEN 'user' THEN pg_catalog.format('set for role %I', session_user)
                   WHEN 'database user' THEN pg_catalog.format('set for role %I in this database', session_user)
                   WHEN 'client' THEN 'set by the connection' ELSE 'set for the server' END
FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only')sql";

constexpr const char* presence_query = R"sql(
SELECT s.oid IS NOT NULL,
       s.oid IS NOT NULL AND pg_catalog.has_schema_privilege(s.oid, 'USAGE')
           AND coalesce((SELECT bool_and(pg_catalog.has_table_privilege(c.oid, p)) FROM pg_catalog.pg_class c,
               unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE c.relnamespace = s.oid AND c.relkind = 'r'), false)
           AND coalesce((SELECT bool_and(pg_catalog.has_function_privilege(f.oid, 'EXECUTE'))
               FROM pg_catalog.pg_proc f WHERE f.pronamespace = s.oid), true),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       (SELECT string_agg(quote_ident(pubname), ', ') FROM pg_catalog.pg_publication WHERE puballtables)
FROM (SELECT) AS one LEFT JOIN pg_catalog.pg_namespace s ON s.nspname = 'cairn')sql";

}  // namespace

Diagnostic journal_error(const Answer& answer, const std::string& doing) {
    if (answer.fate == postgres::Fate::lost)
        return problem(709, fmt::format("the connection was lost while {}: {}", doing, answer.error.message));
    if (answer.error.sqlstate == "CA001") return problem(714, "another runner has taken over this run");
    if (answer.error.sqlstate == "42501") {
        return problem(702, fmt::format("no permission while {}: {}", doing, answer.error.message),
                       "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cairn TO the role that runs cairn");
    }
    return problem(702, fmt::format("the journal failed while {}: {} ({})", doing, answer.error.message,
                                    answer.error.sqlstate));
}

Diagnostic read_only(Session& session) {
    const Answer a = session.query(why_read_only);
    if (!a.ok()) return journal_error(a, "asking why the database is read only");
    const auto& row = a.rows[0];
    if (row[0] == "t")
        return problem(702, fmt::format("database `{}` is a standby's, where nothing can be written", *row[1]),
                       "give the address of its primary, or those of both and target_session_attrs=read-write");
    return problem(702, fmt::format("database `{}` is read only: default_transaction_read_only is on, {}", *row[1], *row[2]),
                   "if cairn is to write all the same, in the shell: export PGOPTIONS='-c default_transaction_read_only=off'");
}

std::variant<Presence, Diagnostic> look_for_schema(Session& session) {
    if (auto found = hidden(session)) return std::move(*found);
    const Answer a = session.query(presence_query);
    if (!a.ok()) return journal_error(a, "looking for the journal");
    const auto& row = a.rows[0];
    if (row[0] != "t") return Presence::absent;
    if (row[1] != "t") return missing_rights(session, true);
    const Answer v = session.query("SELECT value::int FROM cairn.meta WHERE key = 'version'");
    if (!v.ok() || v.rows.empty())
        return problem(702, "the schema `cairn` in this database is not a journal of cairn",
                       "DROP SCHEMA cairn; or use another database");
    const int version = std::stoi(*v.rows[0][0]);
    if (version > schema_version)
        return problem(703, fmt::format("the journal in this database has version {}, written by a newer cairn; this one knows {}",
                                        version, schema_version),
                       "use the newer cairn");
    return Presence::ready;
}

std::optional<Diagnostic> ensure_schema(Session& session, bool despite_publications) {
    auto seen = look_for_schema(session);
    if (auto* d = std::get_if<Diagnostic>(&seen)) return *d;
    if (std::get<Presence>(seen) == Presence::ready) return std::nullopt;
    const Answer facts = session.query(presence_query);
    if (!facts.ok()) return journal_error(facts, "looking for the journal");
    if (facts.rows[0][2] != "t") return missing_rights(session, false);
    if (const auto& publications = facts.rows[0][3]; publications && !despite_publications) {
        return problem(718,
                       fmt::format("publication {} is FOR ALL TABLES: the journal's tables would be published, and a "
                                   "subscriber without them stops at the first row", *publications),
                       "cairn apply … --yes");
    }
    // Two runners may come first at the same time: the second waits here and then finds the schema.
    const Answer made = session.script(fmt::format(
        "BEGIN; SET LOCAL client_min_messages = warning; SELECT pg_advisory_xact_lock(hashtextextended('cairn journal', 0)); {}; COMMIT",
        in_silence(fmt::format("DO $do$ BEGIN IF to_regnamespace('cairn') IS NULL THEN EXECUTE $ddl$ {} $ddl$; END IF; END $do$", version_1))));
    if (!made.ok()) {
        (void)session.script("ROLLBACK");
        if (made.error.sqlstate == "25006") return read_only(session);
        return journal_error(made, "creating the journal's schema");
    }
    return std::nullopt;
}

}  // namespace cairn::journal
