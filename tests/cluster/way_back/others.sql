-- What is no relation: types, routines, operators, text search, publications, servers, roles and the rest.
CREATE ROLE other_owner;
CREATE ROLE other_reader NOINHERIT LOGIN CREATEDB CONNECTION LIMIT 3 PASSWORD 'secret' VALID UNTIL '2040-01-01';
CREATE ROLE "other admin";
CREATE ROLE other_alone;
GRANT other_owner TO other_reader WITH ADMIN OPTION;
GRANT other_owner TO "other admin";
ALTER ROLE other_reader SET search_path = "$user", public, "with space";
COMMENT ON ROLE other_reader IS 'reads';
GRANT SET ON PARAMETER log_min_duration_statement TO other_reader;
DO $$ BEGIN
    EXECUTE format('ALTER ROLE other_reader IN DATABASE %I SET work_mem = ''5MB''', current_database());
    EXECUTE format('ALTER DATABASE %I SET my.setting = ''a, b''', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO other_reader', current_database());
    EXECUTE format('COMMENT ON DATABASE %I IS ''the fixture''', current_database());
END $$;

CREATE SCHEMA misc;
COMMENT ON SCHEMA misc IS 'others';
GRANT USAGE ON SCHEMA misc TO other_reader;
CREATE SCHEMA "Other Side" AUTHORIZATION other_owner;
SET search_path = misc;

CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
COMMENT ON TYPE mood IS 'how one feels';
REVOKE USAGE ON TYPE mood FROM PUBLIC;
GRANT USAGE ON TYPE mood TO other_reader WITH GRANT OPTION;
CREATE TYPE lonely AS ENUM ('one', 'two');
CREATE TYPE pair AS (a int, "B b" text COLLATE "C", c numeric(10,2));
COMMENT ON TYPE pair IS 'two and more';
COMMENT ON COLUMN pair."B b" IS 'the second';
CREATE TYPE free_pair AS (a int, b text, c date);
COMMENT ON COLUMN free_pair.b IS 'between';
CREATE DOMAIN amount AS numeric(10,2) DEFAULT 3 NOT NULL CONSTRAINT above CHECK (VALUE > 0) CONSTRAINT below CHECK (VALUE < 1000);
ALTER DOMAIN amount ADD CONSTRAINT unlucky CHECK (VALUE <> 13) NOT VALID;
COMMENT ON DOMAIN amount IS 'of money';
COMMENT ON CONSTRAINT above ON DOMAIN amount IS 'no gifts';
CREATE DOMAIN code AS text COLLATE "C" CHECK (VALUE ~ '^[a-z]*$');
CREATE FUNCTION distance(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = distance, multirange_type_name = spans);
CREATE TYPE plain_span AS RANGE (subtype = text, collation = "C");
CREATE TYPE own_int;
CREATE FUNCTION own_in(cstring) RETURNS own_int LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION own_out(own_int) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION own_send(own_int) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
CREATE TYPE own_int (INPUT = own_in, OUTPUT = own_out, LIKE = int4, CATEGORY = 'N', DELIMITER = ';', DEFAULT = '7');
CREATE TYPE shell;

CREATE TABLE moods (id int PRIMARY KEY, now mood DEFAULT 'it''s ok', "before" mood[] DEFAULT '{sad}', p pair, pairs pair[], cost amount,
    word code, s span, many spans, own own_int);
INSERT INTO moods SELECT n, (ARRAY['sad', 'it''s ok', 'happy', NULL])[n % 4 + 1]::mood, ARRAY['happy', 'sad']::mood[],
    ROW(n, 'b' || n, n * 1.5)::pair, ARRAY[ROW(n, NULL, 1)::pair], n, 'abc', span(n, n + 1.5), spans(span(n, n + 1)), n::text::own_int
FROM generate_series(1, 10) n;
CREATE INDEX moods_now ON moods (now);
CREATE VIEW happy AS SELECT id, now, cost FROM moods WHERE now = 'happy';
GRANT SELECT ON happy TO other_reader;
CREATE FUNCTION feeling(m mood DEFAULT 'happy') RETURNS mood LANGUAGE sql AS 'SELECT m';
COMMENT ON FUNCTION feeling(mood) IS 'of a mood';

CREATE FUNCTION f(a int, b text DEFAULT 'x', VARIADIC c int[] DEFAULT '{}') RETURNS int LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 7
    SET search_path TO misc, public AS $$SELECT a$$;
COMMENT ON FUNCTION f(int, text, int[]) IS 'a ''quoted'' comment';
GRANT EXECUTE ON FUNCTION f(int, text, int[]) TO other_reader WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION f(int, text, int[]) FROM PUBLIC;
CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'SELECT a';
CREATE FUNCTION atomic(a int) RETURNS TABLE (x int, y mood) BEGIN ATOMIC SELECT a, 'sad'::mood; END;
CREATE FUNCTION calls_f() RETURNS int BEGIN ATOMIC SELECT f(1); END;
CREATE FUNCTION broken() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT x FROM not_there); END';
CREATE FUNCTION many(OUT a int, OUT b text) RETURNS SETOF record LANGUAGE sql ROWS 3 AS $$VALUES (1, 'x')$$;
CREATE FUNCTION windowed() RETURNS int8 LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION unnamed(int, int) RETURNS int LANGUAGE sql AS 'SELECT $1 + $2';
CREATE FUNCTION calls_unnamed() RETURNS int BEGIN ATOMIC SELECT unnamed(1, 2); END;
CREATE PROCEDURE act(INOUT a int, OUT b text) LANGUAGE plpgsql AS 'BEGIN b := a; END';
COMMENT ON PROCEDURE act IS 'acts';
CREATE PROCEDURE "Quoted Proc"() LANGUAGE sql SECURITY DEFINER SET work_mem = '4MB' AS 'SELECT 1';
CREATE FUNCTION changes_schema(name text) RETURNS void LANGUAGE plpgsql AS
    $$BEGIN EXECUTE format('CREATE FUNCTION misc.%I() RETURNS int LANGUAGE sql AS ''SELECT 1''', name); END$$;
CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl, parallel = safe, msfunc = int4pl,
    minvfunc = int4mi, mstype = int, minitcond = '0');
COMMENT ON AGGREGATE total(int) IS 'sums';
CREATE AGGREGATE largest(int) (sfunc = int4larger, stype = int, sortop = operator(pg_catalog.>));
CREATE AGGREGATE percentile(float8 ORDER BY float8) (sfunc = ordered_set_transition, stype = internal,
    finalfunc = percentile_disc_final, finalfunc_extra);
CREATE AGGREGATE ranked(VARIADIC "any" ORDER BY VARIADIC "any") (sfunc = ordered_set_transition_multi, stype = internal,
    finalfunc = rank_final, finalfunc_extra, hypothetical);
CREATE AGGREGATE counted(*) (sfunc = int8inc, stype = int8, initcond = '0');

CREATE FUNCTION mood_eq(mood, mood) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.enum_eq($1, $2)';
CREATE FUNCTION mood_ne(mood, mood) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.enum_ne($1, $2)';
CREATE OPERATOR === (leftarg = mood, rightarg = mood, function = mood_eq, commutator = ===, negator = !==, restrict = eqsel,
    join = eqjoinsel, hashes, merges);
CREATE OPERATOR !== (leftarg = mood, rightarg = mood, function = mood_ne, commutator = !==, negator = ===, restrict = neqsel);
COMMENT ON OPERATOR ===(mood, mood) IS 'the same';
CREATE OPERATOR |> (rightarg = int, function = int4abs);
CREATE FUNCTION mood_hash(mood) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.hashenum($1)';
CREATE OPERATOR FAMILY fam USING hash;
CREATE OPERATOR CLASS mood_ops FOR TYPE mood USING hash FAMILY fam AS OPERATOR 1 ===, FUNCTION 1 mood_hash(mood);
COMMENT ON OPERATOR CLASS mood_ops USING hash IS 'hashes moods';
ALTER OPERATOR FAMILY fam USING hash ADD OPERATOR 1 =(int, int), FUNCTION 1 (int, int) hashint4(int);
CREATE CAST (mood AS int) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (mood AS int) IS 'why not';
CREATE FUNCTION to_amount(mood) RETURNS amount LANGUAGE sql IMMUTABLE AS 'SELECT 1::misc.amount';
CREATE CAST (mood AS own_int) WITH INOUT;
CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'prsd_lextype';
CREATE TRANSFORM FOR mood LANGUAGE plpgsql (FROM SQL WITH FUNCTION from_sql(internal));
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
COMMENT ON CONVERSION latin IS 'old';
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION posix (lc_collate = 'C', lc_ctype = 'POSIX');
COMMENT ON COLLATION nocase IS 'blind';

