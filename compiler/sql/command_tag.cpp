// The command tag of a statement, as the server reports it (src/backend/tcop/utility.c,
// CreateCommandTag).
#include <algorithm>
#include <array>
#include <utility>

#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr auto tags = std::to_array<Pair>({
    {"AlterCollationStmt", "ALTER COLLATION"},
    {"AlterDatabaseRefreshCollStmt", "ALTER DATABASE"},
    {"AlterDatabaseSetStmt", "ALTER DATABASE"},
    {"AlterDatabaseStmt", "ALTER DATABASE"},
    {"AlterDefaultPrivilegesStmt", "ALTER DEFAULT PRIVILEGES"},
    {"AlterDomainStmt", "ALTER DOMAIN"},
    {"AlterEnumStmt", "ALTER TYPE"},
    {"AlterEventTrigStmt", "ALTER EVENT TRIGGER"},
    {"AlterExtensionContentsStmt", "ALTER EXTENSION"},
    {"AlterExtensionStmt", "ALTER EXTENSION"},
    {"AlterFdwStmt", "ALTER FOREIGN DATA WRAPPER"},
    {"AlterForeignServerStmt", "ALTER SERVER"},
    {"AlterOpFamilyStmt", "ALTER OPERATOR FAMILY"},
    {"AlterOperatorStmt", "ALTER OPERATOR"},
    {"AlterPolicyStmt", "ALTER POLICY"},
    {"AlterPublicationStmt", "ALTER PUBLICATION"},
    {"AlterRoleSetStmt", "ALTER ROLE"},
    {"AlterRoleStmt", "ALTER ROLE"},
    {"AlterSeqStmt", "ALTER SEQUENCE"},
    {"AlterStatsStmt", "ALTER STATISTICS"},
    {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION"},
    {"AlterSystemStmt", "ALTER SYSTEM"},
    {"AlterTSConfigurationStmt", "ALTER TEXT SEARCH CONFIGURATION"},
    {"AlterTSDictionaryStmt", "ALTER TEXT SEARCH DICTIONARY"},
    {"AlterTableMoveAllStmt", "ALTER TABLE"},
    {"AlterTableSpaceOptionsStmt", "ALTER TABLESPACE"},
    {"AlterTypeStmt", "ALTER TYPE"},
    {"AlterUserMappingStmt", "ALTER USER MAPPING"},
    {"CallStmt", "CALL"},
    {"CheckPointStmt", "CHECKPOINT"},
    {"ClosePortalStmt", "CLOSE CURSOR"},
    {"ClusterStmt", "CLUSTER"},
    {"CommentStmt", "COMMENT"},
    {"CompositeTypeStmt", "CREATE TYPE"},
    {"ConstraintsSetStmt", "SET CONSTRAINTS"},
    {"CopyStmt", "COPY"},
    {"CreateAmStmt", "CREATE ACCESS METHOD"},
    {"CreateCastStmt", "CREATE CAST"},
    {"CreateConversionStmt", "CREATE CONVERSION"},
    {"CreateDomainStmt", "CREATE DOMAIN"},
    {"CreateEnumStmt", "CREATE TYPE"},
    {"CreateEventTrigStmt", "CREATE EVENT TRIGGER"},
    {"CreateExtensionStmt", "CREATE EXTENSION"},
    {"CreateFdwStmt", "CREATE FOREIGN DATA WRAPPER"},
    {"CreateForeignServerStmt", "CREATE SERVER"},
    {"CreateForeignTableStmt", "CREATE FOREIGN TABLE"},
    {"CreateOpClassStmt", "CREATE OPERATOR CLASS"},
    {"CreateOpFamilyStmt", "CREATE OPERATOR FAMILY"},
    {"CreatePLangStmt", "CREATE LANGUAGE"},
    {"CreatePolicyStmt", "CREATE POLICY"},
    {"CreatePublicationStmt", "CREATE PUBLICATION"},
    {"CreateRangeStmt", "CREATE TYPE"},
    {"CreateRoleStmt", "CREATE ROLE"},
    {"CreateSchemaStmt", "CREATE SCHEMA"},
    {"CreateSeqStmt", "CREATE SEQUENCE"},
    {"CreateStatsStmt", "CREATE STATISTICS"},
    {"CreateStmt", "CREATE TABLE"},
    {"CreateSubscriptionStmt", "CREATE SUBSCRIPTION"},
    {"CreateTableSpaceStmt", "CREATE TABLESPACE"},
    {"CreateTransformStmt", "CREATE TRANSFORM"},
    {"CreateTrigStmt", "CREATE TRIGGER"},
    {"CreateUserMappingStmt", "CREATE USER MAPPING"},
    {"CreatedbStmt", "CREATE DATABASE"},
    {"DeallocateStmt", "DEALLOCATE"},
    {"DeclareCursorStmt", "DECLARE CURSOR"},
    {"DeleteStmt", "DELETE"},
    {"DiscardStmt", "DISCARD"},
    {"DoStmt", "DO"},
    {"DropOwnedStmt", "DROP OWNED"},
    {"DropRoleStmt", "DROP ROLE"},
    {"DropSubscriptionStmt", "DROP SUBSCRIPTION"},
    {"DropTableSpaceStmt", "DROP TABLESPACE"},
    {"DropUserMappingStmt", "DROP USER MAPPING"},
    {"DropdbStmt", "DROP DATABASE"},
    {"ExecuteStmt", "EXECUTE"},
    {"ExplainStmt", "EXPLAIN"},
    {"FetchStmt", "FETCH"},
    {"ImportForeignSchemaStmt", "IMPORT FOREIGN SCHEMA"},
    {"IndexStmt", "CREATE INDEX"},
    {"InsertStmt", "INSERT"},
    {"ListenStmt", "LISTEN"},
    {"LoadStmt", "LOAD"},
    {"LockStmt", "LOCK TABLE"},
    {"MergeStmt", "MERGE"},
    {"NotifyStmt", "NOTIFY"},
    {"PrepareStmt", "PREPARE"},
    {"ReassignOwnedStmt", "REASSIGN OWNED"},
    {"RefreshMatViewStmt", "REFRESH MATERIALIZED VIEW"},
    {"ReindexStmt", "REINDEX"},
    {"ReplicaIdentityStmt", "ALTER TABLE"},
    {"RuleStmt", "CREATE RULE"},
    {"SecLabelStmt", "SECURITY LABEL"},
    {"SelectStmt", "SELECT"},
    {"TruncateStmt", "TRUNCATE TABLE"},
    {"UnlistenStmt", "UNLISTEN"},
    {"UpdateStmt", "UPDATE"},
    {"VariableShowStmt", "SHOW"},
    {"ViewStmt", "CREATE VIEW"},
});

