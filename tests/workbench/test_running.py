"""Running a query: what comes back, what is refused and how, and that it always ends."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest

from crm import contacts
from crm.foundation.errors import Forbidden, Invalid, NotFound, Unavailable
from crm.store import Store
from crm.workbench.children import BOOT, Child, Ended, Pool
from crm.workbench.limits import Limits
from crm.workbench.parameters import ParameterType
from crm.workbench.running import Query, QueryRefused, QueryStopped, TooManyQueries, Workbench
from tests.people import Team
from tests.workbench.attacks import BOMBS, DEEP
from tests.workbench.conftest import Ask

ENDLESS = "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3"


@pytest.fixture
def lia(store: Store, team: Team) -> contacts.Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia", city="Recife")


def test_rows_come_back_with_their_types(ask: Ask, team: Team, lia: contacts.Contact) -> None:
    found = ask(
        team.rui,
        """
        SELECT name, created_at, created_at::DATE AS day, 1.5 AS amount, [1, 2] AS list, {'a': 1} AS part, NULL AS none
        FROM contacts
        """,
    )
    assert len(found) == 1
    row = found[0]
    assert (row["name"], row["created_at"], row["amount"], row["list"]) == (
        "Lia",
        lia.created_at,
        Decimal("1.5"),
        [1, 2],
    )
    assert (row["part"], row["none"]) == ({"a": 1}, None)


def test_days_are_those_of_the_workspace(ask: Ask, team: Team) -> None:
    found = ask(team.rui, "SELECT TIMESTAMPTZ '2026-01-01 01:00:00+00'::DATE::VARCHAR AS day")
    assert found == [{"day": "2025-12-31"}]


def test_parameters_are_values_and_never_text_of_the_query(ask: Ask, team: Team, lia: contacts.Contact) -> None:
    hostile = "' OR true --"
    assert ask(team.rui, "SELECT id FROM contacts WHERE name = $name", name=hostile) == []
    assert ask(team.rui, "SELECT id FROM contacts WHERE name = $name", name="Lia") == [{"id": lia.id}]


def test_parameters_have_their_types(workbench: Workbench, team: Team) -> None:
    given = {
        "text": (ParameterType.TEXT, "a"),
        "whole": (ParameterType.NUMBER, 7),
        "part": (ParameterType.NUMBER, "2.50"),
        "large": (ParameterType.NUMBER, 1e300),
        "day": (ParameterType.DATE, "2026-02-28"),
        "yes": (ParameterType.BOOLEAN, True),
        "none": (ParameterType.DATE, None),
    }
    named = ", ".join(f"typeof(${name}) AS {name}" for name in given)
    table = workbench.run(team.rui, Query(f"SELECT {named}, $part * 2 AS double", given)).table
    assert table is not None
    assert table.to_pylist()[0] == {
        "text": "VARCHAR", "whole": "INTEGER", "part": "DECIMAL(3,2)", "large": "DOUBLE", "day": "DATE",
        "yes": "BOOLEAN", "none": '"NULL"', "double": Decimal("5.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ParameterType.NUMBER, "seven"),
        (ParameterType.NUMBER, True),
        (ParameterType.NUMBER, float("inf")),
        (ParameterType.NUMBER, "1e999999999"),
        (ParameterType.NUMBER, "NaN"),
        (ParameterType.DATE, "2026-02-30"),
        (ParameterType.DATE, 7),
        (ParameterType.BOOLEAN, "true"),
        (ParameterType.TEXT, 7),
        (ParameterType.TEXT, "a\0b"),
    ],
)
def test_a_value_of_another_type_is_refused(
    workbench: Workbench, team: Team, kind: ParameterType, value: object
) -> None:
    with pytest.raises(Invalid) as refusal:
        workbench.run(team.rui, Query("SELECT $a", {"a": (kind, value)}))
    assert refusal.value.field == "parameters.a"


def test_parameters_must_be_those_that_the_query_names(ask: Ask, team: Team) -> None:
    with pytest.raises(Invalid, match=r"needs a value for \$b"):
        ask(team.rui, "SELECT $a + $b", a=1)
    with pytest.raises(Invalid, match=r"has no \$c"):
        ask(team.rui, "SELECT $a", a=1, c=2)


@pytest.mark.parametrize(
    ("sql", "line", "column", "said"),
    [
        ("SELECT 1 +", 1, 10, "This is no SQL"),
        ("SELECT 'ã',\n  nam FROM contacts", 2, 3, "Did you mean name?"),
        ("SELECT *\nFROM contact", 2, 6, "Did you mean contacts?"),
        ("SELECT sleep_ms(1)", 1, 8, "no function “sleep_ms”"),
        ("SELECT * FROM base.users", 1, 15, "has a schema"),
        ("SELECT 'x'::INTEGER", 1, 11, "Could not convert"),
        ("DELETE FROM contacts", None, None, "Only a SELECT"),
        ("SELECT 1; SELECT 2", None, None, "one statement"),
    ],
)
def test_a_refusal_says_what_and_where(
    workbench: Workbench, team: Team, sql: str, line: int | None, column: int | None, said: str
) -> None:
    with pytest.raises(QueryRefused, match=said) as refusal:
        workbench.run(team.rui, Query(sql))
    assert (refusal.value.line, refusal.value.column) == (line, column)


def test_too_many_rows_are_cut_and_said(workbench: Workbench, team: Team) -> None:
    result = workbench.run(team.rui, Query("SELECT * FROM range(10000)", rows=3000))
    assert result.table is not None
    assert (result.table.num_rows, result.truncated) == (3000, "rows")
    whole = workbench.run(team.rui, Query("SELECT * FROM range(3000)", rows=3000))
    assert whole.table is not None
    assert (whole.table.num_rows, whole.truncated) == (3000, "")


def test_too_many_bytes_are_cut_and_said(store: Store, team: Team, pool: Pool) -> None:
    small = Workbench(store, Limits(seconds=60, output=2**20), pool)
    result = small.run(team.rui, Query("SELECT repeat('x', 100) AS x FROM range(100000)"))
    assert result.truncated == "bytes"
    assert result.table is not None
    assert 0 < result.table.nbytes < 2**21
    with pytest.raises(QueryRefused, match="A single row"):
        small.run(team.rui, Query("SELECT repeat('x', 3000000)"))


def test_a_plan_is_explained_as_text(workbench: Workbench, team: Team) -> None:
    result = workbench.run(
        team.rui, Query("SELECT name FROM contacts WHERE id = $id", {"id": (ParameterType.NUMBER, 1)}, explain=True)
    )
    assert result.table is None
    assert "FILTER" in result.plan.upper() or "SCAN" in result.plan.upper()


def test_running_needs_the_permission(ask: Ask, team: Team) -> None:
    for actor in (team.ana, team.vera):
        with pytest.raises(Forbidden):
            ask(actor, "SELECT 1")
    for actor in (team.rui, team.marta, team.ada):
        assert ask(actor, "SELECT 1 AS one") == [{"one": 1}]


def test_a_query_that_takes_too_long_is_ended(store: Store, team: Team, pool: Pool) -> None:
    hasty = Workbench(store, Limits(seconds=2), pool)
    began = time.monotonic()
    with pytest.raises(QueryStopped, match="longer than the 2 seconds"):
        hasty.run(team.rui, Query(ENDLESS))
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("what", [*BOMBS, *DEEP])
def test_a_bomb_ends_in_words_and_leaves_the_rest_at_work(store: Store, team: Team, pool: Pool, what: str) -> None:
    small = Workbench(store, Limits(seconds=1.5, memory=128 * 2**20), pool)
    with suppress(QueryRefused, QueryStopped):
        result = small.run(team.rui, Query({**BOMBS, **DEEP}[what]))
        assert result.table is not None  # within its limits
        assert result.table.nbytes < small.limits.output
    # With its usual time: after a bomb, a busy machine starts the next process slowly.
    assert Workbench(store, Limits(), pool).run(team.rui, Query("SELECT 1")).table is not None


def test_a_run_can_be_cancelled_by_whoever_began_it(store: Store, team: Team, workbench: Workbench) -> None:
    refused: list[Exception] = []

    def run() -> None:
        try:
            workbench.run(team.rui, Query(ENDLESS), "mine")
        except QueryStopped as refusal:
            refused.append(refusal)

    thread = threading.Thread(target=run)
    thread.start()
    _wait_until(lambda: "mine" in workbench.running(team.rui))
    with pytest.raises(NotFound):
        workbench.cancel(team.marta, "mine")
    workbench.cancel(team.rui, "mine")
    thread.join(30)
    assert [str(one) for one in refused] == ["The query was cancelled."]
    assert workbench.running(team.rui) == []
    with pytest.raises(NotFound):
        workbench.cancel(team.rui, "mine")


@pytest.mark.parametrize(
    "value",
    [
        "'infinity'::DATE",
        "DATE '20000-01-01'",
        "DATE '0044-03-15 (BC)'",
        "'-infinity'::TIMESTAMPTZ",
        "TIMESTAMP '290000-01-01'",
        "[NULL, DATE '20000-01-01']",
        "{'a': 1, 'b': [{'c': 'infinity'::TIMESTAMP}]}",
        "map([1], ['infinity'::DATE])",
        "'infinity'::DATE::UNION(a INT, b DATE)",
    ],
)
def test_days_and_times_that_nothing_else_knows_are_refused(workbench: Workbench, team: Team, value: str) -> None:
    """Python, Polars and spreadsheets fail on them, each where it meets them: in the page, in a file, in a tile."""
    with pytest.raises(QueryRefused, match="“odd” holds a day or time that cannot be shown"):
        workbench.run(team.rui, Query(f"SELECT 1 AS n, {value} AS odd"))


def test_days_and_times_of_the_calendar_are_shown(workbench: Workbench, team: Team) -> None:
    kinds = "DATE '1500-01-01' AS a, TIMESTAMP_NS '2026-01-01' AS b, TIME '23:59:59' AS c, INTERVAL 1 MONTH AS d"
    table = workbench.run(team.rui, Query(f"SELECT {kinds}, NULL::DATE AS e, []::DATE[] AS f")).table
    assert table is not None
    assert table.to_pylist()[0]["a"] == date(1500, 1, 1)


def test_a_result_has_only_so_many_columns(workbench: Workbench, team: Team) -> None:
    most = workbench.limits.columns
    wide = ", ".join(f"{number} AS c{number}" for number in range(most))
    table = workbench.run(team.rui, Query(f"SELECT {wide}")).table
    assert table is not None
    assert table.num_columns == most
    with pytest.raises(QueryRefused, match=f"{most + 1} columns, more than it may"):
        workbench.run(team.rui, Query(f"SELECT {wide}, 0 AS one_more"))


def test_one_person_runs_only_so_many_at_once(store: Store, team: Team, pool: Pool) -> None:
    narrow = Workbench(store, Limits(seconds=60, at_once=1), pool)
    ended: list[Exception] = []

    def run() -> None:
        try:
            narrow.run(team.rui, Query(ENDLESS), "long")
        except QueryStopped as refusal:
            ended.append(refusal)

    thread = threading.Thread(target=run)
    thread.start()
    _wait_until(lambda: narrow.running(team.rui) == ["long"])
    with pytest.raises(TooManyQueries):
        narrow.run(team.rui, Query("SELECT 1"))
    assert narrow.run(team.marta, Query("SELECT 1")).table is not None
    narrow.cancel(team.rui, "long")
    thread.join(30)
    assert narrow.run(team.rui, Query("SELECT 1")).table is not None


def test_that_no_process_can_start_is_no_refusal_of_the_query(
    store: Store, team: Team, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Child:
        raise Ended(1)

    monkeypatch.setattr(pool, "take", none)
    with pytest.raises(Unavailable):
        Workbench(store, Limits(), pool).run(team.rui, Query("SELECT 1"))


def test_a_process_that_crashes_is_a_refusal(store: Store, team: Team) -> None:
    crashing = BOOT.replace(
        "main(int", "import os; from crm.workbench.child import query\nquery._answer = lambda *a: os.abort()\nmain(int"
    )
    pool = Pool(1, lambda: Child(crashing))
    try:
        with pytest.raises(QueryStopped, match="broke off"):
            Workbench(store, Limits(), pool).run(team.rui, Query("SELECT 1"))
    finally:
        pool.close()


def test_a_process_that_answers_nonsense_is_a_refusal(store: Store, team: Team) -> None:
    lying = BOOT.replace(
        "main(int",
        """
from crm.workbench.child import query, wire
def lie(wired, *rest):
    wire.send(wired, wire.PIECE, b"\\xff" * 1000)
    wire.send_message(wired, {"done": {"rows": 1, "truncated": ""}})
query._answer = lie
main(int""",
    )
    pool = Pool(1, lambda: Child(lying))
    try:
        with pytest.raises(QueryStopped, match="cannot be read"):
            Workbench(store, Limits(), pool).run(team.rui, Query("SELECT 1"))
    finally:
        pool.close()


def test_every_process_serves_one_query_and_ends(
    workbench: Workbench, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Child] = []
    take = workbench.pool.take

    def noted() -> Child:
        used.append(take())
        return used[-1]

    monkeypatch.setattr(workbench.pool, "take", noted)
    for _ in range(3):
        workbench.run(team.rui, Query("SELECT 1"))
    assert len({child.pid for child in used}) == 3
    assert all(child._process.poll() is not None for child in used)


def _wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)
