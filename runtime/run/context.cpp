#include "runtime/run/context.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <random>

#include "runtime/journal/folder_journal.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/postgres/connect.hpp"
#include "runtime/process/interrupt.hpp"

namespace cairn::run {

using postgres::Session;
using std::chrono::milliseconds;

Diagnostic problem(std::uint16_t code, std::string message, std::string help, std::optional<compiler::Location> where) {
    Diagnostic d;
    d.code = code;
    d.message = std::move(message);
    d.help = std::move(help);
    d.where = where;
    return d;
}

Diagnostic interrupted() { return problem(713, "interrupted", "cairn resume"); }

bool pause(milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!process::interrupt_requested()) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return true;
        pollfd fd{process::interrupt_fd(), POLLIN, 0};
        poll(&fd, process::interrupt_fd() >= 0 ? 1 : 0, static_cast<int>(std::min<std::int64_t>(left.count() + 1, 60'000)));
    }
    return false;
}

bool pause_until(process::Moment end) {
    for (;;) {
        const milliseconds left = end - process::now();
        if (left.count() <= 0) return !process::interrupt_requested();
        if (!pause(std::min(left, process::between_looks_at_clock()))) return false;
    }
}

Context::Context(const compiler::Compiled& compiled, const Settings& settings, Observer& observer, std::string run, std::string home)
    : compiled_(&compiled), settings_(&settings), observer_(&observer), run_(std::move(run)), home_(std::move(home)) {}

Context::Context(Context& holder)
    : compiled_(holder.compiled_), settings_(holder.settings_), observer_(holder.observer_), run_(holder.run_), home_(holder.home_), holder_(&holder) {}

Context::~Context() {
    if (sentinel_) sentinel_->leave(watched_as_);
}

std::string Context::journal_folder() const {
    const std::string& folder = settings_->journal_folder;
    const bool relative = folder.empty() || folder.front() != '/';
    return relative && !settings_->root.empty() ? settings_->root + "/" + folder : folder;
}

std::variant<Session*, Diagnostic> Context::session(const std::string& role) {
    if (auto known = sessions_.find(role); known != sessions_.end()) return &known->second;
    const auto address = settings_->conninfo.find(role);
    if (address == settings_->conninfo.end())
        return problem(701, fmt::format("nobody said where database `{}` is", role), fmt::format("--db {}=CONNINFO", role));
    auto connected = postgres::connect(role, address->second, "cairn " + run_);
    if (auto* error = std::get_if<Diagnostic>(&connected)) return *error;
    return &sessions_.emplace(role, std::move(std::get<Session>(connected))).first->second;
}

std::variant<Session*, Diagnostic> Context::outside(const std::string& role) {
    if (auto known = outside_.find(role); known != outside_.end()) {
        if (known->second.alive()) return &known->second;
        outside_.erase(known);
    }
    auto connected = postgres::connect(role, settings_->conninfo.at(role), "cairn " + run_);
    if (auto* error = std::get_if<Diagnostic>(&connected)) return *error;
    auto& session = outside_.emplace(role, std::move(std::get<Session>(connected))).first->second;
    if (session.pooled()) return &session;  // a setting would be left to the pooler's others
    // Compiling a catalog query takes a hundred times as long as running it.
    if (const auto a = session.query("SET jit = off"); !a.ok()) return problem(709, "the connection was lost: " + a.error.message);
    return &session;
}

bool Context::moves_tables() {
    const auto moves = [](const compiler::Statement& s) {
        return s.facts.kind == "DROP TABLE" || std::any_of(s.facts.inverse.begin(), s.facts.inverse.end(), [](const auto& inverse) {
                   return inverse.object.kind == "relation" && inverse.sql.find(" RENAME TO ") != std::string::npos;
               });
    };
    if (!moves_tables_) {
        moves_tables_ = std::any_of(graph().items.begin(), graph().items.end(), [&](const compiler::Item& item) {
            const auto* step = std::get_if<compiler::StepItem>(&item.body);
            return step != nullptr && std::any_of(step->statements.begin(), step->statements.end(), moves);
        });
    }
    return *moves_tables_;
}

bool Context::has_event_triggers() {
    if (has_event_triggers_) return *has_event_triggers_;
    const auto makes = [](const compiler::Item& item) {
        const auto* step = std::get_if<compiler::StepItem>(&item.body);
        return step != nullptr && std::any_of(step->statements.begin(), step->statements.end(), [](const compiler::Statement& s) {
                   return s.facts.kind == "CREATE EVENT TRIGGER" || s.facts.kind == "ALTER EVENT TRIGGER";
               });
    };
    if (std::any_of(graph().items.begin(), graph().items.end(), makes)) return *(has_event_triggers_ = true);
    auto opened = session(home_);
    if (std::holds_alternative<Diagnostic>(opened)) return true;  // which whoever needs the session will say
    const auto a = std::get<Session*>(opened)->query("SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled IN ('O', 'A'))");
    if (!a.ok()) return true;
    return *(has_event_triggers_ = a.rows[0][0] == "t");
}

std::optional<Diagnostic> Context::reconnect(const std::string& role) {
    auto connected = postgres::connect(role, settings_->conninfo.at(role), "cairn " + run_);
    if (auto* error = std::get_if<Diagnostic>(&connected)) return *error;
    auto& session = sessions_.insert_or_assign(role, std::move(std::get<Session>(connected))).first->second;
    if (role != home_ || database_journal_ == nullptr) return std::nullopt;
    in_force_.known = false;
    if (auto error = fence_again(session)) return error;
    if (sentinel_) sentinel_->moved_to(watched_as_, session.backend_pid());
    return std::nullopt;
}

// A new token would keep the other sessions under the lease from committing.
std::optional<Diagnostic> Context::fence_again(Session& session) {
    if (holder_ == nullptr) {
        if (auto error = database_journal_->reconnected(session)) return error;
        if (sentinel_) sentinel_->guard(database_journal_->token().value);
        return std::nullopt;
    }
    auto joined = database_journal_->work_beside_again(session, backend_);
    if (auto* error = std::get_if<Diagnostic>(&joined)) return *error;
    backend_ = std::get<journal::Backend>(joined);
    return std::nullopt;
}

std::optional<Diagnostic> Context::reconnect_patiently(const std::string& role, int tries) {
    for (int attempt = 1;; ++attempt) {
        auto error = reconnect(role);
        const bool may_pass = error && (error->code == 701 || error->code == 709);
        if (!may_pass || attempt >= tries) return error;
        const auto wait = backoff(attempt);
        observer_->message(fmt::format("{}; trying again in {} ms", error->message, wait.count()));
        if (!pause(wait)) return interrupted();
    }
}

std::optional<Diagnostic> Context::open_journal(bool create, bool& ready) {
    if (home_.empty()) {
        journal_ = std::make_shared<journal::FolderJournal>(journal_folder());
        ready = true;
        return std::nullopt;
    }
    auto opened = session(home_);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    Session& home = *std::get<Session*>(opened);
    if (auto error = wants_own_session(home)) return error;
    auto seen = journal::look_for_schema(home);
    if (auto* error = std::get_if<Diagnostic>(&seen)) return *error;
    ready = std::get<journal::Presence>(seen) == journal::Presence::ready;
    if (!ready && create) {
        if (auto error = journal::ensure_schema(home, settings_->yes)) return error;
        ready = true;
    }
    if (!ready) return std::nullopt;
    if (create) {
        const auto fire = journal::unsilenced(home);
        if (const auto* failed = std::get_if<postgres::Answer>(&fire)) return journal::journal_error(*failed, "looking at event triggers");
        if (const auto& said = std::get<std::string>(fire); !said.empty()) observer_->message(said);
    }
    keep_journal_in(home);
    return std::nullopt;
}

bool Context::is_pooled() const {
    const auto home = sessions_.find(home_);
    return home != sessions_.end() && home->second.pooled();
}

void Context::keep_journal_in(Session& home) {
    auto owned = std::make_shared<journal::DatabaseJournal>(home);
    database_journal_ = owned.get();
    journal_ = std::move(owned);
}

// What runs outside a transaction needs its settings to last, and its backend to be found again after a crash.
std::optional<Diagnostic> Context::wants_own_session(const Session& home) const {
    if (!home.pooled()) return std::nullopt;
    std::string names;
    std::optional<compiler::Location> first;
    for (const auto& one : graph().items) {
        const auto* step = std::get_if<compiler::StepItem>(&one.body);
        if (step == nullptr || step->transactional || one.database != home_) continue;
        names += fmt::format("{}`{}`", names.empty() ? "" : ", ", one.name);
        if (!first) first = one.where;
    }
    if (names.empty()) return std::nullopt;
    return problem(727, fmt::format("`{}` is reached through a pooler, and {} would run outside a transaction, which takes a session of its own", home_, names),
                   fmt::format("give `{}` the server's own address", home_), first);
}

std::optional<Diagnostic> Context::take_lease() {
    if (auto error = journal_->take_lease({.run = run_, .plan = graph().plan, .length = settings_->lease})) return error;
    if (database_journal_ == nullptr) return std::nullopt;
    sentinel_ = std::make_shared<postgres::Sentinel>(postgres::Sentinel::Options{.conninfo = settings_->conninfo.at(home_), .lease = settings_->lease});
    sentinel_->guard(database_journal_->token().value);
    join_sentinel();
    return std::nullopt;
}

std::optional<Diagnostic> Context::work_beside() {
    if (home_.empty()) {
        journal_ = holder_->journal_;  // each entry is one write
        return std::nullopt;
    }
    auto opened = session(home_);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    keep_journal_in(*std::get<Session*>(opened));
    auto joined = database_journal_->work_beside(*holder_->database_journal_);
    if (auto* error = std::get_if<Diagnostic>(&joined)) return *error;
    backend_ = std::get<journal::Backend>(joined);
    sentinel_ = holder_->sentinel_;
    join_sentinel();
    return std::nullopt;
}

// What it tells may still be under way when the context has gone.
void Context::join_sentinel() {
    auto tell = [at_now = at_, observer = observer_](const std::vector<postgres::BlockerSeen>& seen) {
        std::vector<Blocker> blockers;
        for (const auto& b : seen)
            blockers.push_back({.pid = b.pid, .user = b.user, .application = b.application, .state = b.state, .query = b.query, .since = b.since});
        const std::int64_t at = *at_now;
        if (at >= 0) observer->blocked(ItemId{static_cast<std::uint32_t>(at)}, blockers);
    };
    watched_as_ = sentinel_->watch(sessions_.at(home_).backend_pid(), std::move(tell));
}

void Context::working_on(std::optional<ItemId> id) {
    if (sentinel_) sentinel_->working_on(watched_as_, id ? item(*id).name : "");
    *at_ = id ? static_cast<std::int64_t>(id->index) : -1;
}

Diagnostic Context::with_aim(Diagnostic error) const {
    if (rolling_back_to_.empty()) return error;
    const std::string command = "cairn rollback " + run_, aim = " --to " + rolling_back_to_;
    for (auto at = error.help.find(command); at != std::string::npos; at = error.help.find(command, at + command.size()))
        error.help.insert(at + command.size(), aim);
    return error;
}

milliseconds Context::backoff(int attempt) const {
    static thread_local std::minstd_rand random(std::random_device{}());
    const double factor = std::min(30.0, static_cast<double>(1ULL << std::min(attempt - 1, 10)));
    const double jitter = std::uniform_real_distribution(0.75, 1.25)(random);
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(settings_->backoff.count()) * factor * jitter));
}

}  // namespace cairn::run