constexpr auto object_words = std::to_array<Pair>({
    {"OBJECT_ATTRIBUTE", "TYPE"},
    {"OBJECT_COLUMN", "TABLE"},
    {"OBJECT_DOMCONSTRAINT", "DOMAIN"},
    {"OBJECT_FDW", "FOREIGN DATA WRAPPER"},
    {"OBJECT_FOREIGN_SERVER", "SERVER"},
    {"OBJECT_MATVIEW", "MATERIALIZED VIEW"},
    {"OBJECT_OPCLASS", "OPERATOR CLASS"},
    {"OBJECT_OPFAMILY", "OPERATOR FAMILY"},
    {"OBJECT_STATISTIC_EXT", "STATISTICS"},
    {"OBJECT_TABCONSTRAINT", "TABLE"},
    {"OBJECT_TSCONFIGURATION", "TEXT SEARCH CONFIGURATION"},
    {"OBJECT_TSDICTIONARY", "TEXT SEARCH DICTIONARY"},
    {"OBJECT_TSPARSER", "TEXT SEARCH PARSER"},
    {"OBJECT_TSTEMPLATE", "TEXT SEARCH TEMPLATE"},
});

constexpr auto transactions = std::to_array<Pair>({
    {"TRANS_STMT_BEGIN", "BEGIN"},
    {"TRANS_STMT_COMMIT", "COMMIT"},
    {"TRANS_STMT_COMMIT_PREPARED", "COMMIT PREPARED"},
    {"TRANS_STMT_PREPARE", "PREPARE TRANSACTION"},
    {"TRANS_STMT_RELEASE", "RELEASE"},
    {"TRANS_STMT_ROLLBACK", "ROLLBACK"},
    {"TRANS_STMT_ROLLBACK_PREPARED", "ROLLBACK PREPARED"},
    {"TRANS_STMT_ROLLBACK_TO", "ROLLBACK TO"},
    {"TRANS_STMT_SAVEPOINT", "SAVEPOINT"},
    {"TRANS_STMT_START", "START TRANSACTION"},
});