CREATE TEXT SEARCH TEMPLATE tmpl (init = dsimple_init, lexize = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY dict (template = tmpl, stopwords = 'english', accept = false);
COMMENT ON TEXT SEARCH DICTIONARY dict IS 'words';
CREATE TEXT SEARCH DICTIONARY stems (template = snowball, language = 'german');
CREATE TEXT SEARCH PARSER prs (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype, headline = prsd_headline);
CREATE TEXT SEARCH CONFIGURATION cfg (parser = prs);
ALTER TEXT SEARCH CONFIGURATION cfg ADD MAPPING FOR word, url WITH dict, simple;
ALTER TEXT SEARCH CONFIGURATION cfg ADD MAPPING FOR asciiword WITH stems;
COMMENT ON TEXT SEARCH CONFIGURATION cfg IS 'configured';

CREATE EXTENSION hstore SCHEMA misc;
CREATE EXTENSION citext SCHEMA misc;
CREATE TABLE bags (id int PRIMARY KEY, h hstore DEFAULT 'a=>1');
INSERT INTO bags VALUES (1, 'x=>1, y=>NULL'), (2, NULL);
ALTER FUNCTION calls_f() DEPENDS ON EXTENSION citext;
CREATE FUNCTION in_extension() RETURNS int LANGUAGE sql AS 'SELECT 1';

CREATE TABLE published (a int PRIMARY KEY, b mood, c text);
CREATE PUBLICATION pub FOR TABLE published (a, c) WHERE (a > 3) WITH (publish = 'insert');
CREATE PUBLICATION pub_schema FOR TABLES IN SCHEMA misc WITH (publish_via_partition_root);
COMMENT ON PUBLICATION pub IS 'some';
CREATE PUBLICATION pub_empty;

CREATE FOREIGN DATA WRAPPER wrapper OPTIONS (any 'thing');
CREATE FOREIGN DATA WRAPPER checked VALIDATOR postgresql_fdw_validator;
CREATE SERVER checked FOREIGN DATA WRAPPER checked OPTIONS (host 'a');
GRANT USAGE ON FOREIGN DATA WRAPPER wrapper TO other_owner;
CREATE SERVER srv TYPE 'x' VERSION '1.2' FOREIGN DATA WRAPPER wrapper OPTIONS (host 'a', dbname 'it''s');
COMMENT ON SERVER srv IS 'far away';
CREATE USER MAPPING FOR other_reader SERVER srv OPTIONS ("user" 'u', password 'p');
CREATE USER MAPPING FOR PUBLIC SERVER srv;
CREATE FUNCTION on_event() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION on_event();
COMMENT ON EVENT TRIGGER watch IS 'watches';
CREATE EVENT TRIGGER asleep ON sql_drop EXECUTE FUNCTION on_event();
ALTER EVENT TRIGGER asleep DISABLE;
CREATE LANGUAGE own_language HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
COMMENT ON LANGUAGE own_language IS 'as plpgsql';
CREATE FUNCTION in_own() RETURNS int LANGUAGE own_language AS 'BEGIN RETURN 1; END';
CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD own_heap IS 'as heap';

SELECT lo_from_bytea(47110, 'some bytes');
COMMENT ON LARGE OBJECT 47110 IS 'large';
GRANT SELECT ON LARGE OBJECT 47110 TO other_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE other_owner GRANT SELECT ON TABLES TO other_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE other_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA "Other Side" GRANT USAGE ON SEQUENCES TO other_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA "Other Side" GRANT EXECUTE ON FUNCTIONS TO other_reader;
CREATE FUNCTION "Other Side".f() RETURNS int LANGUAGE sql AS 'SELECT 1';
