#include "runtime/undo/rows/capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/rows/capture_state.hpp"
#include "runtime/undo/rows/image.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/sequences.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/triggers.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Session;

RowOps both(const RowOps& a, const RowOps& b) {
    return {.inserts = a.inserts || b.inserts, .updates = a.updates || b.updates, .deletes = a.deletes || b.deletes,
            .truncates = a.truncates || b.truncates};
}

bool has_image(const std::vector<CaptureImage>& images, const Table& t) {
    return std::any_of(images.begin(), images.end(),
                       [&](const CaptureImage& i) { return i.columns.empty() && (i.oid == t.oid || i.oid == t.root); });
}

namespace {

Diagnostic may_not_trigger(const Table& t, const std::string& role) {
    return rows_problem(860, fmt::format("role `{}` may not create triggers on `{}`, so the rows that the step changes there can't be kept", role, t.name),
                        fmt::format("GRANT TRIGGER ON {} TO {};", t.name, role));
}

Diagnostic hidden_rows(const Table& t, const std::string& role) {
    return rows_problem(861, fmt::format("row level security hides rows of `{}` from role `{}`, and the step takes those as well: they can't be kept", t.name, role),
                        fmt::format("ALTER ROLE {} BYPASSRLS;", role));
}

Diagnostic foreign_table(const Table& t) {
    return no_way_back(fmt::format("`{}` is a foreign table: rows that change on another server can't be kept", t.name));
}

std::vector<Diagnostic> obstacles(const Tables& tables, const std::vector<CaptureTable>& wide, const std::vector<CaptureImage>& images,
                                  const std::string& role) {
    std::vector<Diagnostic> found;
    for (const auto& w : wide) {
        const auto t = tables.find(w.oid);
        if (t == tables.end() || has_image(images, t->second)) continue;
        const bool unseen = w.ops.truncates && t->second.hides_rows;
        if (t->second.kind == 'f') found.push_back(foreign_table(t->second));
        else if (!t->second.may_trigger) found.push_back(may_not_trigger(t->second, role));
        else if (unseen && !t->second.is_owned) found.push_back(hidden_rows(t->second, role));
    }
    for (const auto& i : images) {
        const auto t = tables.find(i.oid);
        if (t != tables.end() && t->second.hides_rows && !t->second.is_owned) found.push_back(hidden_rows(t->second, role));
    }
    return found;
}

std::variant<std::string, Diagnostic> role_of(Session& session) {
    const auto a = session.query("SELECT pg_catalog.quote_ident(current_user)");
    if (!a.ok()) return server_refused(a, 862, "asking for the role");
    return *a.rows[0][0];
}

}  // namespace

void RowCapture::State::make_units() {
    std::map<std::uint32_t, Unit> by_root;
    for (const auto& w : wide) {
        const auto found = tables.find(w.oid);
        if (found == tables.end()) continue;
        const Table& t = found->second;
        if (has_image(request.images, t)) continue;
        Unit& unit = by_root[t.root];
        unit.ops = unit.members.empty() ? w.ops : both(unit.ops, w.ops);
        unit.members.push_back(&t);
    }
    for (auto& [root, unit] : by_root) {
        const Table& t = tables.at(root);
        unit.index = static_cast<int>(units.size());
        unit.prefix = request.prefix;
        unit.rows = keeping(t);
        unit.rows.kept_table = name("kept", units.size());
        unit.function = name("keep", units.size());
        unit.by_row = t.has_heirs || t.is_heir;
        unit.is_tree = t.kind == 'p';
        unit.watches_layout = request.opaque;
        unit.may_create = !before.has_event_triggers && !request.within_definitions;
        if (request.within_definitions) unit.numbers = numbers();
        units.push_back(std::move(unit));
    }
}

// TRUNCATE takes rows that a trigger's function, bound by the policies, can't read: these are kept whole, and beforehand.
void RowCapture::State::keep_hidden_whole() {
    for (const auto& w : wide) {
        const auto t = tables.find(w.oid);
        if (t == tables.end() || !w.ops.truncates || !t->second.hides_rows || has_image(request.images, t->second)) continue;
        std::erase_if(request.images, [&](const CaptureImage& i) { return i.oid == t->second.root; });
        request.images.push_back({.oid = t->second.root, .columns = {}});
    }
}

// Without a key, old and new rows are kept. Where these are all that the table holds, copies of it before and behind the statement cost less
// than what transition tables hold and hand on.
void RowCapture::State::keep_every_row_whole() {
    for (const auto& w : request.tables) {
        const auto found = tables.find(w.oid);
        if (!w.every_row || found == tables.end()) continue;
        const Table& t = found->second;
        const bool is_plain = t.kind == 'r' && t.root == t.oid && !t.has_heirs && !t.is_heir;
        if (!is_plain || !t.key.empty() || t.has_code || t.hides_rows || has_image(request.images, t)) continue;
        every_row.insert(t.oid);
        request.images.push_back({.oid = t.oid, .columns = {}});
    }
}

