#include "runtime/rehearse/profile.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "runtime/postgres/connect.hpp"
#include "runtime/postgres/session.hpp"
#include "runtime/rehearse/chosen_rows.hpp"
#include "runtime/rehearse/client_program.hpp"

namespace cairn::rehearse {
namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;
using sql::quote_literal;

constexpr const char* of_users =
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT IN "
    "('pg_catalog', 'information_schema', 'pg_toast', 'cairn') AND n.nspname !~ "
    "'^pg_(temp|toast_temp)_' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "
    "'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AND ";

class Filling {
public:
    Filling(const Source& source, const std::string& conninfo, const std::string& bin,
            const std::string& folder)
        : source_(source), conninfo_(conninfo), bin_(bin), folder_(folder + "/from-profile") {
        std::tie(address_, password_) = postgres::apart_from_password(source.conninfo);
    }

    std::optional<Diagnostic> run() {
        auto from = postgres::connect(source_.role, source_.conninfo, "cairn rehearse");
        if (auto* error = std::get_if<Diagnostic>(&from)) return std::move(*error);
        auto to = postgres::connect(source_.role, conninfo_, "cairn rehearse");
        if (auto* error = std::get_if<Diagnostic>(&to)) return std::move(*error);
        auto& there = std::get<Session>(from);
        auto& here = std::get<Session>(to);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
        fs::create_directories(folder_, ignored);
        auto error = read(there);
        if (!error) error = schema(here);
        if (!error && source_.rows > 0) error = rows();
        if (!error) error = finish(here);
        fs::remove_all(folder_, ignored);
        return error;
    }

private:
    [[nodiscard]] Diagnostic refused(const std::string& doing, const Answer& answer) const {
        Diagnostic diagnostic;
        diagnostic.code = 780;
        diagnostic.message =
            fmt::format("{} of {}: {}", doing, source_.named, answer.error.message);
        return diagnostic;
    }

    // The transaction stays open as long as its snapshot is needed.
    std::optional<Diagnostic> read(Session& there) {
        for (const auto* sql :
             {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
              "SET LOCAL search_path = pg_catalog", "SET LOCAL row_security = off"})
            if (const auto answer = there.query(sql); !answer.ok())
                return refused("reading the database", answer);
        if (auto error = ask(there, "SELECT pg_export_snapshot()", snapshot_)) return error;
        return read_objects(there);
    }

    std::optional<Diagnostic> read_objects(Session& there) {
        const std::string users = of_users;
        std::optional<Diagnostic> error;
        const auto also = [&](const std::string& query,
                              std::vector<std::vector<postgres::Value>>& into) {
            if (!error) error = ask(there, query, into);
        };
        also("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname !~ '^pg_'", roles_);
        also(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), "
            "(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute "
            "a "
            "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = "
            "''), c.oid::text "
            "FROM pg_class c" +
                users + "c.relkind = 'r' ORDER BY c.oid",
            tables_);
        also(
            "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences "
            "WHERE schemaname <> 'cairn' AND last_value IS NOT NULL",
            sequences_);
        also("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c" +
                 users + "c.relkind = 'm' AND c.relispopulated ORDER BY c.oid",
             views_);
        if (!error) error = unreadable(there);
        if (error || source_.rows == 0) return error;
        auto chosen = choose_rows(there, source_.rows);
        if (const auto* refusal = std::get_if<postgres::ServerError>(&chosen)) {
            Answer answer;
            answer.error = *refusal;
            return refused("choosing rows", answer);
        }
        chosen_ = std::get<ChosenRows>(std::move(chosen));
        return std::nullopt;
    }

    // pg_dump locks each table, and takes the right to read it for that.
    [[nodiscard]] std::optional<Diagnostic> unreadable(Session& there) const {
        std::vector<std::vector<postgres::Value>> lacking;
        const std::string users = of_users;
        if (auto error = ask(there,
                             "SELECT count(*), string_agg(t, ', ') FILTER (WHERE nr <= 5), string_agg(DISTINCT s, ', '), "
                             "quote_ident(current_user) FROM (SELECT c.oid::regclass::text, quote_ident(n.nspname), row_number() OVER "
                             "(ORDER BY c.oid) FROM pg_class c" + users + "c.relkind IN ('r', 'p') AND NOT (has_table_privilege(c.oid, "
                             "'SELECT') AND has_schema_privilege(n.oid, 'USAGE'))) x(t, s, nr)",
                             lacking))
            return error;
        const auto count = std::stoll(lacking[0][0].value_or("0"));
        if (count == 0) return std::nullopt;
        const auto& role = lacking[0][3].value_or("");
        Diagnostic diagnostic;
        diagnostic.code = 780;
        diagnostic.message = fmt::format("role `{}` may not read {} of {}: {}{}", role, count == 1 ? "a table" : fmt::format("{} tables", count),
                                         source_.named, lacking[0][1].value_or(""), count > 5 ? ", …" : "");
        diagnostic.help = fmt::format("GRANT USAGE ON SCHEMA {0} TO {1}; GRANT SELECT ON ALL TABLES IN SCHEMA {0} TO {1};",
                                      lacking[0][2].value_or(""), role);
        return diagnostic;
    }

