#include "runtime/adopt/adopt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/compile.hpp"
#include "runtime/adopt/names.hpp"
#include "runtime/adopt/plan.hpp"
#include "runtime/adopt/statements.hpp"
#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

using compiler::Severity;

constexpr std::uint16_t no_way_back = 801;

// Languages in which tools take migrations that are no SQL.
constexpr std::array languages{
    std::string_view(".go"),     std::string_view(".java"), std::string_view(".kt"),
    std::string_view(".class"),  std::string_view(".py"),   std::string_view(".rb"),
    std::string_view(".js"),     std::string_view(".ts"),   std::string_view(".mjs"),
    std::string_view(".php"),    std::string_view(".rs"),   std::string_view(".sh"),
    std::string_view(".groovy"), std::string_view(".xml"),  std::string_view(".yaml"),
    std::string_view(".yml"),    std::string_view(".json"), std::string_view(".exs"),
    std::string_view(".cs"),     std::string_view(".gz"),   std::string_view(".psql"),
    std::string_view(".pgsql"),  std::string_view(".ddl")};

// `0003_x.go`, `V3__x.java`, `2024…/up.rs`: named as migrations are.
bool is_named_as_migration(const File& file) {
    const std::string_view name = file.name();
    const std::string stem = lower(name.substr(0, name.find('.')));
    if (stem == "up" || stem == "down") return true;
    if (leading_digits(name).size() >= 1 && leading_digits(name).size() < name.find('.'))
        return true;
    const bool flyway = name.size() > 3 && (name[0] == 'V' || name[0] == 'R' || name[0] == 'U') &&
                        name.find("__") != std::string_view::npos;
    return flyway;
}

class Adopter {
public:
    Adopter(const Folder& folder, const Options& options, Diagnostics& diagnostics)
        : folder_(folder), options_(options), diagnostics_(diagnostics) {}

    Adoption adopt() {
        const Tool* tool = find_tool(folder_, options_, diagnostics_);
        if (tool == nullptr) return std::move(out_);
        out_.tool = tool->name;
        Reading reading = tool->read(folder_, options_, diagnostics_);
        report_others(reading.used, tool->shown);
        tell_of_control_ = tool != &sqitch;  // whose every script has them
        for (const Migration& migration : reading.migrations) {
            // Of a file that can't be read that much is told already.
            const File* file = folder_.find(migration.up.path);
            if (file == nullptr || file->usable) take(migration);
        }
        if (reading.migrations.empty() && !diagnostics_.has_errors()) {
            diagnostics_.add({.code = 901,
                              .message = fmt::format("`{}` holds no migrations of {}",
                                                     folder_.shown(), tool->shown)});
        }
        if (!diagnostics_.has_errors()) write(tool->shown);
        return std::move(out_);
    }

private:
    void report_others(const std::set<std::string>& used, std::string_view tool) {
        for (const File& file : folder_.files()) {
            if (used.contains(file.path)) continue;
            const std::size_t dot = file.name().rfind('.');
            const std::string end =
                dot == std::string_view::npos ? "" : lower(file.name().substr(dot));
            const bool other =
                std::find(languages.begin(), languages.end(), end) != languages.end();
            if (other && is_named_as_migration(file)) {
                diagnostics_.add(
                    {.code = 907,
                     .where = Folder::whole(file),
                     .message = fmt::format("`{}` is named as a migration and is no SQL: without "
                                            "it the plan would not be whole",
                                            file.path),
                     .help = "--leave-out " + file.path});
            } else {
                diagnostics_.add(
                    {.severity = Severity::warning,
                     .code = 906,
                     .where = Folder::whole(file),
                     .message =
                         file.is_sql()
                             ? fmt::format("`{}` is no migration of {}: it is left out", file.path,
                                           tool)
                             : fmt::format("`{}` is no migration: it is left out", file.path)});
            }
        }
    }

