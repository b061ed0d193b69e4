#include "runtime/execute/batch/before_start.hpp"

#include <algorithm>

#include "runtime/execute/batch/key.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::execute {

namespace {

using compiler::Diagnostic;
using compiler::Item;
using compiler::StepItem;

// The table's own name, without its schema.
std::string_view bare(std::string_view relation) {
    const auto dot = relation.rfind(".\"") != std::string_view::npos ? relation.rfind(".\"") : relation.rfind('.');
    return dot == std::string_view::npos ? relation : relation.substr(dot + 1);
}

// Whether the statement may give the table another key: it makes or alters it, or can't be seen into.
bool may_change(const compiler::Statement& statement, std::string_view table) {
    const auto& facts = statement.facts;
    if (facts.opaque) return true;
    const bool is_schema = facts.kind.starts_with("CREATE") || facts.kind.starts_with("ALTER") || facts.kind.starts_with("DROP");
    if (!is_schema) return false;
    return std::any_of(facts.locks.begin(), facts.locks.end(), [&](const sql::Lock& lock) { return bare(lock.relation) == bare(table); }) ||
           std::any_of(facts.writes.begin(), facts.writes.end(), [&](const std::string& relation) { return bare(relation) == bare(table); });
}

bool made_before(const std::vector<Item>& items, std::size_t before, std::string_view table) {
    for (std::size_t i = 0; i < before; ++i) {
        const auto* step = std::get_if<StepItem>(&items[i].body);
        if (step == nullptr) continue;
        for (const auto& statement : step->statements) {
            if (may_change(statement, table)) return true;
        }
    }
    return false;
}

}  // namespace

std::optional<Diagnostic> check_batch_keys(run::Context& context) {
    const auto& items = context.graph().items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto* step = std::get_if<StepItem>(&items[i].body);
        if (step == nullptr || !step->batch || items[i].database != context.home() || items[i].when || made_before(items, i, step->batch->table)) continue;
        auto opened = context.session(context.home());
        if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
        auto key = look_at_key(*std::get<postgres::Session*>(opened), *step->batch, items[i].where);
        if (auto* unfit = std::get_if<UnfitKey>(&key)) return unfit->error;
        if (auto* failed = std::get_if<postgres::Answer>(&key)) return journal::journal_error(*failed, "looking at a batch's key");
    }
    return std::nullopt;
}

}  // namespace cairn::execute
