#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

namespace {

// Only a step changes a database, and one on a database that is only read has its own error.
bool changes_database(const ResolvedItem& item) { return item.as<grammar::Step>() != nullptr; }

class Windows {
public:
    Windows(const ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void run() {
        const auto& items = plan_.items;
        const bool has_window = !plan_.syntax->windows.empty();
        if (!has_window) return waits_for_nothing();
        const auto first = std::find_if(items.begin(), items.end(), changes_database);
        if (first == items.end() && std::none_of(items.begin(), items.end(), waits_for_window)) {
            report_.add(518, plan_.syntax->windows.front().keyword,
                        "the window holds nothing up: no item changes a database, and none waits for the window");
        }
        bool waited = false;
        for (auto item = items.begin(); item != first; ++item) {
            const auto* wait = item->as<grammar::Wait>();
            waited = waited || (wait != nullptr && (wait->until_window || wait->until));
            if (!waited && first != items.end() && item->as<grammar::Run>() != nullptr) early(*item, *first);
        }
        late();
    }

private:
    static bool waits_for_window(const ResolvedItem& item) {
        const auto* wait = item.as<grammar::Wait>();
        return wait != nullptr && wait->until_window;
    }

    void waits_for_nothing() {
        for (const ResolvedItem& item : plan_.items) {
            if (waits_for_window(item)) {
                report_.add(414, item.syntax->keyword, "the plan has no window to wait for",
                            "window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00");
            }
        }
    }

    void early(const ResolvedItem& command, const ResolvedItem& first) {
        report_.add(517, command.where,
                    fmt::format("`{}` may run before the window opens: only items that change a database wait for it", command.name),
                    "wait until window", {{.where = first.where, .text = "the first that does"}});
    }

    // A wait past the end would leave everything behind it out of the window.
    void late() {
        const Values header(plan_.words, nullptr);
        const auto end = header.instant(plan_.syntax->windows.front().to);
        if (!end) return;
        for (auto item = plan_.items.begin(); item != plan_.items.end(); ++item) {
            const auto* wait = item->as<grammar::Wait>();
            if (wait == nullptr || !wait->until) continue;
            const auto until = Values(plan_.words, item->turn).instant(*wait->until);
            if (!until || *until < *end || std::none_of(item, plan_.items.end(), changes_database)) continue;
            report_.add(309, wait->until->span, "the window has ended then, and items that change a database are still to come");
        }
    }

    const ResolvedPlan& plan_;
    Report& report_;
};

}  // namespace

void check_windows(const ResolvedPlan& plan, Report& report) { Windows(plan, report).run(); }

}  // namespace cairn::compiler