    void take(const Migration& migration) {
        const std::string name = as_name(migration.version, migration.title);
        Adopted adopted{.path = migration.up.path,
                        .note = {},
                        .steps = {},
                        .checkpoints = {},
                        .validation = {},
                        .checks = {}};
        Cut pieces = cut(migration.up, options_, tell_of_control_, diagnostics_);
        if (pieces.pieces.empty() && !pieces.broken) {
            adopted.note = "holds no statement";
            diagnostics_.add(
                {.severity = Severity::warning,
                 .code = 905,
                 .where = migration.where,
                 .message = fmt::format("`{}` holds no statement: no step is made of it",
                                        migration.up.path)});
        }
        for (std::size_t i = 0; i < pieces.pieces.size(); ++i) {
            const bool several = pieces.pieces.size() > 1;
            adopted.steps.push_back(
                {.name = names_.take(several ? fmt::format("{}_{}", name, i + 1) : name),
                 .piece = std::move(pieces.pieces[i]),
                 .rollback = std::nullopt});
        }
        if (pieces.broken) adopted.steps.clear();
        if (options_.hand_written_rollback && !adopted.steps.empty()) take_down(migration, adopted);
        if (migration.verify) take_verify(*migration.verify, name, adopted);
        for (const std::string& tag : migration.tags)
            adopted.checkpoints.push_back(names_.take(as_name(tag)));
        Adoption::Item item{.version = migration.version,
                            .title = migration.title,
                            .path = migration.up.path,
                            .steps = {}};
        for (const Step& step : adopted.steps) item.steps.push_back(step.name);
        out_.migrations.push_back(std::move(item));
        adopted_.push_back(std::move(adopted));
    }

    // A way back leads from the whole migration: where that is several steps, or the way back
    // itself would be, it has no place.
    void take_down(const Migration& migration, Adopted& adopted) {
        if (!migration.down) return no_down(migration.where, "has no hand-written rollback");
        const Location& where = migration.down->where;
        // The way up is adopted whether or not the way down is any good.
        Diagnostics own;
        Cut pieces = cut(*migration.down, options_, tell_of_control_, own);
        for (const Diagnostic& d : own.list()) {
            if (d.severity != Severity::error) continue;
            return no_down(d.where.value_or(where),
                           fmt::format("has a hand-written rollback that can't be taken over ({})",
                                       d.message));
        }
        if (pieces.pieces.empty())
            return no_down(where, "has a hand-written rollback without a statement");
        if (adopted.steps.size() > 1)
            return no_down(
                where,
                "becomes several steps, which one hand-written rollback can't undo one by one");
        if (pieces.pieces.size() > 1)
            return no_down(where, "has a hand-written rollback that would be several steps");
        adopted.steps.front().rollback = std::move(pieces.pieces.front().sql);
    }

    void no_down(const Location& where, const std::string& what) {
        diagnostics_.add(
            {.severity = Severity::warning,
             .code = 925,
             .where = where,
             .message = fmt::format("this migration {}: its rollback is generated", what)});
    }

    // What the queries behind it name would be looked for in other places, or by another role.
    static bool names_mean_others(const std::string& script, const Found& setting) {
        const std::string text = lower(std::string_view(script).substr(setting.begin, setting.end - setting.begin));
        return text.find("search_path") != std::string::npos ||
               text.find("schema") != std::string::npos || text.find("role") != std::string::npos;
    }

    // The queries of a verify script, run for their errors.
    void take_verify(const Script& script, const std::string& name, Adopted& adopted) {
        Diagnostics own;
        const Foreign foreign = take_out_foreign(script.sql, false, options_.values, own);
        const Statements found = find_statements(foreign, script.path, own);
        if (own.has_errors()) {
            for (const Diagnostic& d : own.list()) diagnostics_.add(d);
            return;
        }
        for (const Found& one : found.list) {
            if (one.facts.transaction_control) continue;
            if (one.facts.is_setting && names_mean_others(foreign.sql.text, one)) {
                adopted.checks.clear();
                diagnostics_.add(
                    {.severity = Severity::warning,
                     .code = 923,
                     .where = foreign.sql.locate(one.begin, one.begin + 1),
                     .message = "this verify script says where its names are looked up, which a "
                                "validation can't: it is left out"});
                return;
            }
            if (one.facts.is_query) {
                adopted.checks.push_back(foreign.sql.slice(one.begin, one.end));
            } else {
                diagnostics_.add({.severity = Severity::warning,
                                  .code = 923,
                                  .where = foreign.sql.locate(one.begin, one.begin + 1),
                                  .message = fmt::format(
                                      "{} in a verify script is left out: a validation only reads",
                                      one.facts.kind)});
            }
        }
        if (!adopted.checks.empty()) adopted.validation = names_.take("verify_" + name);
    }

