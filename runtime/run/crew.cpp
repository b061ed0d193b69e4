#include "runtime/run/crew.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::run {

using journal::ItemRecord;
using journal::RunRecord;
using journal::RunState;

namespace {

// Recorded once every database has the run: from then on one that does not know it is another one.
constexpr const char* begun_everywhere = "begun in every database";

}  // namespace

Crew::Crew(const compiler::Compiled& compiled, const Settings& settings, Observer& observer, const std::string& run) {
    for (const auto& database : compiled.graph.databases) {
        if (database.changed) all_.push_back(std::make_unique<Context>(compiled, settings, observer, run, database.name));
    }
    if (all_.empty()) all_.push_back(std::make_unique<Context>(compiled, settings, observer, run, ""));
}

Context& Crew::of(ItemId id) {
    const auto& database = first().item(id).database;
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return database == one->home(); });
    return found == all_.end() ? first() : **found;
}

std::optional<Diagnostic> Crew::open_journals(bool create, bool& ready) {
    ready = true;
    for (const auto& one : all_) {
        bool here = false;
        if (auto error = one->open_journal(create, here)) return error;
        ready = ready && here;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Crew::take_leases() {
    for (std::size_t i = 0; i < all_.size(); ++i) {
        auto error = all_[i]->take_lease();
        if (!error) continue;
        while (i-- > 0) {
            if (auto unreleased = all_[i]->journal().release()) return unreleased;
        }
        return error;
    }
    return std::nullopt;
}

bool Crew::lease_lost() const {
    return std::any_of(all_.begin(), all_.end(), [](const auto& one) { return one->lease_lost(); });
}

std::optional<Diagnostic> Crew::begin(const RunRecord& record) {
    for (const auto& one : all_) {
        if (auto error = begin_at(*one, record)) return error;
    }
    return all_.size() == 1 ? std::nullopt : first().journal().event("", begun_everywhere, "");
}

std::optional<Diagnostic> Crew::begin_at(Context& one, RunRecord record) {
    if (all_.size() > 1) {
        record.database = one.home();
        record.led_by = first().home();
        for (std::size_t i = 0; i < record.items.size(); ++i) record.items[i].database = of(ItemId{static_cast<std::uint32_t>(i)}).home();
    }
    return one.journal().begin(record);
}

std::optional<Diagnostic> Crew::state(RunState state, const std::string& why, bool release) {
    for (auto one = all_.rbegin(); one != all_.rend(); ++one) {
        if (auto error = (*one)->journal().state(state, why, release)) return error;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Crew::release() {
    for (auto one = all_.rbegin(); one != all_.rend(); ++one) {
        if (auto error = (*one)->journal().release()) return error;
    }
    return std::nullopt;
}

std::optional<Diagnostic> Crew::join(const RunRecord& record) {
    if (all_.size() == 1) return std::nullopt;
    auto whole = first().database_journal().has_event(begun_everywhere);
    if (auto* error = std::get_if<Diagnostic>(&whole)) return *error;
    for (const auto& one : all_) {
        auto known = one->database_journal().role_of_run();
        if (auto* error = std::get_if<Diagnostic>(&known)) return *error;
        const auto& role = std::get<std::optional<std::string>>(known);
        if (role && *role != one->home())
            return problem(730, fmt::format("the address of `{}` leads to the database that run {} knows as `{}`: nothing was done", one->home(), record.run, *role),
                           fmt::format("give `{}` and `{}` the addresses that they had when the run began", one->home(), *role));
        if (role) continue;
        if (one == all_.front() || std::get<bool>(whole))
            return problem(730, fmt::format("the database at the address of `{}` does not know run {}: nothing was done", one->home(), record.run),
                           fmt::format("give `{}` the address that it had when the run began", one->home()));
        if (auto error = begin_at(*one, record)) return error;
    }
    if (std::get<bool>(whole)) return std::nullopt;
    return first().journal().event("", begun_everywhere, "");
}

std::variant<std::vector<ItemRecord>, Diagnostic> Crew::items() {
    std::vector<ItemRecord> merged;
    for (const auto& one : all_) {
        auto read = one->journal().items();
        if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
        auto& items = std::get<std::vector<ItemRecord>>(read);
        if (one == all_.front()) {
            merged = std::move(items);
            continue;
        }
        for (std::size_t i = 0; i < items.size() && i < merged.size(); ++i) {
            if (&of(ItemId{static_cast<std::uint32_t>(i)}) == one.get()) merged[i] = std::move(items[i]);
        }
    }
    return merged;
}

void Crew::rolling_back_to(const std::string& checkpoint) {
    for (const auto& one : all_) one->rolling_back_to(checkpoint);
}

}  // namespace cairn::run