template <std::size_t size>
std::string_view find(const std::array<Pair, size>& pairs, std::string_view key) {
    const auto found =
        std::find_if(pairs.begin(), pairs.end(), [&](const Pair& p) { return p.first == key; });
    return found == pairs.end() ? std::string_view{} : found->second;
}

}  // namespace

std::string object_words_of(std::string_view object_type) {
    const std::string_view special = find(object_words, object_type);
    if (!special.empty()) return std::string(special);
    constexpr std::string_view prefix = "OBJECT_";
    if (object_type.starts_with(prefix)) object_type.remove_prefix(prefix.size());
    std::string out(object_type);
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

std::string command_tag(std::string_view type, Value node) {
    const std::string_view fixed = find(tags, type);
    if (!fixed.empty()) return std::string(fixed);
    if (type == "TransactionStmt") return std::string(find(transactions, node["kind"].text()));
    if (type == "VacuumStmt") return node["is_vacuumcmd"].is_true() ? "VACUUM" : "ANALYZE";
    if (type == "GrantStmt") return node["is_grant"].is_true() ? "GRANT" : "REVOKE";
    if (type == "GrantRoleStmt") return node["is_grant"].is_true() ? "GRANT ROLE" : "REVOKE ROLE";
    if (type == "VariableSetStmt")
        return node["kind"].text().starts_with("VAR_RESET") ? "RESET" : "SET";
    if (type == "CreateFunctionStmt")
        return node["is_procedure"].is_true() ? "CREATE PROCEDURE" : "CREATE FUNCTION";
    if (type == "DropStmt") return "DROP " + object_words_of(node["removeType"].text());
    if (type == "DefineStmt") return "CREATE " + object_words_of(node["kind"].text());
    if (type == "AlterFunctionStmt") return "ALTER " + object_words_of(node["objtype"].text());
    if (type == "AlterTableStmt") return "ALTER " + object_words_of(node["objtype"].text());
    if (type == "CreateTableAsStmt") {
        return node["objtype"].is("OBJECT_MATVIEW") ? "CREATE MATERIALIZED VIEW"
                                                    : "CREATE TABLE AS";
    }
    if (type == "RenameStmt") {
        const bool part =
            node["renameType"].is("OBJECT_COLUMN") || node["renameType"].is("OBJECT_ATTRIBUTE");
        if (part) return "ALTER " + object_words_of(node["relationType"].text());
        const bool of_table = node["renameType"].is("OBJECT_TABCONSTRAINT");
        return "ALTER " + (of_table ? "TABLE" : object_words_of(node["renameType"].text()));
    }
    if (type == "AlterObjectSchemaStmt" || type == "AlterOwnerStmt" ||
        type == "AlterObjectDependsStmt") {
        return "ALTER " + object_words_of(node["objectType"].text());
    }
    return std::string(type);
}

}  // namespace cairn::sql
