#include "runtime/adopt/sqitch_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/suggest.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt::sqitch_plan {

namespace {

class Reader {
public:
    Reader(const Folder& folder, const File& file, Diagnostics& diagnostics)
        : text_(folder.text(file)), source_(file.source), diagnostics_(diagnostics) {}

    Plan read() {
        for (const Line& each : lines_of(text_)) {
            std::string_view line = each.text;
            if (each.begin == 0) line.remove_prefix(Folder::begin_of(text_));
            line = trim(line.substr(0, comment_of(line)));
            if (line.empty()) continue;
            if (line.front() == '%')
                pragma(line);
            else if (line.front() == '@')
                tag(line);
            else
                change(line);
        }
        return std::move(out_);
    }

private:
    // A note begins with a `#` that stands alone or first.
    static std::size_t comment_of(std::string_view line) {
        for (std::size_t at = line.find('#'); at != std::string_view::npos;
             at = line.find('#', at + 1)) {
            if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return at;
        }
        return std::string_view::npos;
    }

    [[nodiscard]] Location place(std::string_view part) const {
        const auto begin = static_cast<std::uint32_t>(part.data() - text_.data());
        return {source_, {begin, begin + static_cast<std::uint32_t>(part.size())}};
    }
    void wrong(std::uint16_t code, std::string_view at, std::string message,
               std::string help = {}) {
        diagnostics_.add({.code = code,
                          .where = place(at),
                          .message = std::move(message),
                          .help = std::move(help)});
    }

    void pragma(std::string_view line) {
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos && trim(line.substr(1, equals - 1)) == "project")
            out_.project = trim(line.substr(equals + 1));
    }

    void tag(std::string_view line) {
        const std::string_view name = split_words(line).front();
        if (name.size() == 1) return wrong(920, name, "a tag has a name behind its `@`");
        if (out_.changes.empty())
            return wrong(920, name, fmt::format("tag `{}` stands before the first change", name));
        const bool twice =
            std::any_of(out_.changes.begin(), out_.changes.end(), [&](const Change& c) {
                return std::find(c.tags.begin(), c.tags.end(), name.substr(1)) != c.tags.end();
            });
        if (twice) return wrong(920, name, fmt::format("tag `{}` is there twice", name));
        out_.changes.back().tags.emplace_back(name.substr(1));
    }

    void change(std::string_view line) {
        if (line.front() == '-') {
            return wrong(920, line.substr(0, 1),
                         "a change that is reverted in the plan can't be adopted");
        }
        if (line.front() == '+') line = trim(line.substr(1));
        const auto words = split_words(line);
        if (words.empty()) return wrong(920, line, "a change has a name");
        const std::string_view name = words.front();
        if (name.find_first_of("[]@:") != std::string_view::npos)
            return wrong(920, name, fmt::format("`{}` is no name of a change", name));
        Change change{.name = std::string(name),
                      .where = place(name),
                      .dependencies = {},
                      .tags = {},
                      .reworked_by = std::nullopt};
        const std::string_view rest = trim(line.substr(name.size()));
        if (rest.starts_with('[')) {
            const std::size_t close = rest.find(']');
            if (close == std::string_view::npos)
                return wrong(920, rest.substr(0, 1), "these dependencies are never closed", "]");
            for (const std::string_view word : split_words(rest.substr(1, close - 1)))
                change.dependencies.push_back(dependency(word));
        }
        rework(change);
        for (const Dependency& one : change.dependencies) check(one, change);
        out_.changes.push_back(std::move(change));
    }

    void rework(const Change& change) {
        for (std::size_t i = out_.changes.size(); i > 0; --i) {
            Change& former = out_.changes[i - 1];
            if (former.name != change.name) continue;
            former.reworked_by = out_.changes.size();
            const bool tagged =
                std::any_of(out_.changes.begin() + static_cast<long>(i - 1), out_.changes.end(),
                            [](const Change& c) { return !c.tags.empty(); });
            if (!tagged) {
                diagnostics_.add(
                    {.code = 920,
                     .where = change.where,
                     .message = fmt::format("change `{}` is there twice, without a tag in between",
                                            change.name),
                     .help = {},
                     .labels = {{.where = former.where, .text = "the other is this one"}}});
            }
            return;
        }
    }

    [[nodiscard]] Dependency dependency(std::string_view word) const {
        Dependency out;
        out.where = place(word);
        out.conflicts = word.starts_with('!');
        if (out.conflicts) word.remove_prefix(1);
        const std::size_t colon = word.find(':');
        if (colon != std::string_view::npos) {
            out.project = word.substr(0, colon);
            word.remove_prefix(colon + 1);
        }
        const std::size_t at = word.find('@');
        out.change = word.substr(0, at);
        if (at != std::string_view::npos) out.tag = word.substr(at + 1);
        return out;
    }

    // Whether it is deployed when the change after those read so far is.
    [[nodiscard]] bool is_there(const Dependency& one) const {
        bool change = one.change.empty();
        for (const Change& each : out_.changes) {
            change = change || each.name == one.change;
            const bool tagged =
                one.tag.empty() || one.tag == "HEAD" || one.tag == "ROOT" ||
                std::find(each.tags.begin(), each.tags.end(), one.tag) != each.tags.end();
            if (change && tagged) return true;
        }
        return false;
    }

    void check(const Dependency& one, const Change& of) {
        const std::string written(
            text_.substr(one.where.span.begin, one.where.span.end - one.where.span.begin));
        if (!one.project.empty() && one.project != out_.project) {
            diagnostics_.add(
                {.severity = compiler::Severity::warning,
                 .code = 923,
                 .where = one.where,
                 .message = fmt::format(
                     "`{}` is of another project: whether it is there is not asked", written)});
            return;
        }
        if (is_there(one) != one.conflicts) return;
        if (one.conflicts) {
            diagnostics_.add({.code = 922,
                              .where = one.where,
                              .message = fmt::format(
                                  "change `{}` conflicts with `{}`, which is deployed before it",
                                  of.name, one.change)});
            return;
        }
        std::vector<std::string> names;
        for (const Change& each : out_.changes) names.push_back(each.name);
        diagnostics_.add(
            {.code = 922,
             .where = one.where,
             .message = fmt::format("change `{}` needs `{}`, which no line before it deploys",
                                    of.name, written),
             .help = compiler::did_you_mean(one.change, names).value_or("")});
    }

    const std::string_view text_;
    const SourceId source_;
    Diagnostics& diagnostics_;
    Plan out_;
};

}  // namespace

Plan read(const Folder& folder, const File& file, Diagnostics& diagnostics) {
    return Reader(folder, file, diagnostics).read();
}

}  // namespace cairn::adopt::sqitch_plan
