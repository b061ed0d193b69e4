// A step in small: statements run with their rows kept, the commit, and the undo in another transaction.
#pragma once

#include <string>
#include <vector>

#include "runtime/undo/rows/capture.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

inline constexpr const char* ten = "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 10) i";

// The conflicts, a line each.
[[nodiscard]] std::string listed(const undo::RestoreResult&);

class RowsLab {
public:
    // Schema `cairn`, and what `setup` makes; `role`: who runs the steps (made, and owner of schema public), or the superuser.
    explicit RowsLab(const std::string& setup, const std::string& role = {});

    // Runs the statements with capture of these tables, widened as long as the alarm says so, and commits.
    // `images`: tables kept whole. An error fails the test.
    struct Step {
        std::vector<std::string> tables;
        std::vector<std::string> statements;
        std::vector<std::string> images{};
        bool opaque = false;
        bool widen = true;
        std::vector<std::pair<std::string, std::vector<std::string>>> columns{};  // of tables, that are dropped or retyped
    };
    // What it kept, for restore().
    undo::Kept apply(const Step&);
    // The alarm of one try, rolled back.
    undo::Alarm alarm(const Step&);
    // `way_back`: what leads the schema back, before the rows.
    undo::RestoreResult restore(const undo::Kept&, undo::OnConflict = undo::OnConflict::stop, const std::vector<std::string>& way_back = {});
    // The diagnostic of a restore that fails.
    compiler::Diagnostic refused(const undo::Kept&);

    // Every row of every table (ONLY) outside of cairn, and every sequence, as text.
    [[nodiscard]] std::string contents();
    void execute(const std::string& sql) { database_.execute(sql); }
    [[nodiscard]] std::string query(const std::string& sql) { return database_.query(sql); }
    [[nodiscard]] postgres::Session connect();
    [[nodiscard]] std::uint32_t oid(const std::string& table);
    int tries = 0;  // of the last apply

private:
    undo::Captured attempt(postgres::Session&, const undo::CaptureRequest&, const Step&, undo::RowCapture&);
    undo::CaptureRequest request(const Step&);
    Database database_;
    std::string role_;
    int steps_ = 0;
    std::vector<undo::KeptRows> kept_;
};

}  // namespace cairn::cluster
