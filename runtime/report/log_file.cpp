#include "runtime/report/log_file.hpp"

#include <fmt/core.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "runtime/report/words.hpp"

namespace cairn::report {

namespace {

using Json = nlohmann::ordered_json;
using compiler::ItemId;

Json to_object(const compiler::Diagnostic& diagnostic, const compiler::Sources& sources) {
    return Json::parse(compiler::to_json(diagnostic, sources));
}

Json to_object(const run::CheckOutcome& check, const compiler::Sources& sources) {
    Json out{{"title", check.title}, {"passed", check.passed}, {"warn", check.warn}};
    if (check.window_only) out["window_only"] = true;
    if (!check.message.empty()) out["message"] = check.message;
    if (!check.columns.empty()) {
        out["columns"] = check.columns;
        Json& rows = out["rows"] = Json::array();
        for (const auto& row : check.rows) {
            Json& values = rows.emplace_back(Json::array());
            for (const auto& value : row) values.push_back(value ? Json(*value) : Json(nullptr));
        }
        out["total_rows"] = check.total_rows;
    }
    if (check.error) out["error"] = to_object(*check.error, sources);
    return out;
}

class LogFile : public run::Observer {
public:
    LogFile(std::shared_ptr<spdlog::logger> logger, const compiler::Compiled& compiled)
        : logger_(std::move(logger)), compiled_(compiled) {}

    void run_started(const journal::RunRecord& record, bool resumed) override {
        run_ = record.run;
        Json parameters = Json::object();
        for (const auto& [name, value] : record.parameters) parameters[name] = value;
        write("", "run_started",
              {{"plan", record.plan},
               {"digest", record.digest},
               {"resumed", resumed},
               {"parameters", std::move(parameters)}});
    }
    void item_started(ItemId id) override { write(id, "item_started", {{"kind", item(id).kind}}); }
    void item_ended(ItemId id, const run::ItemOutcome& outcome) override {
        write(id, "item_ended", fields(outcome));
    }
    void retrying(ItemId id, int attempt, std::chrono::milliseconds after,
                  const compiler::Diagnostic& why) override {
        write(id, "retrying",
              {{"attempt", attempt},
               {"after_ms", after.count()},
               {"error", to_object(why, compiled_.sources)}});
    }
    void headway(ItemId id, const run::Headway& headway) override {
        write(id, "headway", {{"rows", headway.rows}, {"portion", headway.portion ? Json(*headway.portion) : Json(nullptr)}});
    }
    void blocked(ItemId id, const std::vector<run::Blocker>& blockers) override {
        Json pids = Json::array(), list = Json::array();
        for (const auto& b : blockers) {
            pids.push_back(b.pid);
            list.push_back({{"pid", b.pid},
                            {"user", b.user},
                            {"application", b.application},
                            {"state", b.state},
                            {"query", b.query},
                            {"since_ms", b.since.count()}});
            if (b.kind.empty()) continue;
            list.back()["kind"] = b.kind;
            list.back()["relation"] = b.relation;
        }
        if (pids == blocking_) return;  // asked again and again: only what is new is an event
        blocking_ = std::move(pids);
        write(id, "blocked", {{"blockers", std::move(list)}});
    }
    void undo_started(ItemId id) override { write(id, "undo_started", Json::object()); }
    void undo_ended(ItemId id, const run::ItemOutcome& outcome) override {
        write(id, "undo_ended", fields(outcome));
    }
    void message(const std::string& text) override { write("", "message", {{"text", text}}); }
    void window(ItemId id, const run::WindowOutlook& outlook) override {
        write(id, "window",
              {{"left_ms", outlook.left.count()},
               {"remaining_ms", outlook.remaining ? Json(outlook.remaining->count()) : Json(nullptr)},
               {"turn_back_by", outlook.turn_back_by ? Json(rfc3339(*outlook.turn_back_by)) : Json(nullptr)}});
    }
    void run_ended(journal::RunState state, const std::string& why) override {
        write("", "run_ended", {{"state", journal::name(state)}, {"why", why}});
    }

private:
    [[nodiscard]] const compiler::Item& item(ItemId id) const {
        return compiled_.graph.items.at(id.index);
    }

    [[nodiscard]] Json fields(const run::ItemOutcome& outcome) const {
        Json out{{"state", journal::name(outcome.state)}, {"ms", outcome.took.count()}};
        if (outcome.rows) out["rows"] = *outcome.rows;
        if (!outcome.note.empty()) out["note"] = outcome.note;
        for (const auto& check : outcome.checks)
            out["checks"].push_back(to_object(check, compiled_.sources));
        if (outcome.error) out["error"] = to_object(*outcome.error, compiled_.sources);
        return out;
    }

    void write(ItemId id, const char* event, Json own) {
        write(item(id).name, event, std::move(own));
    }
    void write(const std::string& name, const char* event, Json own) {
        Json line{{"time", rfc3339(std::chrono::system_clock::now())},
                  {"run", run_.empty() ? Json(nullptr) : Json(run_)},
                  {"item", name.empty() ? Json(nullptr) : Json(name)},
                  {"event", event}};
        line.update(own);
        // The text goes as an argument: it may hold braces. A query may hold bytes that are no
        // UTF-8.
        logger_->info("{}", line.dump(-1, ' ', false, Json::error_handler_t::replace));
    }

    std::shared_ptr<spdlog::logger> logger_;
    const compiler::Compiled& compiled_;
    std::string run_;
    Json blocking_;
};

}  // namespace

std::variant<std::unique_ptr<run::Observer>, compiler::Diagnostic> open_log_file(
    const std::string& path, const compiler::Compiled& compiled) {
    try {
        auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path);
        auto logger = std::make_shared<spdlog::logger>("cairn", std::move(sink));
        logger->set_pattern("%v");
        logger->flush_on(spdlog::level::info);
        logger->set_error_handler([path, told = false](const std::string& why) mutable {
            if (told) return;
            told = true;
            std::fputs(fmt::format("the log file `{}` can't be written: {}\n", path, why).c_str(),
                       stderr);
        });
        return std::make_unique<LogFile>(std::move(logger), compiled);
    } catch (const spdlog::spdlog_ex& error) {
        compiler::Diagnostic diagnostic;
        diagnostic.severity = compiler::Severity::warning;
        diagnostic.code = 752;
        diagnostic.message =
            fmt::format("the log file `{}` can't be opened: {}", path, error.what());
        return diagnostic;
    }
}

}  // namespace cairn::report
