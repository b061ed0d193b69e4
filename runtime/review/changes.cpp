// What has become of the facts that a preview relied on.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/words.hpp"
#include "runtime/review/facts.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using compiler::FoundRelation;

namespace {

constexpr std::int64_t notable_rows = 10'000, notable_bytes = 8 << 20, tenfold = 10;

class Comparison {
public:
    Comparison(const FoundRelation& before, const FoundRelation& now)
        : before_(before), now_(now) {}

    std::vector<Diagnostic> run() {
        if (before_.exists != now_.exists) {
            say(before_.exists ? fmt::format("{} `{}` is gone", before_.kind, before_.relation)
                               : fmt::format("`{}` was not there, and is a {} now",
                                             before_.relation, now_.kind));
            return std::move(out_);
        }
        if (before_.kind != now_.kind)
            say(fmt::format("`{}` was a {}, and is a {} now", before_.relation, before_.kind,
                            now_.kind));
        columns();
        indexes();
        size();
        return std::move(out_);
    }

private:
    void say(const std::string& what) {
        std::string items;
        for (const auto& item : before_.items) items += (items.empty() ? "`" : ", `") + item + "`";
        Diagnostic d;
        d.code = 765;
        d.message = compiler::printable(what) + (items.empty() ? "" : fmt::format("; it touches {}", items));  // one line each
        out_.push_back(std::move(d));
    }

    void columns() {
        for (const auto& was : before_.columns) {
            const auto is = std::find_if(now_.columns.begin(), now_.columns.end(),
                                         [&](const auto& each) { return each.name == was.name; });
            const std::string name = fmt::format("column `{}` of `{}`", was.name, before_.relation);
            const bool there = is != now_.columns.end() && !is->type.empty();
            if (was.type.empty()) {
                if (there) say(fmt::format("{} was not there, and is {} now", name, is->type));
            } else if (!there && is != now_.columns.end() && !is->now.empty()) {
                say(fmt::format("{} is called `{}` now", name, is->now));
            } else if (!there) {
                say(name + " is gone");
            } else if (is->type != was.type) {
                say(fmt::format("{} was {}, and is {} now", name, was.type, is->type));
            }
        }
    }

    void indexes() {
        for (const auto& was : before_.indexes) {
            const auto is = std::find_if(now_.indexes.begin(), now_.indexes.end(),
                                         [&](const auto& each) { return each.name == was.name; });
            const std::string name = fmt::format("index `{}` of `{}`", was.name, before_.relation);
            if (is == now_.indexes.end())
                say(name + " is gone");
            else if (is->valid != was.valid)
                say(fmt::format("{} was {}, and is {} now", name, was.valid ? "valid" : "INVALID",
                                is->valid ? "valid" : "INVALID"));
        }
    }

    // Growth below what anybody would notice is none.
    void size() {
        const auto rows_now = now_.rows.value_or(0), rows_before = before_.rows.value_or(rows_now);
        const bool many = rows_now >= notable_rows &&
                          rows_now / tenfold >= std::max<std::int64_t>(rows_before, 1);
        const bool much = now_.bytes >= notable_bytes &&
                          now_.bytes / tenfold >= std::max<std::int64_t>(before_.bytes, 1);
        const bool heavier = compiler::size_class(now_) > compiler::size_class(before_) &&
                             (now_.bytes > before_.bytes * 5 / 4 || rows_now > rows_before * 5 / 4);
        if (!many && !much && !heavier) return;
        const auto words = [](const FoundRelation& r) {
            return (r.rows ? fmt::format("about {} rows, ", *r.rows) : "") +
                   compiler::bytes_in_words(r.bytes);
        };
        say(fmt::format("`{}` has grown from {} to {}", before_.relation, words(before_),
                        words(now_)));
    }

    const FoundRelation &before_, &now_;
    std::vector<Diagnostic> out_;
};

}  // namespace

std::vector<Diagnostic> changed_facts(const std::vector<FoundRelation>& before,
                                      const std::vector<FoundRelation>& now) {
    std::vector<Diagnostic> out;
    for (const auto& was : before) {
        const auto is = std::find_if(now.begin(), now.end(), [&](const auto& each) {
            return each.database == was.database && each.relation == was.relation;
        });
        if (is == now.end()) continue;
        auto changed = Comparison(was, *is).run();
        std::move(changed.begin(), changed.end(), std::back_inserter(out));
    }
    return out;
}

}  // namespace cairn::review
