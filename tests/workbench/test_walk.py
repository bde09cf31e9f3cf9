"""The walk through a query: what it lets through, what it finds read, and everything that it refuses."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from crm.workbench.child.functions import CALLED, TABLE
from crm.workbench.child.walk import Reads, Refused, walk
from tests.workbench.attacks import BOMBS, ESCAPES

LEFT_TO_THE_ENGINE = {"others: the passwords", "catalogue: a named cast into the catalogue"}
"""A column and a type that are not there: see test_walls."""

VIEWS = frozenset({"contacts", "deals", "users"})


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def parsed(engine: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    tree = json.loads(engine.execute("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}).fetchall()[0][0])
    if tree["error"]:
        raise Refused("statement")
    found: list[dict[str, Any]] = tree["statements"]
    return found


def reads(engine: duckdb.DuckDBPyConnection, sql: str) -> Reads:
    return walk(parsed(engine, sql), VIEWS)


@pytest.mark.parametrize("what", [what for what in ESCAPES if what not in LEFT_TO_THE_ENGINE])
def test_the_walk_refuses(engine: duckdb.DuckDBPyConnection, what: str) -> None:
    with pytest.raises(Refused):
        reads(engine, ESCAPES[what])


@pytest.mark.parametrize("what", BOMBS)
def test_what_only_wants_too_much_is_left_to_the_limits(engine: duckdb.DuckDBPyConnection, what: str) -> None:
    assert reads(engine, BOMBS[what]).views == set()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name, count(*) FROM contacts GROUP BY ALL HAVING count(*) > 1 ORDER BY 2 DESC NULLS LAST LIMIT 9",
        "SELECT DISTINCT ON (owner_id) title FROM deals ORDER BY owner_id, value DESC",
        "WITH a AS (SELECT * FROM contacts), b AS (SELECT * FROM a) SELECT b.name FROM b JOIN a USING (id)",
        "WITH contacts AS (SELECT id FROM contacts) SELECT * FROM contacts",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT * FROM t",
        "SELECT CASE WHEN value > 5 THEN 'a' ELSE 'b' END, round(value / 3.0, 2), value BETWEEN 1 AND 2 FROM deals",
        "SELECT date_trunc('month', created_at)::DATE, sum(value) FILTER (WHERE status = 'won') FROM deals GROUP BY 1",
        "SELECT sum(value) OVER (PARTITION BY owner_id ORDER BY id ROWS 3 PRECEDING) FROM deals",
        "SELECT *, row_number() OVER w FROM deals WINDOW w AS (PARTITION BY owner_id) QUALIFY row_number() OVER w = 1",
        "SELECT * EXCLUDE (email) REPLACE (upper(name) AS name) FROM contacts WHERE name ILIKE 'a%' AND id IS NULL",
        "SELECT COLUMNS(lambda c: c LIKE 'n%') FROM contacts",
        "SELECT list_transform([1, 2], lambda x: x + 1), [x * 2 FOR x IN [1, 2] IF x > 1], {'a': 1}.a, [1, 2][1:1]",
        "SELECT c.name FROM contacts AS c ANTI JOIN deals AS d ON d.contact_id = c.id",
        "SELECT * FROM deals AS a ASOF JOIN deals AS b ON a.created_at >= b.created_at",
        "SELECT owner_id, status, sum(value) FROM deals GROUP BY GROUPING SETS ((owner_id), (status), ())",
        "SELECT (SELECT max(value) FROM deals WHERE id = c.id), EXISTS (FROM deals), 1 IN (SELECT 2) FROM contacts c",
        "FROM (PIVOT deals ON status IN ('won', 'lost') USING sum(value) GROUP BY owner_id)",
        "FROM (UNPIVOT deals ON value INTO NAME field VALUE amount)",
        "SELECT quantile_cont(value, 0.5), mode(status), string_agg(title, ', ' ORDER BY title) FROM deals",
        "SELECT * FROM generate_series(DATE '2026-01-01', DATE '2026-12-01', INTERVAL 1 MONTH) AS months(day)",
        "VALUES (1, 'a'), (2, 'b')",
        "SELECT name FROM contacts UNION ALL SELECT title FROM deals EXCEPT SELECT 'x' INTERSECT SELECT 'y'",
        "SELECT name FROM contacts TABLESAMPLE reservoir(10 ROWS)",
        "SELECT extract(year FROM d), t AT TIME ZONE 'UTC', value::DECIMAL(10, 2), TRY_CAST('x' AS INT) FROM deals",
        "SELECT $owner::BIGINT, coalesce(name, email), name || '!' /* ; DROP TABLE x */ FROM contacts -- ;",
        'SELECT "name" FROM "Contacts"',
        "TABLE contacts",
        "SELECT '{\"a\": 1}'::JSON ->> 'a', json_extract_string('{}', '$.a')",
        "SELECT name COLLATE NOCASE FROM contacts ORDER BY ALL;",
        "SELECT * FROM contacts WHERE name LIKE '100\\%' ESCAPE '\\' OR name SIMILAR TO 'a.*' OR name ~ 'b'",
    ],
)
def test_plain_questions_pass_and_run(engine: duckdb.DuckDBPyConnection, sql: str) -> None:
    found = reads(engine, sql)
    assert found.views <= VIEWS


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT count(*) FROM contacts", set()),
        ("SELECT name FROM contacts WHERE city = 'x'", {"name", "city"}),
        ("SELECT c.Name FROM contacts AS c JOIN deals AS d USING (id)", {"c", "name", "id"}),
        ("SELECT * FROM contacts", None),
        ("SELECT c FROM contacts AS c", None),
        ("SELECT contacts FROM contacts", None),
        ("SELECT a FROM (SELECT id FROM contacts) AS a", None),
        ("SELECT name FROM contacts NATURAL JOIN deals", None),
        ("SELECT #1 FROM contacts", None),
        ("SELECT x FROM contacts AS c(x, y)", None),
        ("SELECT COLUMNS('n.*') FROM contacts", None),
    ],
)
def test_columns_are_read_where_they_may_count(
    engine: duckdb.DuckDBPyConnection, sql: str, columns: set[str] | None
) -> None:
    found = reads(engine, sql)
    assert (None if found.all_columns else found.columns) == columns


def test_a_common_table_expression_holds_only_where_it_was_made(engine: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Refused) as refusal:
        reads(engine, "SELECT * FROM (WITH a AS (SELECT 1) FROM a), a")
    assert (refusal.value.code, refusal.value.text) == ("table", "a")


def test_a_refusal_says_where(engine: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Refused) as refusal:
        reads(engine, "SELECT 'ã',\n sleep_ms(1)")
    assert refusal.value.place == len("SELECT 'ã',\n ".encode())


def test_parameters_are_found(engine: duckdb.DuckDBPyConnection) -> None:
    assert reads(engine, "SELECT $a, $b::DATE FROM contacts WHERE id = $a").parameters == {"a", "b"}


def test_an_unknown_kind_of_node_is_refused() -> None:
    for node in (
        {"type": "NEW_NODE"},
        {"class": "NEW", "type": "NEW"},
        {"class": "OPERATOR", "type": "OPERATOR_NEW"},
        {"unheard": 1, "of": 2},
    ):
        with pytest.raises(Refused):
            walk([{"node": node, "named_param_map": []}], VIEWS)


def test_every_function_that_may_be_called_is_there_and_changes_nothing(engine: duckdb.DuckDBPyConnection) -> None:
    """What the engine forgets is taken off the list; what it says has side effects is never on it."""
    there = {
        name.lower(): effects
        for name, effects in engine.execute(
            "SELECT function_name, bool_or(coalesce(has_side_effects, false)) FROM duckdb_functions() GROUP BY ALL"
        ).fetchall()
    }
    made_by_the_parser = {"coalesce", "nullif", "if", "case", "error_if_null", "unnest", "list_value"}
    assert sorted((CALLED | TABLE) - there.keys() - made_by_the_parser) == []
    assert sorted(name for name in CALLED | TABLE if there.get(name)) == ["random"]
