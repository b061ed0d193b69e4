// Undoes one stretch of a step: see give_back(). Each part says whether to go on; what stands in the way is in `out_`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/give_back.hpp"
#include "runtime/undo/other_runs.hpp"
#include "runtime/undo/remade.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/switches.hpp"
#include "runtime/undo/rows_of_code.hpp"

namespace cairn::undo {

class GivingBack {
public:
    GivingBack(postgres::Session& session, journal::DatabaseJournal& journal, const Entry& entry, OnConflict how, const std::vector<KeptRows>& elsewhere)
        : session_(session), journal_(journal), entry_(entry), kept_(entry.kept), elsewhere_(elsewhere), how_(how),
          other_runs_(session, journal, entry.kept) {}

    GivenBack run();

private:
    bool refused(const postgres::Answer& answer, std::string sql);
    bool conflict(compiler::Diagnostic found);
    bool conflict(std::string message, std::string help) { return conflict(run::problem(821, std::move(message), std::move(help))); }
    bool settle();
    bool find_elsewhere();
    bool look_at_columns();
    bool schema();
    bool note_remade_constraints(const std::vector<LeftAway::Constraint>& all);
    bool schema_again() { return watch_code(entry_.after_rows) && send(entry_.after_rows) && take_back_rows_of_code(); }
    bool watch_code(const std::vector<std::string>& statements);
    bool rows();
    bool calling_last(const std::set<std::uint32_t>& calling, const std::string& own);
    bool note_given(const RestoreResult& restored);
    bool take_back_rows_of_code();
    bool mark_earlier();
    std::string or_leave(const std::string& again) const;
    bool accept(const RestoreResult& result, const char* when);

    // left_as_it_was.cpp
    bool as_it_was_left();
    bool nothing_made_anew(std::set<catalog::ObjectId> expected);
    bool nothing_new(const catalog::Definitions& current);
    bool nothing_of_others();
    bool rows_still_there();
    bool still_fits(const ConvertedColumn& converted);
    bool look(sql::ObjectName object, const std::string& computed = {});

    // definitions_back.cpp
    bool send(const std::vector<std::string>& statements);
    void say_filled(const std::string& sql);
    postgres::Answer add_constraint(const std::string& sql);
    bool broken_by_others(const postgres::Answer& a, const std::string& sql);
    std::string or_unproved(const postgres::Answer& a, const std::string& sql) const;
    bool look_in(const std::string& path);
    // Functions run while rows are checked, and columns and indexes computed again, and their bodies name things as the
    // database's users do.
    bool look_in_users_path() { return look_in(path_.empty() ? "pg_catalog" : "pg_catalog, " + path_); }

    // remade.cpp
    catalog::ObjectId now(const catalog::ObjectId& id);
    bool note_remade();
    void say_of_columns(const Remade& remade, const catalog::Object& made);
    void note_columns(const Remade& remade, const catalog::Object& made, std::vector<postgres::Command>& commands);

    postgres::Session& session_;
    journal::DatabaseJournal& journal_;
    const Entry& entry_;
    Kept kept_;
    std::vector<KeptRows> elsewhere_;
    OnConflict how_;
    std::string path_;
    std::map<std::string, std::string> remade_;
    OtherRuns other_runs_;
    RowsOfCode of_code_;
    GivenBack out_;
};

}  // namespace cairn::undo
