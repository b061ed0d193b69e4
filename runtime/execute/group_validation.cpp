// Validations inside a `transaction` group.
#include "runtime/execute/attempt.hpp"
#include "runtime/execute/checks.hpp"
#include "runtime/execute/undo_rows.hpp"

namespace cairn::execute {

std::optional<Trouble> Attempt::add_validation() {
    own({"SAVEPOINT cairn_validate", {}, false});
    own({"SET TRANSACTION READ ONLY", {}, false});
    own({"SET LOCAL row_security = off", {}, false});
    if (auto trouble = flush()) return trouble;
    const auto& checks = std::get<compiler::ValidateItem>(item().body).checks;
    auto& outcome = outcomes_[at_];
    outcome.checks = run_checks(session_, *others_, checks, context_.settings().rehearsal, context_.settings().root);
    others_->end();
    own({"ROLLBACK TO SAVEPOINT cairn_validate", {}, false});
    own({"RELEASE SAVEPOINT cairn_validate", {}, false});
    if (auto error = failed_checks(outcome.checks, item())) {
        Trouble trouble{.kind = Trouble::Kind::check_failed, .item = at_, .error = *error};
        const auto& last = outcome.checks.back().error;
        if (!session_.alive()) {
            trouble.kind = Trouble::Kind::lost;
        } else if (last && last->code == 754) {  // another database's connection: it may come back
            trouble.kind = Trouble::Kind::refused;
            trouble.may_pass = true;
        }
        return trouble;
    }
    own(context_.database_journal().finish_item(unit_.items[at_], item().name, {}));
    return std::nullopt;
}

}  // namespace cairn::execute
