#include "tests/cluster/property/draft.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace cairn::cluster::property {

Draft::Draft(postgres::Session session, std::uint64_t seed, int first_name)
    : random(seed), session_(std::move(session)), named_(first_name) {
    // Names come out with their schema, and nothing waits for long.
    (void)session_.script("SET search_path = pg_catalog; SET statement_timeout = '20s'");
}

std::vector<Row> Draft::rows(const std::string& query) {
    const auto answer = session_.query(query);
    if (!answer.ok()) FAIL(answer.error.message << "\nin: " << query);
    std::vector<Row> all;
    for (const auto& row : answer.rows) {
        Row& to = all.emplace_back();
        for (const auto& value : row) to.push_back(value.value_or(""));
    }
    return all;
}

Row Draft::one(const std::string& query) {
    const auto all = rows(query);
    return all.empty() ? Row{} : random.pick(all);
}

std::string Draft::new_name(std::string_view kind) {
    constexpr auto forms =
        std::to_array<std::string_view>({"{0}_{1}", "{0}_{1}", "{0}_{1}", "\"{0} {1}\"",
                                         "\"Groß{0}{1}\"", "\"{0}\"\"{1}\"", "\"{0}.{1};--\""});
    return fmt::format(fmt::runtime(random.pick(forms)), kind, ++named_);
}

std::string Draft::schema() {
    const auto row = one(
        fmt::format("SELECT quote_ident(nspname) FROM pg_namespace n WHERE {} ORDER BY 1", ours));
    return row.empty() ? "public" : row[0];
}

std::string Draft::new_name_in_schema(std::string_view kind) {
    const std::string where = random.one_in(2) ? "public" : schema();
    return where + "." + new_name(kind);
}

std::string Draft::relation(std::string_view relkinds) {
    const auto row = one(fmt::format(
        "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE {} AND strpos('{}', c.relkind::text) > 0 "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER "
        "BY c.oid::regclass::text",
        ours, relkinds));
    return row.empty() ? "" : row[0];
}

std::vector<Column> Draft::columns(const std::string& relation) {
    std::vector<Column> all;
    for (const auto& row :
         rows(fmt::format("SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), "
                          "a.atttypid, y.typtype, a.attnotnull, "
                          "a.attgenerated <> '', a.attidentity = 'a' FROM pg_attribute a JOIN "
                          "pg_type y ON y.oid = a.atttypid "
                          "WHERE a.attrelid = {}::regclass AND a.attnum > 0 AND NOT a.attisdropped "
                          "ORDER BY a.attname",
                          literal(relation)))) {
        all.push_back(
            {row[0], row[1], row[2], row[3][0], row[4] == "t", row[5] == "t", row[6] == "t"});
    }
    return all;
}

std::optional<Column> Draft::column(const std::string& relation) {
    if (relation.empty()) return std::nullopt;
    const auto all = columns(relation);
    if (all.empty()) return std::nullopt;
    return random.pick(all);
}

std::string Draft::role() {
    constexpr auto roles = std::to_array<const char*>({"property_reader", "\"Property Owner\""});
    return random.pick(roles);
}

std::string Draft::some_rows() {
    const std::size_t parts = 1 + random.below(4);
    return fmt::format("abs(hashtext(t::text)::bigint) % {} = {}", parts, random.below(parts));
}

std::vector<std::string> Draft::transaction(std::size_t statements, const Make& make) {
    std::vector<std::string> taken;
    (void)session_.query("BEGIN");
    for (std::size_t i = 0; i < statements; ++i) {
        const std::string statement = make(*this);
        if (statement.empty()) continue;
        (void)session_.query("SAVEPOINT before");
        if (session_.script(statement).ok()) {
            taken.push_back(statement);
            (void)session_.query("RELEASE before");
        } else {
            (void)session_.query("ROLLBACK TO before");
        }
    }
    // What was deferred is refused here.
    const auto end = session_.query("COMMIT");
    if (!end.ok() || end.tag != "COMMIT") {
        (void)session_.query("ROLLBACK");
        return {};
    }
    return taken;
}

std::string any_statement(Draft& draft, bool creation) {
    static const std::vector<Maker> makers = [] {
        std::vector<Maker> all;
        for (const auto& some : {row_makers(), table_makers(), column_makers(), constraint_makers(),
                                 routine_makers(), type_makers(), other_makers()})
            all.insert(all.end(), some.begin(), some.end());
        return all;
    }();
    const auto weight = [&](const Maker& maker) {
        return static_cast<std::size_t>(creation ? maker.when_creating : maker.when_changing);
    };
    std::size_t sum = 0;
    for (const Maker& maker : makers) sum += weight(maker);
    std::size_t at = draft.random.below(sum);
    for (const Maker& maker : makers) {
        if (at < weight(maker)) return maker.make(draft);
        at -= weight(maker);
    }
    return {};
}

std::string literal(std::string_view text) {
    std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += c;
        out += c;
    }
    return out + "'";
}

}  // namespace cairn::cluster::property
