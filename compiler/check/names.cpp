#include <fmt/format.h>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/identifier.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

class Names {
public:
    Names(const ResolvedPlan& plan, const ResolvedItem& item, Report& report)
        : plan_(plan), item_(item), report_(report) {}

    void look(const grammar::Check& check) {
        std::visit(Overloaded{[&](const grammar::ObjectCheck& c) { object(c); },
                              [&](const grammar::RowLevelSecurity& c) {
                                  for (const auto& table : c.tables) named(table, "table", 1, 2);
                              },
                              [&](const grammar::RowsOf& c) { named(c.table, "table", 1, 2); },
                              [&](const grammar::UsesIndex& c) { named(c.index, "index", 1, 2); },
                              [&](const grammar::SessionsOf& c) { named(c.role, "role", 1, 1); },
                              [](const auto&) {}},
                   check.form);
    }

private:
    void object(const grammar::ObjectCheck& check) {
        using grammar::ObjectKind;
        switch (check.kind) {
            case ObjectKind::table: named(check.name, "table", 1, 2); break;
            case ObjectKind::column: named(check.name, "column", 2, 3, "TABLE.COLUMN"); break;
            case ObjectKind::constraint: named(check.name, "constraint", 1, 1); break;
            case ObjectKind::index: named(check.name, "index", 1, 2); break;
            case ObjectKind::policy: named(check.name, "policy", 1, 1); break;
            case ObjectKind::function: named(check.name, "function", 1, 2); break;
        }
        if (check.on) named(*check.on, "table", 1, 2);
        fits(check);
    }

    void named(const grammar::Template& written, const char* what, std::size_t least, std::size_t most,
               const char* form = nullptr) {
        const std::string text = plan_.text(written, item_);
        const auto parts = parse_name(without_arguments(text));
        if (parts && parts->size() >= least && parts->size() <= most) return;
        if (plan_.words.is_open(written, item_.turn)) return;
        report_.add(211, written.span, fmt::format("`{}` does not name a {}", text, what),
                    form != nullptr ? std::string(form) : std::string());
    }

    void fits(const grammar::ObjectCheck& check) {
        using grammar::ObjectKind;
        using grammar::ObjectState;
        const bool wrong =
            (check.state == ObjectState::valid && check.kind != ObjectKind::constraint &&
             check.kind != ObjectKind::index) ||
            ((check.state == ObjectState::not_null || check.state == ObjectState::is_type) &&
             check.kind != ObjectKind::column);
        if (wrong) {
            report_.add(308, check.name.span,
                        "only constraints and indexes are `valid`, only columns are `not null` or `is TYPE`");
        }
        const bool needs_table = check.kind == ObjectKind::constraint || check.kind == ObjectKind::policy;
        if (needs_table && !check.on) {
            report_.add(308, check.name.span,
                        fmt::format("this does not say on which table `{}` is", plan_.text(check.name, item_)),
                        fmt::format("{} on TABLE", plan_.text(check.name, item_)));
        }
    }

    const ResolvedPlan& plan_;
    const ResolvedItem& item_;
    Report& report_;
};

}  // namespace

void check_names(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        for (const ResolvedCheck& check : item.checks) Names(plan, item, report).look(*check.syntax);
    }
}

}  // namespace cairn::compiler
