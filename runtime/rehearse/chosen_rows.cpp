#include "runtime/rehearse/chosen_rows.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <unordered_set>
#include <vector>

namespace cairn::rehearse {
namespace {

using postgres::Answer;
using postgres::ServerError;
using postgres::Session;

using Row = std::uint64_t;  // block and line of a ctid
constexpr int most_rounds = 1000;       // from keys to keys, before it counts as too many rows
constexpr std::int64_t most_times = 10;  // the limit, for the rows of a table that others point at

Row row_of(const std::string& ctid) {  // "(12,3)"
    Row block = 0, line = 0;
    const char* end = ctid.data() + ctid.size();
    const auto comma = std::from_chars(ctid.data() + 1, end, block).ptr;
    std::from_chars(comma + 1, end, line);
    return block << 16U | line;
}

std::string literal(const auto& rows) {
    std::string out = "{";
    for (const Row row : rows) {
        if (out.size() > 1) out += ",";
        out += fmt::format("\"({},{})\"", row >> 16U, row & 0xffffU);
    }
    return out + "}";
}

// Each foreign key of each table that holds rows. Of one that points at a partitioned table the server also keeps a copy for each
// partition. The operators are the key's own: a type's `=` may not be in pg_catalog.
constexpr const char* keys_query = R"(
SELECT k.conrelid::text, k.conrelid::regclass::text, k.confrelid::text,
       CASE WHEN p.relkind = 'p' THEN '' ELSE 'ONLY ' END || k.confrelid::regclass::text,
       (SELECT string_agg(format('p.%I OPERATOR(%I.%s) c.%I', pa.attname, n.nspname, o.oprname, ca.attname), ' AND ')
          FROM unnest(k.conkey, k.confkey, k.conpfeqop) AS u(child, parent, op)
          JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child
          JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent
          JOIN pg_operator o ON o.oid = u.op JOIN pg_namespace n ON n.oid = o.oprnamespace),
       (SELECT string_agg(format('c.%I IS NULL', ca.attname), ' OR ')
          FROM unnest(k.conkey) AS u(child) JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = u.child),
       CASE WHEN p.relkind = 'p' THEN ARRAY(SELECT relid::oid FROM pg_partition_tree(k.confrelid) WHERE isleaf)
            ELSE ARRAY[k.confrelid] END
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
 WHERE k.contype = 'f' AND c.relkind = 'r' AND k.connamespace::regnamespace::text <> 'cairn'
   AND NOT EXISTS (SELECT FROM pg_constraint up WHERE up.oid = k.conparentid AND up.conrelid = k.conrelid)
 ORDER BY k.oid)";

struct Key {
    std::string parent;       // what stands behind FROM
    std::string join, roots;  // conditions over p and c: the row pointed at; that there is none
    bool itself = false;      // points at its own table
    std::vector<std::string> leaves;  // OIDs of the tables that hold the parent's rows
};

struct Table {
    std::string name;
    std::vector<Key> keys;
    std::int64_t pointed_at = 0;  // by so many keys
    std::unordered_set<Row> chosen;
    bool is_placed = false;
};

class Choice {
public:
    Choice(Session& there, std::int64_t limit) : there_(there), limit_(limit) {}

    std::variant<ChosenRows, ServerError> run() {
        // Each query leads from some rows by an index to others, whatever the planner would make of an array.
        for (const auto* sql : {"SET LOCAL enable_hashjoin = off", "SET LOCAL enable_mergejoin = off", "SET LOCAL jit = off"}) (void)ask(sql);
        read_keys();
        for (const auto& [oid, table] : tables_) place(oid);
        for (auto oid = order_.rbegin(); !error_ && oid != order_.rend(); ++oid) fill(*oid);
        if (error_) return *error_;
        ChosenRows out;
        for (const auto& [oid, table] : tables_) out.emplace(oid, literal(table.chosen));
        return out;
    }

private:
    std::vector<std::vector<postgres::Value>> ask(const std::string& sql, std::vector<postgres::Value> parameters = {}) {
        if (error_) return {};
        Answer answer = there_.query(sql, std::move(parameters));
        if (!answer.ok()) error_ = answer.error;
        return std::move(answer.rows);
    }

    void read_keys() {
        for (auto& row : ask(keys_query)) {
            const std::string child = *row[0];
            Key key{.parent = *row[3], .join = *row[4], .roots = *row[5], .itself = *row[0] == *row[2], .leaves = {}};
            std::string leaves = row[6]->substr(1, row[6]->size() - 2);
            for (std::size_t at = 0; at < leaves.size();) {
                const std::size_t end = std::min(leaves.find(',', at), leaves.size());
                key.leaves.push_back(leaves.substr(at, end - at));
                at = end + 1;
            }
            tables_[child].name = *row[1];
            for (const auto& leaf : key.leaves) ++tables_[leaf].pointed_at;
            tables_[child].keys.push_back(std::move(key));
        }
        for (const auto& row : ask("SELECT oid::text, oid::regclass::text FROM pg_class WHERE relkind = 'r'")) {
            if (const auto at = tables_.find(*row[0]); at != tables_.end()) at->second.name = *row[1];
        }
    }