    std::optional<Diagnostic> ask(Session& there, const std::string& query,
                                  std::vector<std::vector<postgres::Value>>& into) const {
        auto answer = there.query(query);
        if (!answer.ok()) return refused("reading the database", answer);
        into = std::move(answer.rows);
        return std::nullopt;
    }

    std::optional<Diagnostic> schema(Session& here) const {
        for (const auto& role : roles_)  // those that are there already are refused
            (void)here.query("CREATE ROLE " + role[0].value_or(""));
        const auto pg_dump = program(bin_, "pg_dump");
        const auto file = folder_ + "/schema.sql";
        if (auto error =
                trouble(cairn::rehearse::run({pg_dump, "--schema-only", "--exclude-schema=cairn",
                                              "--no-publications", "--no-subscriptions",
                                              "--no-tablespaces", "--snapshot=" + *snapshot_[0][0],
                                              "--file=" + file, "--dbname=" + address_},
                                             {}, password_),
                        pg_dump, source_.named))
            return error;
        return script("schema.sql", conninfo_, {});
    }

    [[nodiscard]] std::optional<Diagnostic> script(const std::string& file,
                                                   const std::string& conninfo,
                                                   const std::string& password) const {
        const auto psql = program(bin_, "psql");
        return trouble(
            cairn::rehearse::run(
                {psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, "-d", conninfo}, folder_,
                password),
            psql, file);
    }

    // Through files rather than a pipe: what was cut off on one side can't look whole on the other. Not by \\copy, which ends with
    // its line, as a quoted name need not.
    std::optional<Diagnostic> rows() const {
        std::ofstream out(folder_ + "/out.sql");
        out << "SET client_encoding = 'UTF8';\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSET TRANSACTION SNAPSHOT "
            << quote_literal(*snapshot_[0][0]) << ";\nSET LOCAL row_security = off;\nSET LOCAL extra_float_digits = 3;\n";
        for (std::size_t at = 0; at < tables_.size(); ++at) {
            const auto table = tables_[at][0].value_or(""), columns = tables_[at][1].value_or("");
            if (columns.empty()) continue;
            const auto chosen = chosen_.find(tables_[at][2].value_or(""));
            const auto which = chosen == chosen_.end()
                                   ? fmt::format("LIMIT {}", source_.rows)
                                   : fmt::format("WHERE ctid = ANY ({}::tid[])", quote_literal(chosen->second));
            out << fmt::format("COPY (SELECT {} FROM ONLY {} {}) TO STDOUT \\g '{}.copy'\n", columns, table, which, at);
        }
        out.close();
        if (auto error = script("out.sql", address_, password_)) return error;
        std::ofstream in(folder_ + "/in.sql");
        in << "SET client_encoding = 'UTF8';\nSET session_replication_role = replica;\n";
        for (std::size_t at = 0; at < tables_.size(); ++at) {
            std::ifstream copied(fmt::format("{}/{}.copy", folder_, at), std::ios::binary);
            if (!copied || copied.peek() == EOF) continue;
            in << fmt::format("COPY {} ({}) FROM STDIN;\n", tables_[at][0].value_or(""), tables_[at][1].value_or("")) << copied.rdbuf() << "\\.\n";
        }
        in.close();
        return script("in.sql", conninfo_, {});
    }

    std::optional<Diagnostic> finish(Session& here) const {
        for (const auto& row : sequences_) {
            const auto answer = here.query("SELECT setval(" + quote_literal(row[0].value_or("")) +
                                           "::regclass, " + row[1].value_or("1") + ")");
            if (!answer.ok()) return refused("the sequences", answer);
        }
        // One may be made of another that comes later.
        for (std::size_t round = 0; round < 3; ++round)
            for (const auto& row : views_)
                (void)here.query("REFRESH MATERIALIZED VIEW " + row[0].value_or(""));
        return std::nullopt;
    }

    const Source& source_;
    const std::string &conninfo_, &bin_;
    std::string folder_, address_, password_;
    std::vector<std::vector<postgres::Value>> snapshot_, roles_, tables_, sequences_, views_;
    ChosenRows chosen_;
};

}  // namespace

std::optional<Diagnostic> fill_from(const Source& source, const std::string& conninfo,
                                    const std::string& bin, const std::string& folder) {
    return Filling(source, conninfo, bin, folder).run();
}

}  // namespace cairn::rehearse
