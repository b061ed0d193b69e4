#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

const std::vector<grammar::Check>& checks_of(const grammar::Item& item) {
    static const std::vector<grammar::Check> none;
    if (const auto* validate = std::get_if<grammar::Validate>(&item.body)) return validate->checks;
    if (const auto* gate = std::get_if<grammar::Gate>(&item.body)) return gate->checks;
    if (const auto* watch = std::get_if<grammar::Watch>(&item.body)) return watch->checks;
    if (const auto* backup = std::get_if<grammar::Backup>(&item.body)) return backup->verify_checks;
    return none;
}

const grammar::Rollback* rollback_of(const grammar::Item& item) {
    if (const auto* step = std::get_if<grammar::Step>(&item.body)) return &step->rollback;
    if (const auto* run = std::get_if<grammar::Run>(&item.body)) return &run->rollback;
    if (const auto* restore = std::get_if<grammar::Restore>(&item.body)) return &restore->rollback;
    if (const auto* copy = std::get_if<grammar::Copy>(&item.body)) return &copy->rollback;
    if (const auto* clone = std::get_if<grammar::Clone>(&item.body)) return &clone->rollback;
    return nullptr;
}

grammar::Span span_of(const grammar::Rollback& rollback) {
    return std::visit(Overloaded{[](std::monostate) { return grammar::Span{}; },
                                 [](const auto& clause) { return clause.span; }},
                      rollback);
}

}  // namespace cairn::compiler
