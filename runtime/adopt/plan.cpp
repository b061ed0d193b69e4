#include "runtime/adopt/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::adopt {

namespace {

// A comment ends with its line.
std::string one_line(std::string_view text) {
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return out;
}

class Writer {
public:
    explicit Writer(const Options& options) : options_(options) {}

    void head(const std::string& folder, std::string_view tool, std::size_t count) {
        put(fmt::format("# Made by `cairn adopt` from {} {} migration{} in {}.\n\n", count, tool,
                        count == 1 ? "" : "s", one_line(folder)));
        put(fmt::format(
            "plan {} {}\n\ndatabase {}\n\n", options_.plan,
            quoted(fmt::format("{} migration{} of {}", count, count == 1 ? "" : "s", tool)),
            options_.database));
        put("defaults {\n  lock timeout 5s   # rather than queue behind a long transaction, and "
            "all "
            "others behind it\n  retry 5\n}\n");
    }

    void migration(const Adopted& one) {
        put("\n# " + one_line(one.path) + "\n");
        if (!one.note.empty()) put("# " + one_line(one.note) + "\n");
        for (const Step& step : one.steps) {
            if (&step != &one.steps.front()) put("\n");
            this->step(one, step);
        }
        if (!one.checks.empty()) checks(one);
        for (const std::string& name : one.checkpoints) put("\ncheckpoint " + name + "\n");
    }

    sql::MappedSql take() { return std::move(out_); }

private:
    void put(std::string_view text) { out_.append(text); }

    void sql(std::string_view before, const sql::MappedSql& body) {
        const std::string tag = dollar_tag(body.text);
        put(fmt::format("{}{}\n", before, tag));
        out_.append(body);
        put("\n" + tag + "\n");
    }

    void step(const Adopted& of, const Step& step) {
        put(fmt::format("step {} {{\n", step.name));
        if (options_.files && step.piece.unchanged)
            put(fmt::format("  file {}\n", quoted(options_.files_prefix + of.path)));
        else
            sql("", step.piece.sql);
        if (step.rollback) sql("rollback ", *step.rollback);
        if (!step.no_rollback.empty())
            put(fmt::format("rollback none {}\n", quoted(step.no_rollback)));
        put("}\n");
    }

    void checks(const Adopted& one) {
        put(fmt::format("\nvalidate {} {{\n", one.validation));
        for (std::size_t i = 0; i < one.checks.size(); ++i) {
            // Run for its errors: what it selects, and whether it selects anything, does not
            // matter.
            sql::MappedSql query;
            query.append("WITH verified AS MATERIALIZED (\n");
            query.append(one.checks[i]);
            query.append("\n) SELECT (SELECT count(*) FROM verified) >= 0");
            sql(fmt::format("\"query {} of {}\" ", i + 1, one.checks.size()), query);
            out_.text.pop_back();
            put(" = true\n");
        }
        put("}\n");
    }

    const Options& options_;
    sql::MappedSql out_;
};

}  // namespace

std::string dollar_tag(std::string_view text) {
    std::string tag = "$$";
    for (int n = 1; text.find(tag) != std::string_view::npos; ++n)
        tag = n == 1 ? "$sql$" : fmt::format("$sql{}$", n);
    return tag;
}

std::string quoted(std::string_view text) {
    const bool plain = text.find_first_of("\"\\{") == std::string_view::npos;
    if (plain) return fmt::format("\"{}\"", text);
    if (text.find('\'') == std::string_view::npos) return fmt::format("'{}'", text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

sql::MappedSql write_plan(const std::vector<Adopted>& migrations, const std::string& folder,
                          std::string_view tool, const Options& options) {
    Writer writer(options);
    writer.head(folder, tool, migrations.size());
    for (const Adopted& one : migrations) writer.migration(one);
    return writer.take();
}

}  // namespace cairn::adopt
