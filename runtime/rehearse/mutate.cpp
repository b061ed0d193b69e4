#include "runtime/rehearse/mutate.hpp"

#include <chrono>

#include "runtime/execute/checks.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/rehearse/mutations.hpp"
#include "runtime/rehearse/relay.hpp"
#include "runtime/rehearse/units.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Check;
using compiler::Diagnostic;
using compiler::Item;
using postgres::Session;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{20};  // with one check

const std::vector<Check>* checks_of(const Item& item) {
    if (const auto* validate = std::get_if<compiler::ValidateItem>(&item.body))
        return &validate->checks;
    if (const auto* gate = std::get_if<compiler::GateItem>(&item.body)) return &gate->checks;
    return nullptr;
}

// What a scratch server can't be brought to show.
bool is_window_only(const Check& check) {
    return check.needs_all_stats ||
           std::holds_alternative<compiler::ExpectFreeSpace>(check.expect) ||
           (check.query && check.query->facts.reads.empty() &&
            check.query->sql.text.find("server_version") != std::string::npos);
}

Diagnostic trouble(std::uint16_t code, std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = std::move(message);
    return diagnostic;
}

// One check in an open transaction, which is as before after each mutation.
class Spoiling {
public:
    Spoiling(Session& session, const Check& check, const std::string& root,
             const std::map<std::string, std::string>& conninfo)
        : session_(session), check_(check), root_(root), conninfo_(conninfo) {}

    CheckProof run() {
        CheckProof proof;
        proof.title = check_.title;
        if (is_window_only(check_)) {
            proof.note = "only the window can tell";
            return proof;
        }
        if (!ask("SAVEPOINT cairn_mutant")) return proof;
        if (look() != Seen::passes) {
            proof.tripped_by = "what is there";
            back();
            return proof;
        }
        back();
        const auto mutations = mutations_for(session_, check_);
        const auto end = Clock::now() + patience;
        std::string broken;  // what made the query fail: an answer only for want of a better one
        for (const auto& mutation : mutations) {
            if (process::interrupt_requested()) return proof;
            if (Clock::now() > end) {
                proof.note = "given up after 20s";
                return proof;
            }
            const bool done = spoil(mutation);
            if (done) ++proof.tried;
            const auto seen = done ? look() : Seen::passes;
            back();
            if (seen == Seen::breaks && mutation.of_rows && broken.empty())
                broken = mutation.what + ", and the query fails";
            if (seen != Seen::fails) continue;
            proof.tripped_by = mutation.what;
            return proof;
        }
        if (!broken.empty()) proof.tripped_by = broken;
        return proof;
    }

private:
    bool ask(const std::string& sql) { return session_.query(sql).ok(); }
    void back() { (void)ask("ROLLBACK TO SAVEPOINT cairn_mutant"); }

    bool spoil(const Mutation& mutation) {
        if (carry_out(mutation)) return true;
        back();
        return !mutation.make_way.empty() && ask(mutation.make_way) && carry_out(mutation);
    }

    // Triggers and foreign keys keep out of it.
    bool carry_out(const Mutation& mutation) {
        if (!ask("SET LOCAL session_replication_role = replica")) return false;
        for (const auto& sql : mutation.sql) {
            const auto answer = session_.query(sql);
            if (!answer.ok()) return false;
            const bool rows = answer.tag.starts_with("DELETE") ||
                              answer.tag.starts_with("UPDATE") || answer.tag.starts_with("INSERT");
            if (rows && answer.affected == 0) return false;
        }
        return ask("SET LOCAL session_replication_role = origin");
    }

    enum class Seen { passes, fails, breaks };
    Seen look() {
        execute::OtherDatabases others(conninfo_, "cairn");
        const auto outcomes = execute::run_checks(session_, others, {check_}, true, root_);
        if (outcomes.empty() || outcomes.front().passed) return Seen::passes;
        return outcomes.front().error ? Seen::breaks : Seen::fails;
    }

    Session& session_;
    const Check& check_;
    const std::string& root_;
    const std::map<std::string, std::string>& conninfo_;
};

