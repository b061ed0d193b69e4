#include "runtime/rehearse/crash.hpp"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "runtime/journal/reader.hpp"
#include "runtime/process/child.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/rehearse/relay.hpp"
#include "runtime/rehearse/second_apply.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Diagnostic;
using process::ChildEnd;

constexpr const char *start = "start", *applied = "applied";

std::string outcome(const run::Result& result) {
    if (result.exit == run::Exit::done) return "";
    return result.error ? result.error->message : "it did not come to its end";
}

class Crashing {
public:
    explicit Crashing(const CrashTest& test) : test_(test) {}

    std::variant<CrashReport, Diagnostic> run() {
        if (auto error = crash_apply()) return std::move(*error);
        if (auto error = crash_rollback()) return std::move(*error);
        return std::move(report_);
    }

private:
    using Way = std::string (Crashing::*)() const;

    // ------------------------------------------------ what a child does

    [[nodiscard]] std::string apply() const {
        Relay silent(nullptr);
        return outcome(run::apply(test_.compiled, test_.identity, test_.settings(), silent));
    }

    // As a person would after a crash: resume, or apply if nothing had been journalled yet.
    [[nodiscard]] std::string resume() const {
        const auto record = this_run();
        if (!record) return apply();
        if (record->state == journal::RunState::finished) return "";
        Relay silent(nullptr);
        return outcome(run::resume(test_.compiled, *record, test_.settings(), silent));
    }

    [[nodiscard]] std::string roll_back() const {
        const auto record = this_run();
        if (!record) return "the run is not in the journal";
        if (record->state == journal::RunState::rolled_back) return "";
        Relay silent(nullptr);
        return outcome(run::rollback(test_.compiled, *record, std::nullopt, test_.past,
                                     test_.settings(), silent));
    }

    [[nodiscard]] std::optional<journal::RunRecord> this_run() const {
        const auto& home = test_.databases.changed().front();
        auto found =
            journal::read_run({home, test_.databases.conninfo().at(home)}, test_.identity.run);
        if (auto* record = std::get_if<std::optional<journal::RunRecord>>(&found))
            return std::move(*record);
        return std::nullopt;
    }

    // ------------------------------------------------ tries

    [[nodiscard]] std::string trace() const { return test_.folder + "/faults"; }

    ChildEnd in_child(Way way, std::uint64_t fault) const {
        std::error_code ignored;
        std::filesystem::remove(trace(), ignored);
        return process::run_in_child([&] {
            process::arm_faults(fault, trace());
            return (this->*way)();
        });
    }

    // "12 transaction: before sending"
    [[nodiscard]] std::vector<std::string> traced() const {
        std::vector<std::string> names;
        std::ifstream file(trace());
        for (std::string line; std::getline(file, line);)
            names.push_back(line.substr(std::min(line.find(' '), line.size() - 1) + 1));
        return names;
    }

    // A fresh set of databases in which the plan has run, if `way` is the one back.
    std::optional<Diagnostic> prepare(bool back) const {
        if (!back) return test_.databases.restore(start);
        if (has_template_) return test_.databases.restore(applied);
        if (auto error = test_.databases.restore(start)) return error;
        return failed(in_child(&Crashing::apply, 0));
    }

    static std::optional<Diagnostic> failed(const ChildEnd& end) {
        if (process::interrupt_requested()) return interrupted();
        if (end.error.empty() && end.signal == 0 && end.said.empty()) return std::nullopt;
        Diagnostic diagnostic;
        diagnostic.code = 635;
        diagnostic.message = "the undisturbed run for --crash failed: " + why(end);
        return diagnostic;
    }

    static std::string why(const ChildEnd& end) {
        if (!end.error.empty()) return "no child process: " + end.error;
        if (end.signal != 0) return fmt::format("signal {}", end.signal);
        return end.said;
    }

    static Diagnostic interrupted() {
        Diagnostic diagnostic;
        diagnostic.code = 713;
        diagnostic.message = "interrupted";
        return diagnostic;
    }

    std::optional<Diagnostic> crash_apply() {
        if (auto error = test_.databases.restore(start)) return error;
        if (auto error = failed(in_child(&Crashing::apply, 0))) return error;
        const auto points = traced();
        auto end = read_end_state(test_.databases);
        if (auto* error = std::get_if<Diagnostic>(&end)) return std::move(*error);
        // Roles are the whole server's: what they own can't be kept while they go.
        has_template_ = test_.databases.new_roles().empty();
        if (has_template_)
            if (auto error = test_.databases.keep(applied)) return error;
        report_.apply_points = points.size();
        return try_points(points.size(), std::get<EndState>(end), false);
    }

    std::optional<Diagnostic> crash_rollback() {
        if (auto error = prepare(true)) return error;
        if (auto error = failed(in_child(&Crashing::roll_back, 0))) return error;
        const auto points = traced();
        auto end = read_end_state(test_.databases);
        if (auto* error = std::get_if<Diagnostic>(&end)) return std::move(*error);
        report_.rollback_points = points.size();
        return try_points(points.size(), std::get<EndState>(end), true);
    }

    std::optional<Diagnostic> try_points(std::size_t count, const EndState& wanted, bool back) {
        const auto chosen = sample(count, test_.most, test_.seed);
        for (std::size_t at = 0; at < chosen.size(); ++at) {
            if (process::interrupt_requested()) return interrupted();
            if (test_.progress && at % 10 == 0)
                test_.progress->message(fmt::format("killing the {}: {} of {} points",
                                                    back ? "rollback" : "apply", at,
                                                    chosen.size()));
            if (auto error = try_point(chosen[at], wanted, back)) return error;
        }
        return std::nullopt;
    }

    std::optional<Diagnostic> try_point(std::size_t number, const EndState& wanted, bool back) {
        if (auto error = prepare(back)) return error;
        CrashPoint point{
            .in_rollback = back, .number = number, .name = {}, .differences = {}, .error = {}};
        const auto killed = in_child(back ? &Crashing::roll_back : &Crashing::apply, number);
        const auto passed = traced();
        point.name = passed.empty() ? "" : passed.back();
        if (killed.signal != SIGKILL && (!killed.said.empty() || killed.signal != 0))
            point.error = why(killed);
        const auto resumed = in_child(back ? &Crashing::roll_back : &Crashing::resume, 0);
        if (process::interrupt_requested()) return interrupted();
        if (point.error.empty() && (!resumed.said.empty() || resumed.signal != 0))
            point.error = why(resumed);
        auto end = read_end_state(test_.databases);
        if (auto* error = std::get_if<Diagnostic>(&end)) return std::move(*error);
        point.differences = compare_applies(wanted, std::get<EndState>(end)).differences;
        report_.points.push_back(std::move(point));
        return std::nullopt;
    }

    const CrashTest& test_;
    CrashReport report_;
    bool has_template_ = false;
};

}  // namespace

std::variant<CrashReport, Diagnostic> crash(const CrashTest& test) {
    return Crashing(test).run();
}

std::vector<std::size_t> sample(std::size_t count, std::optional<std::size_t> most,
                                std::uint64_t seed) {
    const std::size_t wanted = most ? std::min(*most, count) : count;
    std::vector<std::size_t> chosen;
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t begin = i * count / wanted, end = (i + 1) * count / wanted;
        chosen.push_back(begin + random() % (end - begin) + 1);
    }
    return chosen;
}

}  // namespace cairn::rehearse
