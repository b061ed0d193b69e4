#include "runtime/report/status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compiler/diagnostics/display.hpp"
#include "runtime/execute/free_space.hpp"
#include "runtime/report/table.hpp"
#include "runtime/report/words.hpp"

namespace cairn::report {

namespace {

using Json = nlohmann::ordered_json;
using journal::ItemState;
using journal::RunState;

Json or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

// A diagnostic as the journal keeps it; what is no JSON (another version's) is given as its
// message.
Json error_object(const std::string& error) {
    if (error.empty()) return nullptr;
    Json object = Json::parse(error, nullptr, false);
    return object.is_discarded() ? Json{{"message", error}} : object;
}

std::string dump(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <class State>
std::string words(State state) {
    std::string word = journal::name(state);
    std::replace(word.begin(), word.end(), '_', ' ');
    return word;
}

// "2026-01-15 22:00:03" of an RFC 3339 moment in UTC: the heading says UTC once.
std::string moment(const std::string& rfc3339) {
    std::string out = rfc3339.substr(0, 19);
    if (out.size() > 10 && out[10] == 'T') out[10] = ' ';
    return out;
}

template <class Records, class Text>
std::size_t widest(const Records& records, std::size_t least, std::size_t most, const Text& text) {
    std::size_t width = least;
    for (const auto& record : records)
        width = std::max(width, compiler::display_width(text(record)));
    return std::min(width, most);
}

std::string place_of(const Json& error) {
    if (!error.contains("file") || !error["file"].is_string() || !error["line"].is_number())
        return {};
    return fmt::format("{}:{}:{}: ", error["file"].get<std::string>(),
                       error["line"].get<std::uint64_t>(), error.value("column", std::uint64_t{1}));
}

// "plan.cairn:12:7: error[C0701]: …", as far as the journal knows it.
std::string error_text(const std::string& stored, const Paint& paint) {
    const Json error = error_object(stored);
    if (!error.is_object()) return compiler::printable(stored);
    const std::string code = error.contains("code") && error["code"].is_string()
                                 ? fmt::format("error[{}]: ", error["code"].get<std::string>())
                                 : "error: ";
    const std::string message = error.contains("message") && error["message"].is_string()
                                    ? error["message"].get<std::string>()
                                    : stored;
    return place_of(error) + paint.bad(code) + compiler::printable(message);
}

// "crm, stock": the databases whose journals were not read.
std::string unread(const journal::RunRecord& run) {
    std::vector<std::string> roles;
    for (const auto& item : run.items) {
        const bool is_new = std::find(roles.begin(), roles.end(), item.database) == roles.end();
        if (!item.is_known && is_new) roles.push_back(item.database);
    }
    return joined(roles);
}

std::string item_lines(const journal::RunRecord& run, const Paint& paint) {
    auto label = [](const journal::ItemRecord& item) { return item.kind + " " + item.name; };
    const std::size_t label_width = widest(run.items, 4, 48, label);
    std::string out;
    for (const auto& item : run.items) {
        if (!item.is_known) {
            out += fmt::format("  {}  {}  in the journal of `{}`\n", paint.doubtful(pad("?", 11)),
                               pad(label(item), label_width), item.database);
            continue;
        }
        std::string line =
            fmt::format("  {}  {}  {}", paint.state(item.state, pad(words(item.state), 11)),
                        pad(label(item), label_width), pad(moment(item.started), 19));
        if (!item.ended.empty()) line += "  " + pad(moment(item.ended), 19);
        if (item.rows) line += "  " + counted(static_cast<std::uint64_t>(*item.rows), "row");
        if (item.attempts > 1) line += fmt::format("  {} attempts", item.attempts);
        while (line.back() == ' ') line.pop_back();
        out += line + "\n";
        if (!item.error.empty()) out += "    " + error_text(item.error, paint) + "\n";
    }
    return out;
}

// What may be typed next; nothing for a run that is under way or that nothing leads on from.
std::string next_text(const journal::RunRecord& run, const Paint& paint) {
    auto command = [&](std::string_view verb) {
        const bool aims = verb == "rollback" && !run.rolling_back_to.empty();
        return paint.strong(fmt::format("cairn {} {}{}{}", verb, run.run, aims ? " --to " : "", aims ? run.rolling_back_to : ""));
    };
    switch (run.state) {
        case RunState::stopped:
        case RunState::failed:
            return fmt::format("next: {} or {}\n", command("resume"), command("rollback"));
        case RunState::finished:
            return run.kept_bytes > 0
                       ? fmt::format("next: {} takes it back, {} gives that up\n", command("rollback"), command("finalize"))
                       : fmt::format("next: {} takes it back\n", command("rollback"));
        case RunState::running:
            return fmt::format("next: {} goes on with it, if its runner is gone\n",
                               command("resume"));
        case RunState::rolled_back:
        case RunState::finalized:
            return {};
    }
    return {};
}

}  // namespace

std::string status_text(const journal::RunRecord& run, bool color) {
    const Paint paint(color);
    const auto done = std::count_if(run.items.begin(), run.items.end(),
                                    [](const auto& item) { return item.state == ItemState::done; });
    std::string out = fmt::format("run {} of {}: {}, {} of {} done\n", paint.strong(run.run),
                                  run.plan, paint.state(run.state, words(run.state)), done,
                                  counted(run.items.size(), "item"));
    out += fmt::format("started {} UTC", moment(run.started));
    if (!run.ended.empty()) out += fmt::format(", ended {} UTC", moment(run.ended));
    if (!run.by.empty()) out += ", by " + compiler::printable(run.by);
    out += "\n" + paint.faint(run.digest) + "\n";
    if (run.kept_bytes > 0) out += fmt::format("the way back costs {}\n", execute::size_in_words(static_cast<double>(run.kept_bytes)));
    for (const auto& [name, value] : run.parameters)
        out += paint.faint(compiler::printable(fmt::format("param {} = {}", name, value))) + "\n";
    out += "\n" + item_lines(run, paint);
    if (const auto roles = unread(run); !roles.empty())
        out += fmt::format("\nnot read: {}; with --db NAME=CONNINFO for each the rest is known, too\n", roles);
    const std::string next = next_text(run, paint);
    return next.empty() ? out : out + "\n" + next;
}

std::string status_json(const journal::RunRecord& run) {
    Json out{{"run", run.run},
             {"plan", run.plan},
             {"digest", run.digest},
             {"state", journal::name(run.state)}};
    out["started"] = or_null(run.started);
    out["ended"] = or_null(run.ended);
    out["by"] = or_null(run.by);
    out["kept_bytes"] = run.kept_bytes;
    Json& items = out["items"] = Json::array();
    for (const auto& item : run.items) {
        items.push_back({{"name", item.name},
                         {"kind", item.kind},
                         {"state", journal::name(item.state)},
                         {"started", or_null(item.started)},
                         {"ended", or_null(item.ended)},
                         {"rows", item.rows ? Json(*item.rows) : Json(nullptr)},
                         {"error", error_object(item.error)}});
        if (!item.is_known) items.back()["unread_journal"] = item.database;
    }
    return dump(out);
}

std::string history_text(const std::vector<journal::RunRecord>& runs, bool color) {
    if (runs.empty()) return "no runs\n";
    const Paint paint(color);
    const std::size_t run_width = widest(runs, 3, 40, [](const auto& r) { return r.run; });
    const std::size_t plan_width = widest(runs, 4, 40, [](const auto& r) { return r.plan; });
    std::string out = paint.faint(fmt::format("{}  {}  {}  {}  {}  by", pad("run", run_width),
                                              pad("plan", plan_width), pad("state", 11),
                                              pad("started (UTC)", 19), pad("ended (UTC)", 19))) +
                      "\n";
    for (const auto& run : runs) {
        std::string line = fmt::format(
            "{}  {}  {}  {}  {}  {}", pad(run.run, run_width), pad(run.plan, plan_width),
            paint.state(run.state, pad(words(run.state), 11)), pad(moment(run.started), 19),
            pad(moment(run.ended), 19), compiler::printable(run.by));
        while (line.back() == ' ') line.pop_back();
        out += line + "\n";
    }
    return out;
}

std::string history_json(const std::vector<journal::RunRecord>& runs) {
    Json out{{"runs", Json::array()}};
    for (const auto& run : runs) {
        out["runs"].push_back({{"run", run.run},
                               {"plan", run.plan},
                               {"digest", run.digest},
                               {"state", journal::name(run.state)},
                               {"started", or_null(run.started)},
                               {"ended", or_null(run.ended)},
                               {"by", or_null(run.by)},
                               {"kept_bytes", run.kept_bytes}});
    }
    return dump(out);
}

std::string log_text(const std::vector<journal::EventRecord>& events, bool color) {
    const Paint paint(color);
    const std::size_t item_width = widest(events, 1, 40, [](const auto& e) { return e.item; });
    const std::size_t event_width = widest(events, 1, 20, [](const auto& e) { return e.event; });
    std::string out;
    for (const auto& event : events) {
        std::string line =
            fmt::format("{}  {}  {}  {}", paint.faint(event.at), pad(event.item, item_width),
                        pad(event.event, event_width), compiler::printable(event.detail));
        while (line.back() == ' ') line.pop_back();
        out += line + "\n";
    }
    return out;
}

std::string log_json(const std::vector<journal::EventRecord>& events) {
    Json out{{"events", Json::array()}};
    for (const auto& event : events) {
        out["events"].push_back({{"at", event.at},
                                 {"item", or_null(event.item)},
                                 {"event", event.event},
                                 {"detail", or_null(event.detail)}});
    }
    return dump(out);
}

}  // namespace cairn::report
