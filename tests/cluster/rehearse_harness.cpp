#include "tests/cluster/rehearse_harness.hpp"

#include "tests/cluster/report.hpp"

namespace cairn::cluster {

using Json = nlohmann::json;

Json Rehearsed::item(const std::string& name) const {
    return entry(report.at("items"), "name", name);
}

Json Rehearsed::statements(std::size_t item) const {
    return report.at("items").at(item).at("statements");
}

Rehearsed rehearsed_in(const Folder& folder, const std::vector<std::string>& flags) {
    std::vector<std::string> arguments{"rehearse", "p.cairn", "--format", "json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Rehearsed result{run_cairn(folder, arguments), {}};
    result.report = Json::parse(result.ran.out, nullptr, false);
    return result;
}

Rehearsed rehearsed(const std::string& plan, const std::string& fixture, const std::string& toml,
                    const std::vector<std::string>& flags) {
    const Folder folder;
    folder.write("p.cairn", plan);
    if (!fixture.empty()) folder.write("p.cairn.sql", fixture);
    if (!toml.empty()) folder.write("cairn.toml", toml);
    return rehearsed_in(folder, flags);
}

}  // namespace cairn::cluster
