// Walks over the parts of an item or check that hold placeholders.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "grammar/syntax.hpp"

namespace cairn::compiler {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

// Calls `f` with every grammar::Template of what it is given, in no particular order. Items inside a
// block are not visited: they are items of their own after the loops have turned.
template <class F>
class TemplateWalk {
public:
    explicit TemplateWalk(F f) : f_(std::move(f)) {}

    void operator()(const grammar::Template& t) { f_(t); }
    void operator()(const grammar::Value& v) { f_(v.text); }
    void operator()(const grammar::Setting& s) { (*this)(s.value); }
    template <class T>
    void operator()(const std::optional<T>& o) {
        if (o) (*this)(*o);
    }
    template <class T>
    void operator()(const std::vector<T>& list) {
        for (const T& one : list) (*this)(one);
    }

    void operator()(const grammar::Check& check) {
        (*this)(check.title);
        std::visit(
            Overloaded{[&](const grammar::QueryCompares& c) { (*this)(c.value); },
                       [&](const grammar::QueryAgainstQuery& c) { (*this)(c.database); },
                       [&](const grammar::ObjectCheck& c) { all(c.name, c.on, c.type); },
                       [&](const grammar::RowLevelSecurity& c) { (*this)(c.tables); },
                       [&](const grammar::RowsOf& c) { all(c.table, c.value); },
                       [&](const grammar::Match& c) { all(c.names, c.source); },
                       [&](const grammar::UsesIndex& c) { (*this)(c.index); },
                       [&](const grammar::BackupVerified& c) { all(c.backup, c.within); },
                       [&](const grammar::FreeSpace& c) { all(c.path, c.factor, c.database, c.size); },
                       [&](const grammar::SessionsOf& c) { all(c.role, c.value); },
                       [&](const grammar::NoTransactionsOlder& c) { (*this)(c.than); },
                       [&](const grammar::ServerVersion& c) { (*this)(c.value); },
                       [&](const grammar::LongRunningQueries& c) { all(c.over, c.value); },
                       [](const grammar::QueryReturns&) {}, [](const grammar::Show&) {},
                       [](const grammar::ForeignKeysValid&) {}},
            check.form);
    }

    void operator()(const grammar::Rollback& rollback) {
        if (const auto* none = std::get_if<grammar::RollbackNone>(&rollback)) (*this)(none->reason);
        if (const auto* command = std::get_if<grammar::RollbackCommand>(&rollback)) {
            (*this)(command->argv);
        }
    }
    void operator()(const grammar::Retention& r) { all(r.age, r.at_least); }
    void operator()(const grammar::Selection& s) { all(s.schemas, s.tables, s.except); }
    void operator()(const grammar::Step::Batch& b) { all(b.column, b.by, b.pause); }
    void operator()(const grammar::Backup::Place& p) { all(p.store, p.path, p.keep); }
    void operator()(const grammar::Export::Entry& e) { (*this)(e.name); }

    void operator()(const grammar::Item& item) {
        all(item.name, item.database, item.after);
        std::visit(
            Overloaded{
                [&](const grammar::Step& i) {
                    all(i.file, i.lock_timeout, i.statement_timeout, i.retry, i.changes, i.batch, i.rollback);
                },
                [&](const grammar::Validate& i) { (*this)(i.checks); },
                [&](const grammar::Gate& i) { all(i.checks, i.confirms); },
                [&](const grammar::Watch& i) { all(i.for_time, i.every, i.checks); },
                [&](const grammar::Run& i) {
                    all(i.command, i.timeout, i.output_to, i.rehearse, i.rollback);
                },
                [&](const grammar::Wait& i) { all(i.duration, i.until, i.before_window); },
                [&](const grammar::Notify& i) { all(i.channel, i.message); },
                [&](const grammar::Snapshot& i) { all(i.selection, i.keep_count, i.keep); },
                [&](const grammar::Backup& i) {
                    all(i.places, i.selection, i.compress_level, i.encrypt_to, i.jobs, i.verify_checks,
                        i.engine, i.stanza, i.type);
                },
                [&](const grammar::Restore& i) {
                    all(i.from, i.within, i.selection, i.jobs, i.rollback);
                },
                [&](const grammar::Export& i) { all(i.to, i.compress, i.entries); },
                [&](const grammar::Copy& i) {
                    all(i.from_database, i.from_file, i.to_database, i.into, i.columns,
                        i.conflict_keys, i.conflict_updates, i.rejects_to, i.at_most, i.rollback);
                },
                [&](const grammar::Clone& i) {
                    all(i.from_database, i.to_database, i.selection, i.existing, i.jobs, i.verify,
                        i.rollback);
                },
                [](const grammar::Checkpoint&) {}, [](const grammar::RestorePoint&) {},
                [](const grammar::For&) {}, [](const grammar::Parallel&) {},
                [](const grammar::Transaction&) {}},
            item.body);
    }

private:
    template <class... Parts>
    void all(const Parts&... parts) {
        ((*this)(parts), ...);
    }

    F f_;
};

// The checks of an item of whatever kind; empty for those that have none.
[[nodiscard]] const std::vector<grammar::Check>& checks_of(const grammar::Item&);
// Its rollback clause; nullptr for kinds that have none.
[[nodiscard]] const grammar::Rollback* rollback_of(const grammar::Item&);
// Where a rollback clause stands; empty for none.
[[nodiscard]] grammar::Span span_of(const grammar::Rollback&);

}  // namespace cairn::compiler
