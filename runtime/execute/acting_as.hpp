// The role that a step's SET ROLE and SET SESSION AUTHORIZATION have put in force: cairn's own statements need the runner's.
#pragma once

#include <vector>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

class ActingAs {
public:
    void note(const compiler::Statement& statement) {
        using Acts = sql::Acts;
        switch (statement.facts.acts) {
            case Acts::as_before: return;
            case Acts::as_session: session_ = &statement; break;
            case Acts::as_session_again: session_ = nullptr; break;
            case Acts::as_role: role_ = &statement; return;
            case Acts::as_role_again: break;
        }
        role_ = nullptr;  // a session's authorization ends the role too
    }
    // From the runner's own role into it, and back; nothing where they are the same.
    [[nodiscard]] std::vector<postgres::Command> enter() const {
        std::vector<postgres::Command> commands;
        for (const auto* statement : {session_, role_}) {
            if (statement != nullptr) commands.push_back({statement->sql.text, {}, false});
        }
        return commands;
    }
    [[nodiscard]] std::vector<postgres::Command> leave() const {
        if (session_ == nullptr && role_ == nullptr) return {};
        return {{"RESET SESSION AUTHORIZATION", {}, false}};
    }

private:
    const compiler::Statement *session_ = nullptr, *role_ = nullptr;
};

}  // namespace cairn::execute
