#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/sql/hazards.hpp"
#include "compiler/sql/names.hpp"

namespace cairn::sql {
namespace {

struct Place {
    const Subject& subject;
    StatementFacts& facts;
    std::string table;
    Range range;  // of the subcommand
    bool rows;    // the table may hold rows: it is not new in this step
};

void add(const Place& at, std::uint16_t code, std::string message, std::string help = {}) {
    add_hazard(at.facts, code, at.range, std::move(message), std::move(help));
}

void scans(const Place& at, std::string_view what, std::string help = {}) {
    add(at, hazard::scan, fmt::format("{} reads all of `{}` while it is locked", what, at.table),
        std::move(help));
}

void rewrites(const Place& at, std::string_view what) {
    add(at, hazard::rewrite,
        fmt::format("{} rewrites all of `{}`, and nobody can read it meanwhile", what, at.table));
}

// Functions that give another value for each row; of others only the catalog knows.
bool is_volatile(const std::string& call) {
    constexpr auto names = std::to_array<std::string_view>(
        {"clock_timestamp", "currval", "gen_random_bytes", "gen_random_uuid", "nextval", "random",
         "timeofday", "txid_current", "pg_current_xact_id", "uuid_generate_v1",
         "uuid_generate_v1mc", "uuid_generate_v4"});
    const std::string_view name = std::string_view(call).substr(call.rfind('.') + 1);
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_serial(Value type) {
    constexpr auto names = std::to_array<std::string_view>(
        {"bigserial", "serial", "serial2", "serial4", "serial8", "smallserial"});
    const std::string name = last_name(type["names"]);
    return type["names"].size() == 1 && std::find(names.begin(), names.end(), name) != names.end();
}

void column_default(const Place& at, Value expression) {
    for (const std::string& call : find_references(expression).calls) {
        if (is_volatile(call))
            return rewrites(at, fmt::format("a default of `{}()`, another for each row,", call));
        if (!is_harmless_function(call)) {
            add(at, hazard::rewrite,
                fmt::format("unless `{}()` is declared STABLE or IMMUTABLE, its default rewrites "
                            "all of `{}`, and nobody can read it meanwhile",
                            call, at.table));
            return;
        }
    }
}

void add_column(const Place& at, Value column) {
    bool has_default = is_serial(column["typeName"]), not_null = false, keyed = false;
    if (has_default && at.rows) rewrites(at, "a serial column");
    Value reference;
    for (const Value node : column["constraints"]) {
        const Value constraint = node.as("Constraint");
        const std::string_view type = constraint["contype"].text();
        if (type == "CONSTR_DEFAULT") {
            has_default = true;
            if (at.rows) column_default(at, constraint["raw_expr"]);
        }
        if (type == "CONSTR_IDENTITY" || type == "CONSTR_GENERATED") {
            has_default = true;
            if (at.rows)
                rewrites(at, type == "CONSTR_IDENTITY" ? "an identity column"
                                                       : "a stored generated column");
        }
        not_null |= type == "CONSTR_NOTNULL" || type == "CONSTR_PRIMARY";
        keyed |= type == "CONSTR_UNIQUE" || type == "CONSTR_PRIMARY";
        if (type == "CONSTR_CHECK" && at.rows) scans(at, "a CHECK on a new column");
        if (type == "CONSTR_FOREIGN") reference = constraint;
    }
    if (!at.rows) return;
    if (keyed) scans(at, "the index of a new key");
    if (reference && has_default) scans(at, "a foreign key on a column with a default");
    if (not_null && !has_default) {
        add(at, hazard::not_null_without_default,
            fmt::format("`{}` is NOT NULL without a default: this fails if `{}` has a row",
                        column["colname"].text(), at.table));
    }
}

void add_constraint(const Place& at, Value constraint) {
    if (!at.rows || constraint["skip_validation"].is_true() || constraint["indexname"]) return;
    const std::string_view type = constraint["contype"].text();
    if (type == "CONSTR_CHECK") {
        scans(at, "ADD CHECK", "NOT VALID");
    } else if (type == "CONSTR_FOREIGN") {
        add(at, hazard::scan,
            fmt::format("ADD FOREIGN KEY reads all of `{}` while writers of it and of `{}` wait",
                        at.table, relation_name(constraint["pktable"])),
            "NOT VALID");
    } else if (type == "CONSTR_UNIQUE" || type == "CONSTR_PRIMARY") {
        const std::string name =
            constraint["conname"] ? quote_identifier(constraint["conname"].str()) : "NAME";
        scans(at, type == "CONSTR_UNIQUE" ? "ADD UNIQUE" : "ADD PRIMARY KEY",
              fmt::format("ADD CONSTRAINT {} {} USING INDEX INDEX_BUILT_CONCURRENTLY", name,
                          type == "CONSTR_UNIQUE" ? "UNIQUE" : "PRIMARY KEY"));
    } else if (type == "CONSTR_EXCLUSION") {
        scans(at, "ADD EXCLUDE");
    }
}

void set_not_null(const Place& at, Value command) {
    const std::string column = quote_identifier(command["name"].str());
    scans(at, "SET NOT NULL",
          fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", at.table,
                      quote_identifier(command["name"].str() + "_not_null"), column));
}

void validate(const Place& at) {
    const auto held = at.subject.step.locks.find(at.table);
    if (held == at.subject.step.locks.end() || held->second < LockMode::share_row_exclusive) return;
    add(at, hazard::scan,
        fmt::format(
            "VALIDATE reads all of `{}` while an earlier statement of the step holds {} on it",
            at.table, name(held->second)));
}

void drop_part(const Place& at, Value command, std::string_view what) {
    const std::string name = command["name"].str();
    const bool column = what == "column";
    const bool own =
        at.subject.step.objects.contains(fmt::format("{} {} {}", what, at.table, name));
    if (column && !own && at.rows) {
        add(at, hazard::loss,
            fmt::format("every value of `{}.{}` is lost", at.table, quote_identifier(name)));
        at.facts.losing_rows = true;
    }
    if (command["behavior"].is("DROP_CASCADE") && !own) {
        add(at, hazard::cascade,
            fmt::format("CASCADE drops whatever depends on {} `{}`, named here or not", what,
                        name));
    }
}

void type_attribute(const Place& at, Value command) {
    const std::string_view type = command["subtype"].text();
    if (type == "AT_DropColumn") drop_part(at, command, "column");
    if (type == "AT_AlterColumnType" && command["behavior"].is("DROP_CASCADE")) {
        add(at, hazard::cascade, "CASCADE changes every table of this type");
    }
}

void persistent(const Place& at, std::string_view type) {
    if (type == "AT_SetUnLogged") {
        add(at, hazard::unlogged,
            fmt::format("after a crash of the server `{}` is empty", at.table));
    }
    if (type == "AT_DisableTrigAll") {
        add(at, hazard::keys_unchecked,
            fmt::format("foreign keys of `{}` are not checked while its triggers are off",
                        at.table),
            fmt::format("ALTER TABLE {} DISABLE TRIGGER USER", at.table));
    }
}

void subcommand(const Place& at, Value command) {
    const std::string_view type = command["subtype"].text();
    if (type == "AT_AddColumn") return add_column(at, command["def"].as("ColumnDef"));
    if (type == "AT_DropColumn") return drop_part(at, command, "column");
    if (type == "AT_DropConstraint") return drop_part(at, command, "constraint");
    if (!at.rows) return;
    if (type == "AT_AddConstraint") add_constraint(at, command["def"].as("Constraint"));
    if (type == "AT_SetNotNull") set_not_null(at, command);
    if (type == "AT_ValidateConstraint") validate(at);
    if (type == "AT_AlterColumnType") {
        add(at, hazard::rewrite,
            fmt::format("ALTER COLUMN TYPE rewrites all of `{}`, and nobody can read it meanwhile, "
                        "unless the old values fit as they are",
                        at.table));
    }
    if (type == "AT_SetLogged" || type == "AT_SetUnLogged") rewrites(at, "SET LOGGED or UNLOGGED");
    if (type == "AT_SetAccessMethod") rewrites(at, "SET ACCESS METHOD");
    if (type == "AT_SetTableSpace") rewrites(at, "SET TABLESPACE");
    if (type == "AT_AttachPartition") {
        const std::string partition = relation_name(command["def"].as("PartitionCmd")["name"]);
        if (at.subject.step.is_new(partition)) return;
        add(at, hazard::scan,
            fmt::format(
                "ATTACH PARTITION reads all of `{}` while it is locked, unless a valid CHECK "
                "already says what it holds",
                partition));
    }
    persistent(at, type);
}

}  // namespace

void alter_table_hazards(const Subject& subject, StatementFacts& facts) {
    const Value node = subject.node;
    const std::string_view kind = node["objtype"].text();
    if (kind == "OBJECT_INDEX" || kind == "OBJECT_VIEW" || kind == "OBJECT_SEQUENCE") return;
    const std::string table = relation_name(node["relation"]);
    const std::vector<Range> ranges =
        subject.text.subcommands(node["relation"]["location"].number());
    std::size_t i = 0;
    for (const Value element : node["cmds"]) {
        const Place at{.subject = subject,
                       .facts = facts,
                       .table = table,
                       .range = i < ranges.size() ? ranges[i] : subject.text.all(),
                       .rows = !subject.step.is_new(table)};
        ++i;
        if (kind == "OBJECT_TYPE")
            type_attribute(at, element.as("AlterTableCmd"));
        else
            subcommand(at, element.as("AlterTableCmd"));
    }
}

}  // namespace cairn::sql
