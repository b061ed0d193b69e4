#include <fmt/format.h>

#include "compiler/lower/check_parts.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

// A query in one line, cut where it gets long.
std::string brief(const Body& body) {
    constexpr std::size_t longest = 60;
    std::string line;
    const std::string& text = body.statements.empty() ? body.text.text : body.statements.front().sql.text;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) line += c;
        if (blank && !line.empty() && line.back() != ' ') line += ' ';
        if (line.size() > 2 * longest) break;
    }
    if (line.size() <= longest) return line;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    return line.substr(0, end) + "…";
}

class Titles {
public:
    Titles(const std::vector<Body>& queries, const CheckContext& context) : queries_(queries), context_(context) {}

    std::string operator()(const grammar::QueryReturns& c) const {
        return brief(queries_[0]) + (c.something ? " returns something" : " returns nothing");
    }
    std::string operator()(const grammar::QueryCompares& c) const {
        return fmt::format("{} {} {}", brief(queries_[0]), symbol(c.op), literal(c.value));
    }
    std::string operator()(const grammar::QueryAgainstQuery& c) const {
        const auto another = context_.another(c.database);
        return fmt::format("{} {} {}{}", brief(queries_[0]), c.within ? "within" : "=", another ? *another + " " : "",
                           brief(queries_[1]));
    }
    std::string operator()(const grammar::Show&) const { return brief(queries_[0]); }
    std::string operator()(const grammar::UsesIndex& c) const {
        return fmt::format("{} uses index {}", brief(queries_[0]), text(c.index));
    }
    std::string operator()(const grammar::ObjectCheck& c) const {
        std::string title = fmt::format("{} {}", kind(c.kind), text(c.name));
        if (c.on) title += " on " + text(*c.on);
        switch (c.state) {
            case grammar::ObjectState::exists: return title + " exists";
            case grammar::ObjectState::absent: return title + " absent";
            case grammar::ObjectState::valid: return title + " valid";
            case grammar::ObjectState::not_null: return title + " not null";
            case grammar::ObjectState::is_type: return title + " is " + (c.type ? text(*c.type) : std::string());
        }
        return title;
    }
    std::string operator()(const grammar::ForeignKeysValid&) const { return "foreign keys valid"; }
    std::string operator()(const grammar::RowLevelSecurity& c) const {
        return "row level security on " + list(c.tables);
    }
    std::string operator()(const grammar::RowsOf& c) const {
        return fmt::format("rows of {} {} {}", text(c.table), symbol(c.op), literal(c.value));
    }
    std::string operator()(const grammar::Match& c) const {
        return fmt::format("{} {} match {}{}", c.schemas ? "schemas" : "tables", list(c.names),
                           c.backup ? "backup " : "", text(c.source));
    }
    std::string operator()(const grammar::BackupVerified& c) const {
        return fmt::format("backup {} verified within {}", text(c.backup), literal(c.within));
    }
    std::string operator()(const grammar::FreeSpace& c) const {
        const std::string amount = c.size ? literal(*c.size)
                                          : fmt::format("{}x {}", c.factor ? literal(*c.factor) : "1",
                                                        c.database ? text(*c.database) : std::string());
        return fmt::format("free space on \"{}\" {} {}", text(c.path), symbol(c.op), amount);
    }
    std::string operator()(const grammar::SessionsOf& c) const {
        return fmt::format("sessions of {} {} {}", text(c.role), symbol(c.op), literal(c.value));
    }
    std::string operator()(const grammar::NoTransactionsOlder& c) const {
        return "no transactions older than " + literal(c.than);
    }
    std::string operator()(const grammar::ServerVersion& c) const {
        return fmt::format("server version {} {}", symbol(c.op), literal(c.value));
    }
    std::string operator()(const grammar::LongRunningQueries& c) const {
        return fmt::format("long running queries over {} {} {}", literal(c.over), symbol(c.op), literal(c.value));
    }

private:
    [[nodiscard]] std::string text(const grammar::Template& t) const { return context_.text(t); }
    [[nodiscard]] std::string literal(const grammar::Value& v) const {
        const std::string written = context_.values.text(v);
        return v.kind == grammar::ValueKind::string ? "'" + written + "'" : written;
    }
    [[nodiscard]] std::string list(const std::vector<grammar::Template>& names) const {
        std::string all;
        for (const auto& name : names) all += (all.empty() ? "" : ", ") + text(name);
        return all;
    }
    static const char* kind(grammar::ObjectKind kind) {
        switch (kind) {
            case grammar::ObjectKind::table: return "table";
            case grammar::ObjectKind::column: return "column";
            case grammar::ObjectKind::constraint: return "constraint";
            case grammar::ObjectKind::index: return "index";
            case grammar::ObjectKind::function: return "function";
            case grammar::ObjectKind::policy: return "policy";
        }
        return "table";
    }

    const std::vector<Body>& queries_;
    const CheckContext& context_;
};

}  // namespace

std::string title_of(const grammar::Check& check, const std::vector<Body>& queries, const CheckContext& context) {
    return std::visit(Titles(queries, context), check.form);
}

}  // namespace cairn::compiler
