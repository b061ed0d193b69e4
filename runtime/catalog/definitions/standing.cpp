#include <map>
#include <utility>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/reading.hpp"

namespace cairn::catalog {
namespace {

// What everybody may read of catalogs that not everybody may.
std::string asking(const std::string& catalog) {
    const bool hidden = catalog == "pg_user_mapping";
    const std::string from = catalog == "pg_authid"        ? "pg_roles"
                             : catalog == "pg_largeobject" ? "pg_largeobject_metadata"
                             : hidden                      ? "pg_user_mappings"
                                                           : catalog;
    const std::string oid = hidden ? "umid" : "oid";
    return "SELECT " + oid + " FROM pg_catalog." + from + " WHERE " + oid + " = ANY ($1::oid[])";
}

}  // namespace

std::variant<std::set<ObjectId>, compiler::Diagnostic> standing(postgres::Session& session,
                                                                const std::set<ObjectId>& objects) {
    std::map<std::string, std::string> oids;
    for (const auto& id : objects) {
        auto& list = oids[id.catalog];
        list += (list.empty() ? "{" : ",") + std::to_string(id.oid);
    }
    std::set<ObjectId> there;
    if (oids.empty()) return there;
    std::vector<postgres::Command> commands;
    for (const auto& [catalog, list] : oids)
        commands.push_back({asking(catalog), {list + "}"}, true});
    const auto answers = session.pipeline(commands);
    auto catalog = oids.begin();
    for (const auto& answer : answers) {
        if (!answer.ok()) return unreadable(answer);
        for (const auto& row : answer.rows) there.insert({catalog->first, number(row[0])});
        ++catalog;
    }
    return there;
}

}  // namespace cairn::catalog
