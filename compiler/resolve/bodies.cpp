#include <fmt/format.h>

#include <unordered_map>

#include "compiler/resolve/identifier.hpp"
#include "compiler/resolve/resolve.hpp"
#include "compiler/resolve/sql_body.hpp"
#include "compiler/resolve/utf8.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Bodies {
public:
    Bodies(ResolvedPlan& plan, const Loader& loader, Sources& sources, Report& report)
        : plan_(plan), loader_(loader), sources_(sources), report_(report) {}

    void read(ResolvedItem& item) {
        const grammar::Item& syntax = *item.syntax;
        if (syntax.when) item.when = read(*syntax.when, item);
        if (const auto* step = item.as<grammar::Step>()) read_step(*step, item);
        if (const auto* entries = item.as<grammar::Export>()) {
            for (const auto& entry : entries->entries) item.queries.push_back(read(entry.query, item));
        }
        if (const auto* copy = item.as<grammar::Copy>(); copy != nullptr && copy->query) {
            item.queries.push_back(read(*copy->query, item));
        }
        for (const grammar::Check& check : checks_of(syntax)) item.checks.push_back(read(check, item));
    }

private:
    Body read(const grammar::Sql& sql, const ResolvedItem& item, const sql::AnalysisContext& context = {},
              bool in_batch = false, const sql::BatchKey* batch = nullptr) {
        return read_sql(sql.text,
                        {.source = {},
                         .offset = sql.span.begin,
                         .literal = {.source = {}, .span = sql.literal},
                         .turn = item.turn,
                         .in_batch = in_batch,
                         .batch = batch},
                        plan_.words, context, report_);
    }

    ResolvedCheck read(const grammar::Check& check, const ResolvedItem& item) {
        ResolvedCheck resolved{.syntax = &check, .queries = {}};
        const auto take = [&](const grammar::Sql& sql) { resolved.queries.push_back(read(sql, item)); };
        std::visit(Overloaded{[&](const grammar::QueryReturns& c) { take(c.query); },
                              [&](const grammar::QueryCompares& c) { take(c.query); },
                              [&](const grammar::QueryAgainstQuery& c) {
                                  take(c.left);
                                  take(c.right);
                              },
                              [&](const grammar::Show& c) { take(c.query); },
                              [&](const grammar::UsesIndex& c) { take(c.query); }, [](const auto&) {}},
                   check.form);
        return resolved;
    }

    void read_step(const grammar::Step& step, ResolvedItem& item) {
        const sql::AnalysisContext context{.has_lock_timeout = item.lock_timeout.has_value()};
        const bool in_batch = step.batch.has_value();
        if (step.batch) item.batch = batch_key(*step.batch, item);
        if (one_body(step, item)) {
            if (step.file) {
                read_file(*step.file, item, context, in_batch);
            } else {
                item.sql = read(step.sql.front(), item, context, in_batch, item.batch ? &*item.batch : nullptr);
            }
        }
        if (const auto* undo = std::get_if<grammar::RollbackSql>(&step.rollback)) {
            item.undo = read(undo->sql, item, {.has_lock_timeout = true});
        }
    }

    // `orders.id` and `public.orders.id`; anything else is no column of a table.
    std::optional<sql::BatchKey> batch_key(const grammar::Step::Batch& batch, const ResolvedItem& item) {
        const std::string text = plan_.text(batch.column, item);
        auto parts = parse_name(text);
        if (!parts || parts->size() < 2 || parts->size() > 3) {
            if (!plan_.words.is_open(batch.column, item.turn)) {
                report_.add(211, batch.column.span, fmt::format("`{}` does not name a column", text), "TABLE.COLUMN");
            }
            return std::nullopt;
        }
        sql::BatchKey key{.schema = {}, .table = (*parts)[parts->size() - 2], .column = parts->back()};
        if (parts->size() == 3) key.schema = parts->front();
        return key;
    }

    bool one_body(const grammar::Step& step, const ResolvedItem& item) {
        if (step.sql.empty() && !step.file) {
            report_.add(303, item.where, fmt::format("step `{}` has no SQL", item.name),
                        "$$ … $$");
            return false;
        }
        if (step.sql.size() + (step.file ? 1 : 0) == 1) return true;
        const Span first = step.sql.empty() ? step.file->span : step.sql.front().literal;
        const bool with_file = step.file.has_value();
        const Span second = with_file ? step.file->span : step.sql[1].literal;
        report_.add(304, second,
                    with_file ? fmt::format("step `{}` has SQL of its own and a file", item.name)
                              : fmt::format("step `{}` has several bodies of SQL: one takes several statements", item.name),
                    {},
                    {{.where = {.source = {}, .span = first}, .text = "the first is here"}});
        return false;
    }

    void read_file(const grammar::Template& path, ResolvedItem& item,
                   const sql::AnalysisContext& context, bool in_batch) {
        const std::optional<SourceId> source = load(path, item);
        if (!source) return;
        const std::string& text = sources_.at(*source).text();
        const std::uint32_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
        item.sql = read_sql(std::string_view(text).substr(mark),
                            {.source = *source,
                             .offset = mark,
                             .literal = {.source = {}, .span = path.span},
                             .turn = item.turn,
                             .in_batch = in_batch,
                             .batch = item.batch ? &*item.batch : nullptr},
                            plan_.words, context, report_);
    }

    std::optional<SourceId> load(const grammar::Template& written, const ResolvedItem& item) {
        const std::string path = plan_.text(written, item);
        if (const auto at = loaded_.find(path); at != loaded_.end()) return at->second;
        std::optional<SourceId> source;
        auto answer = loader_(path);
        if (const auto* error = std::get_if<LoadError>(&answer)) {
            report_.add(305, written.span, fmt::format("`{}` can't be read: {}", path, error->message));
        } else if (auto& text = std::get<std::string>(answer);
                   const auto fault = find_text_fault(text)) {
            report_.add(306, written.span,
                        fmt::format("`{}` is not UTF-8 text: {} at byte {}", path, fault->what, fault->at));
        } else {
            plan_.files.emplace_back(path, text);
            source = sources_.add(path, std::move(text));
        }
        loaded_.emplace(path, source);
        return source;
    }

    ResolvedPlan& plan_;
    const Loader& loader_;
    Sources& sources_;
    Report& report_;
    std::unordered_map<std::string, std::optional<SourceId>> loaded_;
};

}  // namespace

void read_bodies(ResolvedPlan& plan, const Loader& loader, Sources& sources, Report& report) {
    Bodies bodies(plan, loader, sources, report);
    for (ResolvedItem& item : plan.items) bodies.read(item);
}

}  // namespace cairn::compiler