    // Into the order: behind all that its keys point at. A cycle is broken where it was entered.
    void place(const std::string& oid) {
        Table& table = tables_.at(oid);
        if (table.is_placed) return;
        table.is_placed = true;
        for (const Key& key : table.keys) {
            for (const auto& leaf : key.leaves) place(leaf);
        }
        order_.push_back(oid);
    }

    // Rows beyond those that others have brought along; as many as come with all that they lead to.
    void fill(const std::string& oid) {
        const Table& table = tables_.at(oid);
        if (take_most(oid, some(table, "true")) || error_) return;
        for (const Key& key : table.keys) {
            if (key.itself && take_most(oid, some(table, key.roots))) return;
        }
    }

    std::vector<Row> some(const Table& table, const std::string& condition) {
        std::vector<Row> out;
        for (const auto& row : ask(fmt::format("SELECT c.ctid FROM ONLY {} c WHERE {} LIMIT {}", table.name, condition, limit_)))
            out.push_back(row_of(*row[0]));
        return out;
    }

    // False when there is room for some, and not one could be taken.
    bool take_most(const std::string& oid, std::vector<Row> rows) {
        const auto& chosen = tables_.at(oid).chosen;
        std::erase_if(rows, [&](Row row) { return chosen.contains(row); });
        const std::int64_t room = limit_ - static_cast<std::int64_t>(chosen.size());
        if (room <= 0 || rows.empty()) return true;
        for (std::size_t n = std::min(rows.size(), static_cast<std::size_t>(room)); n > 0 && !error_; n /= 2) {
            rows.resize(n);
            if (take(oid, rows)) return true;
        }
        return false;
    }

    // These rows and all that they lead to, or none.
    bool take(const std::string& oid, const std::vector<Row>& rows) {
        added_.clear();
        fresh_.clear();
        bool fits = add(oid, rows);
        for (int round = 0; fits && !fresh_.empty() && !error_; ++round) {
            auto next = fresh_.extract(fresh_.begin());
            fits = round < most_rounds && follow(next.key(), next.mapped());
        }
        if (fits && !error_) return true;
        for (const auto& [table, row] : added_) tables_.at(table).chosen.erase(row);
        return false;
    }

    bool add(const std::string& oid, const std::vector<Row>& rows) {
        Table& table = tables_.at(oid);
        for (const Row row : rows) {
            if (!table.chosen.insert(row).second) continue;
            added_.emplace_back(oid, row);
            if (!table.keys.empty()) fresh_[oid].push_back(row);
        }
        return static_cast<std::int64_t>(table.chosen.size()) <= most(table);
    }

    [[nodiscard]] std::int64_t most(const Table& table) const { return limit_ * (most_times + table.pointed_at); }

    bool follow(const std::string& oid, const std::vector<Row>& rows) {
        const Table& table = tables_.at(oid);
        const std::string from = literal(rows);
        for (const Key& key : table.keys) {
            std::map<std::string, std::vector<Row>> found;
            const std::string sql =
                key.itself ? fmt::format("WITH RECURSIVE up(at) AS (SELECT u::text FROM unnest($1::tid[]) AS u UNION SELECT p.ctid::text FROM up "
                                         "JOIN ONLY {0} c ON c.ctid = up.at::tid JOIN {1} p ON {2}) SELECT '{3}', at FROM up LIMIT {4}",
                                         table.name, key.parent, key.join, oid, most(table) + 1)
                           : fmt::format("SELECT DISTINCT p.tableoid, p.ctid FROM ONLY {} c JOIN {} p ON {} WHERE c.ctid = ANY ($1::tid[])",
                                         table.name, key.parent, key.join);
            for (const auto& row : ask(sql, {from})) found[*row[0]].push_back(row_of(*row[1]));
            for (const auto& [parent, its_rows] : found) {
                if (!add(parent, its_rows)) return false;
            }
        }
        return true;
    }

    Session& there_;
    std::int64_t limit_;
    std::map<std::string, Table> tables_;  // by OID
    std::vector<std::string> order_;       // those pointed at first
    std::vector<std::pair<std::string, Row>> added_;        // by the attempt under way
    std::map<std::string, std::vector<Row>> fresh_;         // whose keys it has not followed yet
    std::optional<ServerError> error_;
};

}  // namespace

std::variant<ChosenRows, ServerError> choose_rows(Session& there, std::int64_t limit) { return Choice(there, limit).run(); }

}  // namespace cairn::rehearse
