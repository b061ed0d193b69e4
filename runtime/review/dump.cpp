#include "runtime/review/dump.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/postgres/connect.hpp"
#include "runtime/process/command.hpp"
#include "runtime/rehearse/client_program.hpp"

namespace cairn::review {

using compiler::Diagnostic;

namespace {

constexpr const char* heading = "\n--\n-- Name: ";

std::string between(const std::string& text, const char* from, const char* to) {
    const auto begin = text.find(from);
    if (begin == std::string::npos) return {};
    const auto start = begin + std::string_view(from).size();
    return text.substr(start, text.find(to, start) - start);
}

// Lines for psql alone: newer clients fence their scripts with \restrict.
std::string without_commands(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const std::string_view line(text.data() + at, end - at);
        if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) out += line;
        at = end;
    }
    return out;
}

std::vector<Entry> cut(const std::string& text) {
    std::vector<Entry> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(heading, at + 1), text.size());
        Entry entry{.name = {}, .type = {}, .sql = text.substr(at, end - at)};
        if (entry.sql.starts_with(heading)) {
            const auto head = entry.sql.substr(4, entry.sql.find('\n', 5) - 4);
            entry.name = between(head, "Name: ", "; Type: ");
            entry.type = between(head, "; Type: ", "; Schema: ");
        }
        out.push_back(std::move(entry));
        at = end;
    }
    return out;
}

std::optional<Diagnostic> trouble(const process::CommandOutcome& outcome, const std::string& said,
                                  const std::string& program, const std::string& role) {
    using How = process::CommandOutcome::How;
    if (outcome.ok()) return std::nullopt;
    Diagnostic d;
    d.code = outcome.how == How::interrupted ? 713 : outcome.how == How::not_started ? 782 : 762;
    std::string words;
    for (const char c : said.substr(0, 600))
        words += c == '\n' ? std::string("; ") : std::string(1, c);
    while (words.ends_with("; ")) words.resize(words.size() - 2);
    d.message = outcome.how == How::interrupted ? "interrupted"
                : outcome.how == How::not_started
                    ? fmt::format("`{}` could not be started: {}", program, outcome.message)
                    : fmt::format("the schema of database `{}` can't be read: {}", role, words);
    if (outcome.how == How::not_started) d.help = "apt install postgresql-client";
    if (words.find("server version mismatch") != std::string::npos)
        d.help = "install PostgreSQL's programs of the server's own version";
    return d;
}

}  // namespace

std::variant<std::vector<Entry>, Diagnostic> dump_schema(const Database& database,
                                                         const std::string& bin,
                                                         const std::string& folder,
                                                         const std::vector<std::string>& without) {
    const auto [address, password] = postgres::apart_from_password(database.conninfo());
    const auto pg_dump = rehearse::program(bin, "pg_dump");
    const auto file = folder + "/" + database.role() + ".schema.sql";
    std::vector<std::string> argv{pg_dump,
                                  "--schema-only",
                                  "--exclude-schema=cairn",
                                  "--no-subscriptions",
                                  "--no-tablespaces",
                                  "--lock-wait-timeout=10s",
                                  "--snapshot=" + database.snapshot(),
                                  "--file=" + file,
                                  "--dbname=" + address};
    for (const auto& table : without) argv.push_back("--exclude-table=" + table);
    std::string said;
    process::CommandOptions options{
        .environment = {{"PGOPTIONS",
                         "-c client_min_messages=warning -c default_transaction_read_only=on"},
                        {"LC_ALL", "C.UTF-8"}},
        .timeout = std::nullopt,
        .folder = {},
        .output = [&](std::string_view text) { said += text; }};
    if (!password.empty()) options.environment.emplace_back("PGPASSWORD", password);
    if (auto error = trouble(process::run_command(argv, options), said, pg_dump, database.role()))
        return std::move(*error);
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return cut(without_commands(text));
}

}  // namespace cairn::review
