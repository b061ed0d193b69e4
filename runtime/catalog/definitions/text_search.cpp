#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* parser_objects = R"(
SELECT p.oid, 'TEXT SEARCH PARSER', n.nspname, p.prsname, '', NULL, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid = ANY ($1))";

constexpr const char* parsers = R"(
SELECT p.oid, '', concat_ws(' ', p.prsstart::oid, p.prstoken::oid, p.prsend::oid, p.prsheadline::oid, p.prslextype::oid),
       format('CREATE TEXT SEARCH PARSER %I.%I (%s)', n.nspname, p.prsname, concat_ws(', ', 'START = ' || p.prsstart,
           'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend, 'LEXTYPES = ' || p.prslextype,
           'HEADLINE = ' || nullif(p.prsheadline::oid, 0)::regproc)),
       format('DROP TEXT SEARCH PARSER %I.%I', n.nspname, p.prsname), NULL, NULL
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid = ANY ($1))";

constexpr const char* template_objects = R"(
SELECT t.oid, 'TEXT SEARCH TEMPLATE', n.nspname, t.tmplname, '', NULL, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE t.oid = ANY ($1))";

constexpr const char* templates = R"(
SELECT t.oid, '', concat_ws(' ', t.tmplinit::oid, t.tmpllexize::oid),
       format('CREATE TEXT SEARCH TEMPLATE %I.%I (%s)', n.nspname, t.tmplname,
              concat_ws(', ', 'INIT = ' || nullif(t.tmplinit::oid, 0)::regproc, 'LEXIZE = ' || t.tmpllexize)),
       format('DROP TEXT SEARCH TEMPLATE %I.%I', n.nspname, t.tmplname), NULL, NULL
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE t.oid = ANY ($1))";

constexpr const char* dictionary_objects = R"(
SELECT d.oid, 'TEXT SEARCH DICTIONARY', n.nspname, d.dictname, '', NULL, d.dictowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE d.oid = ANY ($1))";

// Options are kept as the text `a = 'x', b = 1`, in the order in which they were last set; some
// templates insist on theirs when the dictionary is made.
constexpr const char* dictionaries = R"(
SELECT d.oid, '', 'dictionary ' || d.dicttemplate,
       format('CREATE TEXT SEARCH DICTIONARY %I.%I (%s)', n.nspname, d.dictname, concat_ws(', ',
           (SELECT format('TEMPLATE = %s.%I', t.tmplnamespace::regnamespace, t.tmplname)
            FROM pg_ts_template t WHERE t.oid = d.dicttemplate), d.dictinitoption)),
       format('DROP TEXT SEARCH DICTIONARY %I.%I', n.nspname, d.dictname), NULL, NULL
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE d.oid = ANY ($1)
UNION ALL
SELECT d.oid, 'options', d.dictinitoption, format('ALTER TEXT SEARCH DICTIONARY %I.%I (%s)', n.nspname, d.dictname, d.dictinitoption),
       NULL, 'set', 'given'
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE d.dictinitoption IS NOT NULL AND d.oid = ANY ($1)
UNION ALL
SELECT d.oid, 'option ' || o.part[1], 'there',
       format('ALTER TEXT SEARCH DICTIONARY %I.%I (%s = %s)', n.nspname, d.dictname, o.part[1], o.part[2]),
       format('ALTER TEXT SEARCH DICTIONARY %I.%I (%s)', n.nspname, d.dictname, o.part[1]), 'set', 'given'
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
     CROSS JOIN LATERAL regexp_matches(d.dictinitoption,
         $re$("(?:[^"]|"")*"|[^ ",=]+) = (E?'(?:[^']|'')*'|[^,' ]+)(?:, |$)$re$, 'g') o(part)
WHERE d.oid = ANY ($1))";

constexpr const char* configuration_objects = R"(
SELECT c.oid, 'TEXT SEARCH CONFIGURATION', n.nspname, c.cfgname, '', NULL, c.cfgowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE c.oid = ANY ($1))";

constexpr const char* configurations = R"(
SELECT c.oid, '', 'configuration ' || c.cfgparser,
       format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %s.%I)', n.nspname, c.cfgname, p.prsnamespace::regnamespace, p.prsname),
       format('DROP TEXT SEARCH CONFIGURATION %I.%I', n.nspname, c.cfgname), NULL, NULL
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
WHERE c.oid = ANY ($1)
UNION ALL
SELECT c.oid, 'mapping for ' || t.alias, string_agg(m.mapdict::text, ' ' ORDER BY m.mapseqno),
       format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', n.nspname, c.cfgname, t.alias,
              string_agg(format('%s.%I', d.dictnamespace::regnamespace, d.dictname), ', ' ORDER BY m.mapseqno)),
       format('ALTER TEXT SEARCH CONFIGURATION %I.%I DROP MAPPING FOR %I', n.nspname, c.cfgname, t.alias), NULL, NULL
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_config_map m ON m.mapcfg = c.oid
     JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype JOIN pg_ts_dict d ON d.oid = m.mapdict
WHERE c.oid = ANY ($1)
GROUP BY c.oid, n.nspname, c.cfgname, t.alias)";

}  // namespace

std::vector<Family> text_search_families() {
    return {{"pg_ts_parser", parser_objects, {parsers}},
            {"pg_ts_template", template_objects, {templates}},
            {"pg_ts_dict", dictionary_objects, {dictionaries}},
            {"pg_ts_config", configuration_objects, {configurations}}};
}

}  // namespace cairn::catalog
