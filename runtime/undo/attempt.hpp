// One try at undoing one item that has changed a database.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/journal/database_journal.hpp"
#include "runtime/undo/rows/kept.hpp"
#include "runtime/undo/undo.hpp"

namespace cairn::undo {

class UndoAttempt {
public:
    // `patience`: how long it may wait for a lock, where that is shorter than the step's own lock timeout.
    UndoAttempt(run::Context& context, postgres::Session& session, compiler::ItemId id, std::optional<std::chrono::milliseconds> patience)
        : patience_(patience), context_(context), session_(session), journal_(context.database_journal()), id_(id), item_(context.item(id)),
          step_(std::get_if<compiler::StepItem>(&item_.body)) {}

    UndoResult run();
    [[nodiscard]] bool may_pass() const { return may_pass_; }
    [[nodiscard]] bool lost() const { return lost_; }
    [[nodiscard]] bool stepped_aside() const { return patience_ && lock_timeout_; }

private:
    UndoResult from_journal(compiler::Diagnostic error);
    UndoResult refused(const postgres::Answer& answer, const compiler::Statement* statement, const std::string& sql);
    UndoResult with_error(compiler::Diagnostic error);
    compiler::Diagnostic located(compiler::Diagnostic d);
    UndoResult after_rollback(UndoResult result);
    std::optional<UndoResult> open();
    UndoResult commit();
    std::optional<UndoResult> say(const std::string& what);
    std::optional<UndoResult> same_settings(bool lasting);
    UndoResult written_at_once();

    // at_once.cpp
    UndoResult generated_at_once(const std::vector<journal::UndoRow>& rows);
    std::optional<UndoResult> undo_each(const std::vector<journal::UndoRow>& rows, std::set<std::uint32_t>& tables);
    std::optional<UndoResult> take_back(const journal::UndoRow& row);
    std::optional<UndoResult> tell_of_event_triggers();
    std::optional<UndoResult> give_stretch_back(const std::string& detail, const std::vector<KeptRows>& elsewhere, std::set<std::uint32_t>& tables);

    // one_by_one.cpp
    UndoResult generated_one_by_one(const std::vector<journal::UndoRow>& rows);
    std::variant<bool, postgres::Answer> built_again(const journal::UndoRow& row);
    std::optional<UndoResult> clear_up_half_built();
    std::optional<UndoResult> rebuild(const std::string& sql, const compiler::Statement& statement, const journal::Intent& intent);
    UndoResult written_one_by_one();

    std::optional<std::chrono::milliseconds> patience_;
    run::Context& context_;
    postgres::Session& session_;
    journal::DatabaseJournal& journal_;
    compiler::ItemId id_;
    const compiler::Item& item_;
    const compiler::StepItem* step_;
    bool may_pass_ = false, lost_ = false, lock_timeout_ = false, in_part_ = false;
};

}  // namespace cairn::undo