class Walk {
public:
    explicit Walk(const MutationTest& test) : test_(test), graph_(test.compiled.graph) {}

    std::variant<std::vector<CheckProof>, Diagnostic> run() {
        if (auto error = test_.databases.restore("start")) return std::move(*error);
        for (std::uint32_t at = 0; at < graph_.items.size(); ++at) {
            const auto* checks = checks_of(graph_.items[at]);
            if (checks == nullptr || test_.items[at].state == ItemState::skipped) continue;
            if (auto error = go_before(unit_of(graph_, ItemId{at}))) return std::move(*error);
            if (auto error = look_at(ItemId{at}, *checks)) return std::move(*error);
            if (process::interrupt_requested()) return trouble(713, "interrupted");
        }
        return std::move(proofs_);
    }

private:
    // Everything before the unit is done, and nothing of it.
    std::optional<Diagnostic> go_before(ItemId unit) {
        if (unit.index == 0 || (at_ && *at_ == unit)) return std::nullopt;
        test_.databases.close();
        auto settings = test_.settings();
        settings.until = graph_.items[unit.index - 1].name;
        Relay silent(nullptr);
        run::Result result;
        if (!at_) {
            result = run::apply(test_.compiled, test_.identity, settings, silent);
        } else {
            const auto& home = test_.databases.changed();
            const journal::Place place =
                home.empty() ? journal::Place{"", settings.journal_folder}
                             : journal::Place{home.front(), settings.conninfo.at(home.front())};
            auto found = journal::read_run(place, test_.identity.run);
            if (auto* error = std::get_if<Diagnostic>(&found)) return std::move(*error);
            const auto& record = std::get<std::optional<journal::RunRecord>>(found);
            if (!record) return trouble(635, "the run for --mutate is not in its journal");
            result = run::resume(test_.compiled, *record, settings, silent);
        }
        at_ = unit;
        if (result.exit == run::Exit::done) return std::nullopt;
        return result.error ? *result.error : trouble(635, "the run for --mutate stopped");
    }

    std::optional<Diagnostic> look_at(ItemId id, const std::vector<Check>& checks) {
        const auto& item = graph_.items[id.index];
        if (test_.progress) test_.progress->message("spoiling what `" + item.name + "` looks at");
        const auto& home = test_.databases.changed();
        const auto role = item.database.value_or(
            home.empty() ? graph_.databases.empty() ? "" : graph_.databases.front().name
                         : home.front());
        if (role.empty()) return std::nullopt;
        auto opened = test_.databases.session(role);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
        Session& session = *std::get<Session*>(opened);
        const auto root = test_.settings().root;
        const auto conninfo = test_.databases.conninfo();
        for (const auto& check : checks) {
            if (std::holds_alternative<compiler::ExpectAny>(check.expect)) continue;
            (void)session.query("BEGIN");
            run_group_before(session, id);
            (void)session.query("SET LOCAL row_security = off");
            auto proof = Spoiling(session, check, root, conninfo).run();
            (void)session.query("ROLLBACK");
            proof.item = item.name;
            proofs_.push_back(std::move(proof));
        }
        return std::nullopt;
    }

    // A check inside a `transaction` sees what the items before it in the group have done.
    void run_group_before(Session& session, ItemId id) {
        for (auto at = unit_of(graph_, id).index; at < id.index; ++at) {
            const auto* step = std::get_if<compiler::StepItem>(&graph_.items[at].body);
            if (step == nullptr || test_.items[at].state == ItemState::skipped) continue;
            for (const auto& statement : step->statements) (void)session.query(statement.sql.text);
            (void)session.query("RESET ROLE");
        }
        (void)session.query("SET CONSTRAINTS ALL IMMEDIATE");
    }

    const MutationTest& test_;
    const compiler::StepGraph& graph_;
    std::optional<ItemId> at_;  // the unit before which the walk stands
    std::vector<CheckProof> proofs_;
};

}  // namespace

std::variant<std::vector<CheckProof>, Diagnostic> mutate(const MutationTest& test) {
    return Walk(test).run();
}

}  // namespace cairn::rehearse
