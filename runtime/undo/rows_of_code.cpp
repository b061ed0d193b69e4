#include "runtime/undo/rows_of_code.hpp"

#include <fmt/format.h>

#include <atomic>

#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

std::optional<Diagnostic> RowsOfCode::begin(Session& session, journal::DatabaseJournal& journal, const std::set<std::uint32_t>& tables) {
    if (tables.empty()) return std::nullopt;
    static std::atomic<unsigned> number{0};  // the kept tables go before the transaction ends
    CaptureRequest request{.prefix = fmt::format("{}_back_{}", journal.token().value, number++)};
    for (const auto oid : tables) request.tables.push_back({.oid = oid});
    request.within_definitions = request.nothing_else = true;
    capture_.emplace();
    auto error = capture_->begin(session, request);
    if (error) capture_.reset();
    return error;
}

std::variant<std::vector<std::string>, Diagnostic> RowsOfCode::end(Session& session, journal::DatabaseJournal& journal) {
    if (!capture_) return std::vector<std::string>{};
    if (const auto a = session.query("SET CONSTRAINTS ALL IMMEDIATE"); !a.ok()) return server_refused(a, 865, "checking constraints");
    auto ended = capture_->end(session);
    if (auto* d = std::get_if<Diagnostic>(&ended)) return *d;
    auto& captured = std::get<Captured>(ended);
    if (!captured.alarm.quiet()) return rows_problem(865, "what functions change while rows are given back can't be taken back");
    if (auto d = capture_->close(session)) return *d;
    capture_.reset();
    auto restored = restore(session, captured.kept, OnConflict::force, journal.own_xids_query());
    if (auto* d = std::get_if<Diagnostic>(&restored)) return *d;
    if (auto d = forget(session, captured.kept)) return *d;
    return std::get<RestoreResult>(restored).xids;
}

bool may_not_watch(const Diagnostic& error) { return error.code == 860 || error.code == 861; }

std::string left_there(const Diagnostic& error) { return "what functions write while rows are given back stays: " + error.message; }

std::variant<std::set<std::uint32_t>, Diagnostic> written_besides(Session& session, const std::set<std::uint32_t>& expected) {
    auto seen = look(session);
    if (auto* d = std::get_if<Diagnostic>(&seen)) return *d;
    std::set<std::uint32_t> written;
    for (const auto& [oid, relation] : std::get<View>(seen).relations) {
        const bool changed = relation.inserted > 0 || relation.updated > 0 || relation.deleted > 0;
        if (relation.kind == 'r' && !relation.is_new && changed && !expected.contains(oid)) written.insert(oid);
    }
    if (written.empty() || expected.empty()) return written;
    std::vector<CaptureTable> tables;
    for (const auto oid : expected) tables.push_back({.oid = oid});
    auto wide = widen(session, tables);
    if (auto* d = std::get_if<Diagnostic>(&wide)) return *d;
    for (const auto& table : std::get<0>(wide)) written.erase(table.oid);
    return written;
}

}  // namespace cairn::undo
