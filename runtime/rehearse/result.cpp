#include "runtime/rehearse/result.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <nlohmann/json.hpp>

namespace cairn::rehearse {
namespace {

using Json = nlohmann::json;
using compiler::Diagnostic;
using compiler::MeasuredItem;

Diagnostic unreadable(const std::string& path, const std::string& why) {
    Diagnostic diagnostic;
    diagnostic.code = 783;
    diagnostic.message = "`" + path + "` is not the result of a rehearsal: " + why;
    diagnostic.help = "cairn rehearse PLAN --format json > " + path;
    return diagnostic;
}

// get() would cast a fraction, or 1e300, to a number that nobody wrote.
std::int64_t whole(const Json& value) {
    return value.get_ref<const Json::number_integer_t&>();
}

std::optional<std::int64_t> number(const Json& item, const char* key) {
    const auto& value = item.at(key);
    if (value.is_null()) return std::nullopt;
    return whole(value);
}

std::vector<compiler::MeasuredLock> locks_of(const Json& json) {
    std::vector<compiler::MeasuredLock> locks;
    for (const auto& lock : json.at("locks"))
        locks.push_back({lock.at("relation").get<std::string>(), lock.at("mode").get<std::string>(),
                         std::chrono::milliseconds(whole(lock.at("ms")))});
    return locks;
}

compiler::MeasuredStatement read_statement(const Json& json) {
    return {.statement = json.at("statement").get<std::size_t>(),
            .sql = json.at("sql").get<std::string>(),
            .took = std::chrono::milliseconds(whole(json.at("ms"))),
            .rows = number(json, "rows"),
            .wal_bytes = number(json, "wal_bytes"),
            .locks = locks_of(json),
            .rewrites = json.at("rewrites").get<std::vector<std::string>>()};
}

MeasuredItem read_item(const Json& json) {
    MeasuredItem item;
    item.state = json.at("state").get<std::string>();
    if (const auto ms = number(json, "ms")) item.took = std::chrono::milliseconds(*ms);
    // A result of an earlier version has no such key.
    if (json.contains("undo_ms"))
        if (const auto ms = number(json, "undo_ms")) item.undo_took = std::chrono::milliseconds(*ms);
    item.rows = number(json, "rows");
    item.wal_bytes = number(json, "wal_bytes");
    item.locks = locks_of(json);
    // A result of before statements were measured has none.
    if (json.contains("statements"))
        for (const auto& statement : json.at("statements"))
            item.statements.push_back(read_statement(statement));
    for (const auto& relation : json.at("rewrites"))
        item.rewrites.push_back(relation.get<std::string>());
    const auto& rollback = json.at("rollback");
    if (!rollback.is_null()) item.rollback = rollback.get<std::string>();
    return item;
}

}  // namespace

std::variant<Result, Diagnostic> read_result(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (std::error_code none; std::filesystem::is_directory(path, none)) return unreadable(path, "it is a folder");
    if (!file || (file.peek() != EOF && !(text << file.rdbuf()))) return unreadable(path, "it can't be read");
    return parse_result(text.str(), path);
}

std::variant<Result, Diagnostic> parse_result(std::string_view text, const std::string& path) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return unreadable(path, text.empty() ? "it is empty" : text.starts_with("{") ? "it is cut off" : "it is no JSON");
    try {
        Result result;
        result.plan = json.at("plan").get<std::string>();
        result.digest = json.at("digest").get<std::string>();
        result.measured.proved = json.at("proved").get<bool>();
        for (const auto& item : json.at("items"))
            result.measured.items.emplace(item.at("name").get<std::string>(), read_item(item));
        return result;
    } catch (const Json::exception&) {
        return unreadable(path, "keys are missing or hold something else, as another version of cairn may have written them");
    }
}

}  // namespace cairn::rehearse
