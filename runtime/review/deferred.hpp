// Finds rows that would be kept a second time of a table whose deferred checks may be pending: PostgreSQL refuses the triggers then.
// Within a step it makes no difference: its statements are watched together where they have to be.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::review {

class DeferredChecks {
public:
    void begin_transaction();
    void begin_step(const compiler::Item&, const compiler::StepItem&);
    // The step's next statement, before it is prepared; `scratch` has the definitions as they are then. A warning, C0862: which rows the
    // statement finds decides whether anything is pending.
    [[nodiscard]] std::optional<compiler::Diagnostic> look(postgres::Session& scratch, const compiler::Statement&);

private:
    std::map<std::string, std::size_t> pending_;  // tables by OID, and in which step their checks were left for later
    std::size_t step_ = 0;
    bool keeps_ = false, all_deferred_ = false;
};

}  // namespace cairn::review
