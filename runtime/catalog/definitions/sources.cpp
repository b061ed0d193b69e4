#include "runtime/catalog/definitions/sources.hpp"

#include <algorithm>
#include <iterator>

namespace cairn::catalog {
namespace {

constexpr Source sources[] = {
    {"pg_class", "'pg_class'::regclass, r.oid", "r.oid"},
    {"pg_attribute", "'pg_class'::regclass, r.attrelid", "r.attrelid"},
    {"pg_attrdef", "'pg_attrdef'::regclass, r.oid", "r.oid"},
    {"pg_constraint", "'pg_constraint'::regclass, r.oid", "r.oid"},
    {"pg_index", "'pg_class'::regclass, r.indexrelid", "r.indexrelid"},
    {"pg_trigger", "'pg_trigger'::regclass, r.oid", "r.oid"},
    {"pg_rewrite", "'pg_rewrite'::regclass, r.oid", "r.oid"},
    {"pg_policy", "'pg_policy'::regclass, r.oid", "r.oid"},
    {"pg_inherits", "'pg_class'::regclass, r.inhrelid", "r.inhrelid"},
    {"pg_partitioned_table", "'pg_class'::regclass, r.partrelid", "r.partrelid"},
    {"pg_sequence", "'pg_class'::regclass, r.seqrelid", "r.seqrelid"},
    {"pg_foreign_table", "'pg_class'::regclass, r.ftrelid", "r.ftrelid"},
    {"pg_statistic_ext", "'pg_statistic_ext'::regclass, r.oid", "r.oid"},
    {"pg_description", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_seclabel", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_init_privs", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_depend", "r.classid::regclass, r.objid", "r.objid", "r.classid"},
    {"pg_type", "'pg_type'::regclass, r.oid", "r.oid"},
    {"pg_enum", "'pg_type'::regclass, r.enumtypid", "r.enumtypid"},
    {"pg_range", "'pg_type'::regclass, r.rngtypid", "r.rngtypid"},
    {"pg_proc", "'pg_proc'::regclass, r.oid", "r.oid"},
    {"pg_aggregate", "'pg_proc'::regclass, r.aggfnoid::oid"},
    {"pg_operator", "'pg_operator'::regclass, r.oid", "r.oid"},
    {"pg_opclass", "'pg_opclass'::regclass, r.oid", "r.oid"},
    {"pg_opfamily", "'pg_opfamily'::regclass, r.oid", "r.oid"},
    {"pg_amop", "'pg_opfamily'::regclass, r.amopfamily"},
    {"pg_amproc", "'pg_opfamily'::regclass, r.amprocfamily"},
    {"pg_am", "'pg_am'::regclass, r.oid", "r.oid"},
    {"pg_cast", "'pg_cast'::regclass, r.oid", "r.oid"},
    {"pg_collation", "'pg_collation'::regclass, r.oid", "r.oid"},
    {"pg_conversion", "'pg_conversion'::regclass, r.oid", "r.oid"},
    {"pg_language", "'pg_language'::regclass, r.oid", "r.oid"},
    {"pg_transform", "'pg_transform'::regclass, r.oid", "r.oid"},
    {"pg_namespace", "'pg_namespace'::regclass, r.oid", "r.oid"},
    {"pg_extension", "'pg_extension'::regclass, r.oid", "r.oid"},
    {"pg_event_trigger", "'pg_event_trigger'::regclass, r.oid", "r.oid"},
    {"pg_publication", "'pg_publication'::regclass, r.oid", "r.oid"},
    {"pg_publication_rel", "'pg_publication'::regclass, r.prpubid"},
    {"pg_publication_namespace", "'pg_publication'::regclass, r.pnpubid"},
    {"pg_subscription", "'pg_subscription'::regclass, r.oid", "r.oid"},
    {"pg_foreign_data_wrapper", "'pg_foreign_data_wrapper'::regclass, r.oid", "r.oid"},
    {"pg_foreign_server", "'pg_foreign_server'::regclass, r.oid", "r.oid"},
    {"pg_user_mapping", "'pg_user_mapping'::regclass, r.oid", "r.oid"},
    {"pg_default_acl", "'pg_default_acl'::regclass, r.oid", "r.oid"},
    {"pg_ts_config", "'pg_ts_config'::regclass, r.oid", "r.oid"},
    {"pg_ts_config_map", "'pg_ts_config'::regclass, r.mapcfg"},
    {"pg_ts_dict", "'pg_ts_dict'::regclass, r.oid", "r.oid"},
    {"pg_ts_parser", "'pg_ts_parser'::regclass, r.oid", "r.oid"},
    {"pg_ts_template", "'pg_ts_template'::regclass, r.oid", "r.oid"},
    {"pg_largeobject_metadata", "'pg_largeobject'::regclass, r.oid", "r.oid"},
    {"pg_largeobject", "'pg_largeobject'::regclass, r.loid"},
    // Those that all databases share.
    {"pg_authid", "'pg_authid'::regclass, r.oid", "r.oid"},
    {"pg_auth_members", "'pg_authid'::regclass, r.member"},
    {"pg_database", "'pg_database'::regclass, r.oid", "r.oid"},
    {"pg_tablespace", "'pg_tablespace'::regclass, r.oid", "r.oid"},
    {"pg_db_role_setting",
     "CASE r.setrole WHEN 0 THEN 'pg_database'::regclass ELSE 'pg_authid'::regclass END, "
     // Those of everybody everywhere (ALTER ROLE ALL) count as this database's.
     "CASE WHEN r.setrole <> 0 THEN r.setrole WHEN r.setdatabase <> 0 THEN r.setdatabase "
     "ELSE (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) END"},
    {"pg_shdescription", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_shseclabel", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_parameter_acl", "'pg_parameter_acl'::regclass, r.oid", "r.oid"},
};

}  // namespace

const Source* source_of(const std::string& catalog) {
    const auto* const found = std::find_if(std::begin(sources), std::end(sources),
                                           [&](const Source& one) { return catalog == one.catalog; });
    return found == std::end(sources) ? nullptr : found;
}

}  // namespace cairn::catalog
