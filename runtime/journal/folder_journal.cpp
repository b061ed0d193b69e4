#include "runtime/journal/folder_journal.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/process/fault.hpp"

namespace cairn::journal {
namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;
using nlohmann::json;

// Milliseconds, as the journal in a database has: two runs of one second must keep their order.
std::string now() {
    const auto at = std::chrono::system_clock::now();
    const auto second = std::chrono::floor<std::chrono::seconds>(at);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at - second).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)), rest);
}

Diagnostic problem(const std::string& what, const std::string& path) {
    Diagnostic d;
    d.code = 702;
    d.message = fmt::format("the journal folder can't be used: {} `{}`: {}", what, path, std::strerror(errno));
    d.help = "[journal] folder = \"…\" in cairn.toml names another folder";
    return d;
}

json event_line(const std::string& item, const std::string& event, const std::string& detail) {
    return {{"at", now()}, {"item", item}, {"event", event}, {"detail", detail}};
}

void apply_line(FolderRun& run, const json& line) {
    if (line.contains("run")) {
        RunRecord& r = run.record;
        r.run = line.at("run");
        r.plan = line.at("plan");
        r.digest = line.at("digest");
        r.by = line.at("by");
        r.plan_file = line.at("plan_file");
        r.plan_text = line.at("plan_text");
        r.started = line.at("at");
        r.date = line.at("date");
        r.time = line.at("time");
        r.files = line.at("files").get<std::vector<std::pair<std::string, std::string>>>();
        r.parameters = line.at("parameters").get<std::vector<std::pair<std::string, std::string>>>();
        for (const auto& item : line.at("items")) {
            ItemRecord record;
            record.name = item.at(0);
            record.kind = item.at(1);
            r.items.push_back(std::move(record));
        }
        run.events.push_back({r.started, "", "started", r.by});
        return;
    }
    const std::string at = line.at("at");
    if (line.contains("event")) run.events.push_back({at, line.at("item"), line.at("event"), line.at("detail")});
    if (line.contains("ordinal")) {
        ItemRecord& item = run.record.items.at(line.at("ordinal").get<std::size_t>());
        item.state = item_state(line.at("state").get<std::string>()).value_or(ItemState::pending);
        if (item.state == ItemState::running || item.started.empty()) item.started = at;
        item.ended = item.state == ItemState::running ? "" : at;
        item.error = line.value("error", "");
        if (item.state == ItemState::done || item.state == ItemState::failed) ++item.attempts;
    }
    if (line.contains("run_state")) {
        run.record.state = run_state(line.at("run_state").get<std::string>()).value_or(RunState::failed);
        const bool over = run.record.state == RunState::finished || run.record.state == RunState::rolled_back;
        if (run.record.state != RunState::finalized) run.record.ended = over ? at : "";
    }
}

std::optional<FolderRun> read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    FolderRun run;
    std::string text;
    while (std::getline(in, text)) {
        const auto line = json::parse(text, nullptr, false);
        if (line.is_discarded()) break;  // the last line of a runner that died while writing it
        try {
            apply_line(run, line);
        } catch (const json::exception&) {
            break;
        } catch (const std::out_of_range&) {
            break;
        }
    }
    if (run.record.run.empty()) return std::nullopt;
    return run;
}

}  // namespace

FolderJournal::~FolderJournal() {
    if (lock_ >= 0) close(lock_);
}

std::string FolderJournal::file() const { return folder_ + "/" + lease_.plan + "/" + lease_.run + ".jsonl"; }

std::vector<FolderRun> read_folder(const std::string& folder) {
    std::vector<FolderRun> runs;
    std::error_code ignored;
    for (const auto& plan : fs::directory_iterator(folder, ignored)) {
        if (!plan.is_directory(ignored)) continue;
        for (const auto& entry : fs::directory_iterator(plan.path(), ignored)) {
            if (entry.path().extension() != ".jsonl") continue;
            if (auto run = read_file(entry.path())) runs.push_back(std::move(*run));
        }
    }
    std::sort(runs.begin(), runs.end(), [](const FolderRun& a, const FolderRun& b) {
        return std::tie(a.record.started, a.record.run) > std::tie(b.record.started, b.record.run);
    });
    return runs;
}

std::variant<std::optional<RunHead>, Diagnostic> FolderJournal::latest(const std::string& plan) {
    for (const auto& run : read_folder(folder_)) {
        if (run.record.plan != plan || run.record.state == RunState::rolled_back) continue;
        return std::optional<RunHead>{RunHead{.run = run.record.run, .digest = run.record.digest,
                                              .state = run.record.state, .started = run.record.started}};
    }
    return std::optional<RunHead>{};
}

std::optional<Diagnostic> FolderJournal::take_lease(const LeaseRequest& request) {
    lease_ = request;
    const std::string plan_folder = folder_ + "/" + request.plan;
    std::error_code failed;
    fs::create_directories(plan_folder, failed);
    if (failed) {
        errno = failed.value();
        return problem("creating", plan_folder);
    }
    const std::string path = plan_folder + "/lock";
    lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) return problem("opening", path);
    if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        Diagnostic d;
        d.code = 704;
        d.message = fmt::format("another runner holds plan `{}` in `{}`", request.plan, folder_);
        d.help = "cairn status";
        return d;
    }
    return std::nullopt;
}

std::optional<Diagnostic> FolderJournal::append(const std::string& lines) {
    process::fault_point("folder journal: before writing");
    const int fd = open(file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return problem("opening", file());
    const bool written = write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) && fsync(fd) == 0;
    close(fd);
    process::fault_point("folder journal: after writing");
    if (!written) return problem("writing", file());
    return std::nullopt;
}

std::optional<Diagnostic> FolderJournal::begin(const RunRecord& record) {
    auto items = json::array();
    for (const auto& item : record.items) items.push_back({item.name, item.kind});
    const json line = {{"at", now()}, {"run", record.run}, {"plan", record.plan}, {"digest", record.digest},
                       {"by", record.by}, {"plan_file", record.plan_file}, {"plan_text", record.plan_text},
                       {"files", record.files}, {"parameters", record.parameters}, {"date", record.date},
                       {"time", record.time}, {"items", items}};
    return append(line.dump() + "\n");
}

std::optional<Diagnostic> FolderJournal::record(const std::vector<ItemChange>& changes) {
    std::string lines;
    for (const auto& c : changes) {
        json line = event_line(c.name, c.event, c.detail);
        line["ordinal"] = c.item.index;
        line["state"] = name(c.state);
        if (!c.error.empty()) line["error"] = c.error;
        lines += line.dump() + "\n";
    }
    return append(lines);
}

std::optional<Diagnostic> FolderJournal::event(const std::string& item, const std::string& event, const std::string& detail) {
    return append(event_line(item, event, detail).dump() + "\n");
}

std::optional<Diagnostic> FolderJournal::state(RunState state, const std::string& detail, bool release) {
    json line = event_line("", name(state), detail);
    line["run_state"] = name(state);
    auto error = append(line.dump() + "\n");
    if (release) (void)this->release();
    return error;
}

std::optional<Diagnostic> FolderJournal::release() {
    if (lock_ >= 0) close(lock_);
    lock_ = -1;
    return std::nullopt;
}

std::variant<std::vector<ItemRecord>, Diagnostic> FolderJournal::items() {
    auto run = read_file(file());
    if (!run) {
        Diagnostic d;
        d.code = 702;
        d.message = fmt::format("the journal file `{}` can't be read", file());
        return d;
    }
    return run->record.items;
}

}  // namespace cairn::journal
