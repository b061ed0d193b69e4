#include "runtime/rehearse/relay.hpp"

namespace cairn::rehearse {

void Relay::run_started(const journal::RunRecord& record, bool resumed) {
    record_ = record;
    if (to_ && !resumed) to_->run_started(record, resumed);
}
void Relay::item_started(ItemId id) {
    if (to_) to_->item_started(id);
}
void Relay::item_ended(ItemId id, const run::ItemOutcome& outcome) {
    if (to_) to_->item_ended(id, outcome);
}
void Relay::retrying(ItemId id, int attempt, std::chrono::milliseconds after,
                     const compiler::Diagnostic& why) {
    if (to_) to_->retrying(id, attempt, after, why);
}
void Relay::headway(ItemId id, const run::Headway& headway) {
    if (to_ != nullptr) to_->headway(id, headway);
}

void Relay::blocked(ItemId id, const std::vector<run::Blocker>& blockers) {
    if (to_) to_->blocked(id, blockers);
}
void Relay::undo_started(ItemId id) {
    if (to_) to_->undo_started(id);
}
void Relay::undo_ended(ItemId id, const run::ItemOutcome& outcome) {
    if (to_) to_->undo_ended(id, outcome);
}
void Relay::message(const std::string& text) {
    if (to_) to_->message(text);
}
void Relay::run_ended(journal::RunState state, const std::string&) {
    if (record_) record_->state = state;
}

}  // namespace cairn::rehearse
