"""A limit on the time that one question may take: what it ends, and what it leaves alone."""

import pytest

from crm.foundation.access import SYSTEM
from crm.foundation.errors import TooSlow
from crm.store import Store
from crm.store.cursors import identity_of
from tests.people import Team

ENDLESS = "SELECT sum(hash(a.range + b.range)) FROM range(1000000) AS a, range(1000000) AS b"
SHORT = 0.05
SPENT = 1e-9
"""Over before the first statement is asked."""


@pytest.mark.parametrize("ask", ["rows", "value", "frame", "arrow", "row"])
def test_a_statement_that_lasts_too_long_is_ended_with_a_way_out(store: Store, ask: str) -> None:
    with (
        pytest.raises(TooSlow, match=r"longer than the 0\.05 seconds .* Narrow it"),
        store.reading(SYSTEM, seconds=SHORT) as tx,
    ):
        getattr(tx, ask)(ENDLESS)


def test_what_is_laid_beside_is_limited_too(store: Store) -> None:
    with pytest.raises(TooSlow), store.reading(SYSTEM, seconds=SHORT) as tx:
        tx.create_temp_table("endless", ENDLESS)


def test_many_short_statements_together_are_limited(store: Store) -> None:
    with pytest.raises(TooSlow), store.reading(SYSTEM, seconds=SPENT) as tx:
        tx.value("SELECT 1")


def test_who_goes_on_after_the_refusal_meets_it_again(store: Store) -> None:
    with store.reading(SYSTEM, seconds=SHORT) as tx:
        for sql in (ENDLESS, "SELECT 1"):
            with pytest.raises(TooSlow):
                tx.value(sql)


def test_the_next_to_read_is_not_limited_by_the_one_before(store: Store, team: Team) -> None:
    with pytest.raises(TooSlow), store.reading(team.ana, seconds=SHORT) as tx:
        tx.value(ENDLESS)
    limit = "SELECT current_setting('max_execution_time')"
    with store.reading(team.ana) as tx:
        assert tx.value(limit) == 0
    with store.reading(team.ana, seconds=3) as tx:
        assert tx.value(limit) == 3000
    with store.writing(team.ana) as tx:
        assert tx.value(limit) == 0


def test_a_cursor_under_the_same_limit_is_taken_first(store: Store, team: Team) -> None:
    with store.reading(team.bob) as one, store.reading(team.bob, seconds=3) as other:
        assert one.value("SELECT 1") == other.value("SELECT 1")
    for seconds in (None, 3, None, 3):
        with store.reading(team.bob, seconds=seconds) as tx:
            tx.value("SELECT 1")
    of_bob = [idle for idle in store._idle if idle.identity == identity_of(team.bob)]
    assert sorted(idle.milliseconds for idle in of_bob) == [0, 3000]


def test_what_a_change_laid_is_gone_when_it_is_kept(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        tx.create_temp_table_once("beside", "SELECT 1 AS one")
        assert tx.value("SELECT one FROM temp.beside") == 1
    with store.reading(team.ana) as tx:
        assert tx.value("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'beside'") == 0


def test_a_change_lays_anew_what_it_has_changed_since(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for name in ("first", "second"):
            tx.create_temp_table_once("beside", f"SELECT '{name}' AS name")
            assert tx.value("SELECT name FROM temp.beside") == name
