#include <utility>

#include "runtime/catalog/definitions/reading.hpp"

namespace cairn::catalog {
namespace {

using postgres::Command;
using postgres::Value;

// Everything that shapes the text of a definition; and plans that don't depend on the parameters,
// so that each query is planned once a session.
constexpr std::pair<const char*, const char*> pinned[] = {
    {"search_path", "pg_catalog"},
    {"quote_all_identifiers", "off"},
    {"datestyle", "ISO, YMD"},
    {"intervalstyle", "postgres"},
    {"timezone", "UTC"},
    {"extra_float_digits", "1"},
    {"bytea_output", "hex"},
    {"xmloption", "content"},
    {"standard_conforming_strings", "on"},
    {"plan_cache_mode", "force_generic_plan"},
    {"jit", "off"},
    // What is asked for is a handful of objects, by their keys: without statistics (a new database) the planner would
    // rather look through the whole of pg_class.
    {"random_page_cost", "0.1"},
    {"enable_seqscan", "off"},
};

std::string setting() {
    static const std::string sql = [] {
        std::string text = "SELECT ";
        int at = 0;
        for (const auto& [name, value] : pinned) {
            ++at;
            text += std::string(at == 1 ? "" : ", ") + "pg_catalog.set_config('" + name + "', $" +
                    std::to_string(at) + ", true)";
        }
        return text;
    }();
    return sql;
}

}  // namespace

Command settings_now() {
    static const std::string sql = [] {
        std::string text;
        for (const auto& [name, value] : pinned)
            text += std::string(text.empty() ? "SELECT " : ", ") + "pg_catalog.current_setting('" +
                    name + "')";
        return text;
    }();
    return {sql, {}, true};
}

Command pin_settings() {
    std::vector<Value> values;
    for (const auto& [name, value] : pinned) values.emplace_back(value);
    return {setting(), values, true};
}

Command put_back_settings(const std::vector<Value>& now) {
    // A text of its own: a prepared statement is planned again when it comes under another search_path.
    return {setting() + " /* as before */", now, true};
}

}  // namespace cairn::catalog