// A partition's image is part of its root's, where that is kept too.
void RowCapture::State::make_images() {
    for (const auto& i : request.images) {
        const auto t = tables.find(i.oid);
        if (t == tables.end() || (t->second.kind != 'r' && t->second.kind != 'p')) continue;
        const bool in_root = t->second.root != i.oid && std::any_of(request.images.begin(), request.images.end(), [&](const CaptureImage& other) {
            return other.oid == t->second.root && (other.columns.empty() || !i.columns.empty());
        });
        if (in_root) continue;
        KeptRows rows;
        rows.oid = i.oid;
        rows.restored = i.columns;
        rows.kept_table = name("kept", units.size() + images.size());
        images.push_back(std::move(rows));
    }
}

std::vector<std::uint32_t> RowCapture::State::members() const {
    std::vector<std::uint32_t> oids;
    for (const auto& u : units) {
        for (const Table* t : u.members) oids.push_back(t->oid);
    }
    return oids;
}

std::string RowCapture::State::reading(std::uint32_t table, const std::string& statement) const {
    const std::string read = run_pinned(runner, statement);
    const auto t = tables.find(table);
    if (t == tables.end() || !t->second.hides_rows || !t->second.is_owned) return read;
    return fmt::format("ALTER TABLE ONLY {0} NO FORCE ROW LEVEL SECURITY;\n{1}ALTER TABLE ONLY {0} FORCE ROW LEVEL SECURITY;\n", t->second.name, read);
}

std::optional<Diagnostic> RowCapture::State::run(Session& session, const std::string& script, const std::string& doing) const {
    if (script.empty()) return std::nullopt;
    const auto a = session.script(fmt::format("SET LOCAL client_min_messages = warning;\n{};\nSET LOCAL client_min_messages = '{}'", journal::in_silence(script),
                                              before.client_min_messages));
    if (!a.ok()) return server_refused(a, 862, doing);
    return std::nullopt;
}

