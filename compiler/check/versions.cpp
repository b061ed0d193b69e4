#include <fmt/format.h>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Versions {
public:
    Versions(const ResolvedPlan& plan, Report& report) : plan_(plan), report_(report) {}

    void run() {
        for (const ResolvedItem& item : plan_.items) look(item);
    }

private:
    void not_yet(Span where, std::string_view what) {
        report_.add(490, where, fmt::format("{} is not in this version yet", what));
    }

    void look(const ResolvedItem& item) {
        std::visit(Overloaded{[](const grammar::Step&) {},
                              [](const grammar::Wait&) {},
                              [](const grammar::Validate&) {}, [](const grammar::Gate&) {},
                              [](const grammar::Run&) {}, [](const grammar::Checkpoint&) {},
                              [](const grammar::For&) {}, [](const grammar::Parallel&) {},
                              [](const grammar::Transaction&) {},
                              [&](const auto&) { not_yet(item.syntax->keyword, "`" + item.kind + "`"); }},
                   item.syntax->body);
        for (const ResolvedCheck& check : item.checks) look(*check.syntax);
    }

    void look(const grammar::Check& check) {
        std::visit(Overloaded{[&](const grammar::Match& c) {
                                  not_yet(keyword_of(check), c.schemas ? "`schemas … match`" : "`tables … match`");
                              },
                              [&](const grammar::BackupVerified&) {
                                  not_yet(keyword_of(check), "`backup … verified within`");
                              },
                              [](const auto&) {}},
                   check.form);
    }

    // The first word after `warn` and the title.
    [[nodiscard]] Span keyword_of(const grammar::Check& check) const {
        const std::string_view text = report_.plan().substr(0, check.span.end);
        std::size_t begin = check.span.begin;
        const auto skip_blanks = [&] {
            begin = std::min(text.find_first_not_of(" \t\r\n", begin), text.size());
        };
        const auto word_end = [&] {
            std::size_t end = begin;
            while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
            return end;
        };
        if (check.title) {
            begin = check.title->span.end;
        } else if (check.warn) {
            begin = word_end();
        }
        skip_blanks();
        return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(word_end())};
    }

    const ResolvedPlan& plan_;
    Report& report_;
};

}  // namespace

void check_versions(const ResolvedPlan& plan, Report& report) { Versions(plan, report).run(); }

}  // namespace cairn::compiler
