// What a journal tells about runs: plain data, whichever journal it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::journal {

enum class RunState { running, stopped, failed, finished, rolled_back, finalized };
enum class ItemState { pending, running, done, failed, skipped, rolled_back };
[[nodiscard]] const char* name(RunState);
[[nodiscard]] const char* name(ItemState);
[[nodiscard]] std::optional<RunState> run_state(std::string_view);
[[nodiscard]] std::optional<ItemState> item_state(std::string_view);

struct ItemRecord {
    std::string name, kind;
    ItemState state = ItemState::pending;
    std::string started, ended;         // RFC 3339 in UTC, empty when not yet
    std::optional<std::int64_t> rows;   // rows changed
    std::string error;                  // a diagnostic as JSON, or empty
    int attempts = 0;
    bool in_part = false;               // rolled back but for what others have written or changed since
    std::string database;               // whose journal says how it stands; empty: there is one journal only
    bool is_known = true;               // that journal has been read
};
inline constexpr const char* but_for_others = "but for what others have written or changed since";  // of an item that was rolled back

struct RunRecord {
    std::string run, plan, digest;
    RunState state = RunState::running;
    std::string started, ended, by;     // `by`: user@host
    std::string plan_file, plan_text;   // as it was applied
    std::vector<std::pair<std::string, std::string>> files, parameters;
    std::string date, time;             // values of {date} and {time}
    std::vector<ItemRecord> items;
    std::int64_t kept_bytes = 0;        // what the way back costs: kept rows and the trail
    // Of a plan that changes several databases: the role of the one whose journal this is, and of the one whose journal says how the run
    // stands. Else empty.
    std::string database, led_by;
    std::string rolling_back_to;        // the checkpoint down to which a rollback was under way that has not come to its end
};
struct EventRecord {
    std::string at;      // RFC 3339 in UTC
    std::string item;    // empty: about the run
    std::string event;   // started, done, failed, retry, skipped, undo_started, undone, stopped, resumed, …
    std::string detail;  // text for people; may be empty
};

}  // namespace cairn::journal