// Before the look for others' writes, and before images: nobody writes between them and the step's own statements.
std::optional<Diagnostic> RowCapture::State::lock(Session& session) const {
    std::set<std::string> names;
    for (const auto& i : images) names.insert(tables.at(i.oid).name);
    for (const auto& e : standing) {
        if (const auto t = tables.find(e.rows.oid); t != tables.end()) names.insert(t->second.name);
    }
    if (names.empty()) return std::nullopt;
    const auto a = session.query(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", joined(names, ", ", [](const std::string& n) { return n; })));
    if (!a.ok()) return server_refused(a, 862, "locking the tables whose rows are kept");
    return std::nullopt;
}

// Rows that are put in hide nobody's writes to those that are there.
bool RowCapture::State::only_grows(std::uint32_t table) const {
    const auto of = std::find_if(wide.begin(), wide.end(), [&](const CaptureTable& w) { return w.oid == table; });
    const auto is_image = [&](const CaptureImage& i) { return i.oid == table; };
    return of != wide.end() && of->ops == RowOps{true, false, false, false} && std::none_of(request.images.begin(), request.images.end(), is_image) &&
           std::find(request.rewritten.begin(), request.rewritten.end(), table) == request.rewritten.end();
}

// Of everything that may be written: what foreign keys and partitions reach too.
std::optional<Diagnostic> RowCapture::State::mark_standing(Session& session) {
    if (request.earlier && !tables.empty()) {
        std::set<std::uint32_t> oids;
        for (const auto& [oid, t] : tables) {
            if (!only_grows(oid)) oids.insert({oid, t.root});
        }
        auto read = request.earlier(oids);
        if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
        standing = std::get<0>(std::move(read));
    }
    if (auto d = lock(session)) return d;
    if (standing.empty()) return std::nullopt;
    auto done = mark_later_writes(session, standing, tables);
    if (auto* d = std::get_if<Diagnostic>(&done)) return *d;
    marked = std::get<bool>(done);
    return std::nullopt;
}

RowCapture::RowCapture() : state_(std::make_unique<State>()) {}
RowCapture::RowCapture(RowCapture&&) noexcept = default;
RowCapture& RowCapture::operator=(RowCapture&&) noexcept = default;
RowCapture::~RowCapture() = default;
const std::vector<CaptureTable>& RowCapture::widened() const { return state_->wide; }

std::optional<Diagnostic> RowCapture::begin(Session& session, const CaptureRequest& request) {
    State& s = *state_;
    s.request = request;
    s.runner = fmt::format("cairn.\"keep_{}\"", request.prefix);
    auto seen = look(session);
    if (auto* d = std::get_if<Diagnostic>(&seen)) return *d;
    s.before = std::get<View>(seen);

    auto wide = widen(session, request.tables);
    if (auto* d = std::get_if<Diagnostic>(&wide)) return *d;
    s.wide = std::get<std::vector<CaptureTable>>(wide);
    std::vector<std::uint32_t> oids = request.rewritten;
    for (const auto& w : s.wide) oids.push_back(w.oid);
    for (const auto& i : request.images) oids.push_back(i.oid);
    if (!oids.empty()) {
        auto read = read_tables(session, oids);
        if (auto* d = std::get_if<Diagnostic>(&read)) return *d;
        s.tables = std::get<Tables>(std::move(read));
    }
    if (!obstacles(s.tables, s.wide, request.images, "").empty()) {
        const auto role = role_of(session);
        if (const auto* d = std::get_if<Diagnostic>(&role)) return *d;
        return obstacles(s.tables, s.wide, request.images, std::get<std::string>(role)).front();
    }
    std::vector<std::uint32_t> losing;
    for (const auto& i : request.images) {
        if (!i.columns.empty()) losing.push_back(i.oid);
    }
    if (auto d = values_elsewhere(session, losing)) return d;
    s.keep_hidden_whole();
    s.keep_every_row_whole();
    s.make_units();
    s.make_images();

    s.watches_files = !request.nothing_else && (
        request.opaque || std::any_of(s.units.begin(), s.units.end(), [](const Unit& u) {
            return std::any_of(u.members.begin(), u.members.end(),
                               [](const Table* t) { return t->has_code; });
        }));
    const bool all = request.opaque || request.moves_sequences;
    if ((s.watches_files || all) && request.of_tries != nullptr && request.of_tries->first.empty()) {
        if (auto d = write_down_movable(session, all, request.of_tries->first)) return d;
    }
    std::vector<std::uint32_t> feeding = s.members(), moved = request.sequences;
    for (const auto& i : s.images) {
        if (i.restored.empty()) feeding.push_back(i.oid);
    }
    for (const auto& [oid, relation] : s.before.relations) {
        if (relation.kind == 'S' && !relation.is_new) moved.push_back(oid);
    }
    auto sequences = read_sequences(session, feeding, moved);
    if (auto* d = std::get_if<Diagnostic>(&sequences)) return *d;
    s.sequences = std::get<std::vector<KeptSequence>>(std::move(sequences));
    if (request.of_tries != nullptr) as_at_first(s.sequences, *request.of_tries);

    if (auto d = s.mark_standing(session)) return d;

    // Where nothing has to be kept beforehand the counters alone are watched.
    if (!s.units.empty() || !s.images.empty()) {
        std::string ddl = s.request.within_definitions ? fmt::format("CREATE SEQUENCE {};\n", s.numbers()) : "";
        ddl += runner_ddl(s.runner) + "SELECT pg_catalog.set_config('cairn.seq', '0', true);\n";
        // A rewrite reads a table from its first page on: end_of_image() counts on the order.
        if (!s.images.empty()) ddl += "SET LOCAL synchronize_seqscans = off;\n";
        for (const auto& u : s.units) ddl += set_up(u);
        for (auto& i : s.images) {
            const auto columns = i.restored;
            ddl += s.reading(i.oid, image_of(s.tables.at(i.oid), columns, i));
        }
        s.is_on = true;
        if (auto d = s.run(session, ddl, "setting up the capture of rows")) return d;
    }

    if (s.watches_files) {
        auto files = read_files(session);
        if (auto* d = std::get_if<Diagnostic>(&files)) return *d;
        s.files = std::get<0>(std::move(files));
        auto marks = read_trigger_marks(session, s.members());
        if (auto* d = std::get_if<Diagnostic>(&marks)) return *d;
        s.marks = std::get<0>(std::move(marks));
    }
    return std::nullopt;
}

std::variant<std::vector<Diagnostic>, Diagnostic> can_capture(Session& session, const std::vector<CaptureTable>& asked) {
    if (asked.empty()) return std::vector<Diagnostic>{};
    auto wide = widen(session, asked);
    if (auto* d = std::get_if<Diagnostic>(&wide)) return *d;
    std::vector<std::uint32_t> oids;
    for (const auto& w : std::get<0>(wide)) oids.push_back(w.oid);
    auto tables = read_tables(session, oids);
    if (auto* d = std::get_if<Diagnostic>(&tables)) return *d;
    const auto role = role_of(session);
    if (const auto* d = std::get_if<Diagnostic>(&role)) return *d;
    return obstacles(std::get<Tables>(tables), std::get<0>(wide), {}, std::get<std::string>(role));
}

}  // namespace cairn::undo