    void write(std::string_view tool) {
        std::vector<Diagnostic> errors = compile(tool);
        // What has no way back is told, and said in the plan, rather than in the way of all the
        // others.
        bool given_up = false;
        for (const Diagnostic& d : errors) {
            Step* step = d.code == no_way_back && d.where ? step_at(*d.where) : nullptr;
            if (step == nullptr) continue;
            given_up = true;
            if (!step->no_rollback.empty()) continue;
            step->no_rollback = d.message;
            diagnostics_.add({.severity = Severity::warning,
                              .code = 926,
                              .where = d.where,
                              .message = d.message + ": the step says `rollback none`"});
        }
        if (given_up) errors = compile(tool);
        for (Diagnostic& d : errors) diagnostics_.add(std::move(d));
    }

    // The step whose SQL a place of a migration has become.
    [[nodiscard]] Step* step_at(const Location& where) {
        for (Adopted& adopted : adopted_) {
            for (Step& step : adopted.steps) {
                for (const auto& segment : step.piece.sql.segments) {
                    const auto& from = segment.from;
                    if (from.source == where.source && from.span.begin <= where.span.begin &&
                        where.span.begin < from.span.end)
                        return &step;
                }
            }
        }
        return nullptr;
    }

    // Writes the plan and compiles it; its errors, at the places in the migrations.
    std::vector<Diagnostic> compile(std::string_view tool) {
        const sql::MappedSql plan = write_plan(adopted_, folder_.shown(), tool, options_);
        const compiler::Loader loader =
            [this](const std::string& path) -> std::variant<std::string, compiler::LoadError> {
            const File* file = file_of(path);
            if (file == nullptr) return compiler::LoadError{"no such file"};
            return folder_.text(*file);
        };
        compiler::CompileOptions compiling;
        compiling.require_parameters = false;
        const compiler::Compiled compiled = compiler::compile("plan", plan.text, loader, compiling);
        std::vector<Diagnostic> errors;
        for (Diagnostic d : compiled.diagnostics.list()) {
            if (d.severity != Severity::error) continue;
            if (d.where) d.where = origin(*d.where, plan, compiled.sources);
            for (auto& label : d.labels) label.where = origin(label.where, plan, compiled.sources);
            errors.push_back(std::move(d));
        }
        out_.plan = plan.text;
        return errors;
    }

    [[nodiscard]] const File* file_of(const std::string& path) const {
        return path.starts_with(options_.files_prefix)
                   ? folder_.find(std::string_view(path).substr(options_.files_prefix.size()))
                   : nullptr;
    }

    // A place in the plan is one in a migration.
    [[nodiscard]] Location origin(const Location& where, const sql::MappedSql& plan,
                                  const Sources& sources) const {
        if (where.source.index == 0) return plan.locate(where.span.begin, where.span.end);
        const File* file = file_of(sources.at(where.source).name());
        return file == nullptr ? Location{} : Location{file->source, where.span};
    }

    const Folder& folder_;
    const Options& options_;
    Diagnostics& diagnostics_;
    Names names_;
    bool tell_of_control_ = true;
    std::vector<Adopted> adopted_;
    Adoption out_;
};

}  // namespace

Adoption adopt(const Folder& folder, const Options& options, Diagnostics& diagnostics) {
    return Adopter(folder, options, diagnostics).adopt();
}

}  // namespace cairn::adopt
