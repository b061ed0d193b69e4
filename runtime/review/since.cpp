// An approved preview against its databases as they are now.
#include "runtime/review/database.hpp"
#include "runtime/review/facts.hpp"
#include "runtime/review/saved.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using compiler::FoundRelation;

std::vector<Diagnostic> changes_since(const Saved& saved,
                                      const std::map<std::string, std::string>& conninfo) {
    std::vector<Diagnostic> out;
    for (const auto& [role, address] : conninfo) {
        auto opened = Database::open(role, address);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return {*error};
        std::vector<FoundRelation> before;
        for (const auto& relation : saved.relations)
            if (relation.database == role) before.push_back(relation);
        auto now = read_again(std::get<Database>(opened), before);
        if (auto* error = std::get_if<Diagnostic>(&now)) return {*error};
        auto changed = changed_facts(before, std::get<std::vector<FoundRelation>>(now));
        std::move(changed.begin(), changed.end(), std::back_inserter(out));
    }
    return out;
}

}  // namespace cairn::review
