// What a review does with a statement on the scratch server.
#pragma once

#include <string>

#include "compiler/graph/step_graph.hpp"

namespace cairn::review {

struct Treatment {
    enum class How { analyse, execute, leave } how = How::analyse;
    std::string why{};  // with leave: "DO is code that only a run can check"
    std::string sql{};  // with execute: what is sent, its beginning as written
};

[[nodiscard]] Treatment treatment_of(const compiler::Statement&);

}  // namespace cairn::review
