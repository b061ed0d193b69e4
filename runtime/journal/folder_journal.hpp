// The journal of a plan that changes no database: a folder, one file of JSON lines a run.
//
// FOLDER/PLAN/RUN.jsonl is only ever appended to and synced; its lines replayed give the run. The lease is
// a lock on FOLDER/PLAN/lock that the kernel gives back when its holder dies (flock(2)).
#pragma once

#include <string>

#include "runtime/journal/journal.hpp"

namespace cairn::journal {

class FolderJournal final : public Journal {
public:
    explicit FolderJournal(std::string folder) : folder_(std::move(folder)) {}
    FolderJournal(const FolderJournal&) = delete;
    FolderJournal& operator=(const FolderJournal&) = delete;
    ~FolderJournal() override;

    [[nodiscard]] std::variant<std::optional<RunHead>, compiler::Diagnostic> latest(const std::string& plan) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> take_lease(const LeaseRequest&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> begin(const RunRecord&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> record(const std::vector<ItemChange>&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> event(const std::string&, const std::string&, const std::string&) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> state(RunState, const std::string&, bool release) override;
    [[nodiscard]] std::optional<compiler::Diagnostic> release() override;
    [[nodiscard]] std::variant<std::vector<ItemRecord>, compiler::Diagnostic> items() override;

private:
    [[nodiscard]] std::optional<compiler::Diagnostic> append(const std::string& lines);
    [[nodiscard]] std::string file() const;

    std::string folder_;
    LeaseRequest lease_;
    int lock_ = -1;
};

// Replays the files of a folder journal; a folder that is not there holds no runs.
struct FolderRun {
    RunRecord record;
    std::vector<EventRecord> events;
};
[[nodiscard]] std::vector<FolderRun> read_folder(const std::string& folder);  // newest first

}  // namespace cairn::journal
