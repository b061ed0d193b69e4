#include "runtime/review/preparation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/batch.hpp"
#include "runtime/review/names.hpp"
#include "runtime/review/treatment.hpp"
#include "runtime/undo/out_of_sight.hpp"

namespace cairn::review {

using compiler::Check;
using compiler::Item;
using compiler::PreparedItem;
using compiler::Statement;
using compiler::StepItem;
using How = Treatment::How;

void Preparation::item(const Item& item) {
    if (item.transaction != group_) end();
    if (item.transaction && !group_) {
        (void)send("RESET SESSION AUTHORIZATION");
        (void)send("RESET ALL");
        (void)send("BEGIN");
        deferred_.begin_transaction();
        group_ = item.transaction;
    }
    items_.try_emplace(item.name);
    if (ask_when(item) == Said::skips) {
        items_[item.name].state = PreparedItem::State::skipped;
        return;
    }
    if (const auto* step = std::get_if<StepItem>(&item.body)) this->step(item, *step);
    if (const auto* validate = std::get_if<compiler::ValidateItem>(&item.body))
        checks(item, validate->checks);
    if (const auto* gate = std::get_if<compiler::GateItem>(&item.body)) checks(item, gate->checks);
}

bool Preparation::skips(const Item& item) const {
    const auto prepared = items_.find(item.name);
    return prepared != items_.end() && prepared->second.state == PreparedItem::State::skipped;
}

std::optional<std::size_t> Preparation::columns_of(const Statement& statement) const {
    const auto known = columns_.find(&statement);
    return known == columns_.end() ? std::nullopt : std::optional(known->second);
}

void Preparation::add(const Item& item, compiler::Diagnostic diagnostic) {
    items_[item.name].state = PreparedItem::State::failed;
    diagnostics_.push_back(std::move(diagnostic));
}

void Preparation::asked_from_elsewhere(const Item& item, const std::vector<const Check*>& list) {
    end();
    items_.try_emplace(item.name);
    (void)send("BEGIN");
    for (const Check* check : list)
        if (!lacks_parameter(item, check->elsewhere->query)) analyse(item, check->elsewhere->query);
    (void)send("ROLLBACK");
}

void Preparation::end() {
    if (group_) (void)send("COMMIT");
    group_.reset();
}

void Preparation::program(const Item& item) {
    missed_.push_back({.item = item.name, .names = {}, .anything = true});
}

// Asked of the real database as long as no item before has changed what it asks about; of the copy
// where it asks for definitions alone.
Preparation::Said Preparation::ask_when(const Item& item) {
    if (!item.when) return Said::runs;
    const Statement& when = *item.when;
    if (!group_) (void)send("BEGIN");
    const auto errors = diagnostics_.size();
    if (!lacks_parameter(item, when)) analyse(item, when);
    std::optional<bool> answer;
    const auto& reads = when.facts.reads;
    const bool definitions =
        std::all_of(reads.begin(), reads.end(), [](const std::string& relation) {
            return relation.starts_with("pg_") || relation.starts_with("information_schema.");
        });
    const bool stale = std::any_of(reads.begin(), reads.end(), [&](const std::string& relation) {
        return written_.contains(relation);
    });
    if (diagnostics_.size() == errors && !when.facts.opaque && !stale) {
        if (changed_ && definitions) {
            const auto here = copy_.session.query(when.sql.text);
            if (here.ok() && here.rows.size() == 1 && here.rows[0].size() == 1 && here.rows[0][0])
                answer = *here.rows[0][0] == "t";
        } else {
            answer = database_.ask(when);
        }
    }
    if (!group_) (void)send("ROLLBACK");
    return !answer ? Said::unknown : *answer ? Said::runs : Said::skips;
}

void Preparation::step(const Item& item, const StepItem& step) {
    const bool inside = step.transactional;
    if (group_) {
        (void)send("SAVEPOINT cairn_item");
    } else {
        (void)send("RESET SESSION AUTHORIZATION");
        (void)send("RESET ALL");
        if (inside) (void)send("BEGIN");
        deferred_.begin_transaction();
    }
    deferred_.begin_step(item, step);
    bool stands = true;
    for (std::size_t i = 0; stands && i < step.statements.size(); ++i) {
        const Statement& each = step.statements[i];
        look_for_pending(each, inside);
        const bool holes =
            step.batch && i < step.batch->holes.size() && !step.batch->holes[i].empty();
        stands = holes ? statement(item,
                                   fill(each, step.batch->holes[i], step.batch->column,
                                        {.after = {}, .last = "NULL"}),
                                   inside)
                       : statement(item, each, inside);
    }
    if (stands) written_way_back(item);
    if (!stands)
        for (const auto& each : step.statements) miss(item, each, true);
    if (group_)
        (void)send(stands ? "RELEASE SAVEPOINT cairn_item" : "ROLLBACK TO SAVEPOINT cairn_item");
    else if (inside)
        (void)send(stands ? "COMMIT" : "ROLLBACK");
}

// Tried where the step has left the schema, and taken back.
void Preparation::written_way_back(const Item& item) {
    if (item.undo.written.empty()) return;
    const bool step_outside = !std::get<StepItem>(item.body).transactional;
    if (step_outside) (void)send("BEGIN");
    (void)send("SAVEPOINT cairn_back");
    const bool changed = changed_;
    const auto written = written_;
    const auto missed = missed_.size();
    for (const auto& each : item.undo.written) {
        if (each.facts.non_transactional != sql::NonTransactional::no) break;
        if (!statement(item, each, true)) break;
    }
    (void)send(step_outside ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT cairn_back");
    changed_ = changed;
    written_ = written;
    missed_.resize(missed);
}

void Preparation::checks(const Item& item, const std::vector<Check>& list) {
    if (!group_) (void)send("BEGIN");
    for (const Check& check : list)
        if (check.query && !lacks_parameter(item, *check.query)) analyse(item, *check.query);
    if (!group_) (void)send("ROLLBACK");
}

bool Preparation::statement(const Item& item, const Statement& statement, bool inside) {
    const Treatment treatment = treatment_of(statement);
    if (lacks_parameter(item, statement)) {
        miss(item, statement, false);
        return true;
    }
    if (treatment.how == How::leave) {
        reliances_.add_named(copy_.session, item.name, statement);
        not_checked(item, statement, treatment.why);
        miss(item, statement, false);
        return true;
    }
    if (!inside) look_out_of_sight(item, statement);
    if (treatment.how == How::execute) return execute(item, statement, treatment.sql, inside);
    if (!inside && !group_) (void)send("BEGIN");
    analyse(item, statement);
    if (!inside && !group_) (void)send("ROLLBACK");
    written_.insert(statement.facts.writes.begin(), statement.facts.writes.end());
    return true;
}

void Preparation::look_for_pending(const Statement& statement, bool inside) {
    if (inside) (void)send("SAVEPOINT cairn_statement");
    if (auto warning = deferred_.look(copy_.session, statement)) diagnostics_.push_back(std::move(*warning));
    if (inside) (void)send("ROLLBACK TO SAVEPOINT cairn_statement");
}

void Preparation::look_out_of_sight(const Item& item, const Statement& statement) {
    auto error = undo::writes_out_of_sight(copy_.session, item, statement);
    if (!error || error->code != 861) return;
    items_[item.name].state = PreparedItem::State::failed;
    diagnostics_.push_back(std::move(*error));
}

void Preparation::analyse(const Item& item, const Statement& statement) {
    (void)send("SAVEPOINT cairn_statement");
    const auto answer = copy_.session.describe(statement.sql.text);
    (void)send("ROLLBACK TO SAVEPOINT cairn_statement");
    if (!answer.ok()) return refused(item, statement, answer.error);
    columns_[&statement] = answer.rows.size();
    reliances_.add_analysed(copy_.session, item.name, statement);
    if (const auto lacking = copy_.lacking.in(statement.sql.text))
        not_checked(item, statement, "uses " + *lacking);
}

bool Preparation::execute(const Item& item, const Statement& statement, const std::string& sql,
                          bool inside) {
    reliances_.add_named(copy_.session, item.name, statement);
    if (inside) (void)send("SAVEPOINT cairn_statement");
    const auto answer = copy_.session.query(sql);
    if (!answer.ok()) {
        if (inside) (void)send("ROLLBACK TO SAVEPOINT cairn_statement");
        const auto before = diagnostics_.size();
        refused(item, statement, answer.error);
        const bool error = diagnostics_.size() > before && diagnostics_.back().code == 760;
        if (!error) miss(item, statement, false);
        return !error;
    }
    if (inside) (void)send("RELEASE SAVEPOINT cairn_statement");
    reliances_.add_named(copy_.session, item.name, statement);
    changed_ = changed_ || statement.facts.effect != sql::Effect::none;
    if (const auto lacking = copy_.lacking.in(statement.sql.text))
        not_checked(item, statement, "uses " + *lacking);
    return true;
}

void Preparation::miss(const Item& item, const Statement& statement, bool refused) {
    // A block that puts its statements together says nowhere what they are of.
    const auto words = names_in(statement.sql.text);
    const bool anything = statement.facts.kind == "CALL" ||
                          statement.facts.kind == "CREATE EXTENSION" ||
                          (statement.facts.kind == "DO" && words.contains("execute"));
    missed_.push_back(
        {.item = item.name, .names = words, .anything = anything && !refused, .refused = refused});
}

}  // namespace cairn::review
