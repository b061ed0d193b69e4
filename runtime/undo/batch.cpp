#include "runtime/undo/batch.hpp"

#include "runtime/journal/cursor.hpp"

namespace cairn::undo {

std::variant<bool, compiler::Diagnostic> batch_has_begun(run::Context& context, compiler::ItemId id) {
    auto opened = context.session(context.home());
    if (auto* error = std::get_if<compiler::Diagnostic>(&opened)) return *error;
    auto read = journal::last_cursor(*std::get<postgres::Session*>(opened), context.run(), id);
    if (auto* error = std::get_if<compiler::Diagnostic>(&read)) return *error;
    return std::get<std::optional<journal::Cursor>>(read).has_value();
}

}  // namespace cairn::undo
