"""Each text is parsed once, and what is kept of it runs as the text would."""

import threading

import duckdb
import pytest

from crm.foundation.access import SYSTEM
from crm.store import Store
from crm.store.parsed import LONGEST, MAX_TEXTS, Parsed


@pytest.fixture
def cursor() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_a_text_is_parsed_once(cursor: duckdb.DuckDBPyConnection) -> None:
    parsed = Parsed()
    assert parsed.statement(cursor, "SELECT 1") is parsed.statement(cursor, "SELECT 1")


def test_a_long_text_and_one_of_several_statements_are_run_as_they_are(cursor: duckdb.DuckDBPyConnection) -> None:
    for text in (f"SELECT '{'x' * LONGEST}'", "SELECT 1; SELECT 2"):
        assert Parsed().statement(cursor, text) == text


def test_no_more_than_so_many_are_kept(cursor: duckdb.DuckDBPyConnection) -> None:
    parsed = Parsed()
    for number in range(MAX_TEXTS + 1):
        parsed.statement(cursor, f"SELECT {number}")
    assert len(parsed._found) == 1


def test_what_is_no_sql_fails_as_it_did(store: Store) -> None:
    with pytest.raises(duckdb.ParserException), store.reading(SYSTEM) as tx:
        tx.rows("SELEC 1")


def test_several_threads_run_the_same_statement_with_their_own_parameters(store: Store) -> None:
    found: set[tuple[int, int]] = set()

    def ask(number: int) -> None:
        for _ in range(50):
            with store.reading(SYSTEM) as tx:
                found.add((number, tx.value("SELECT $number::BIGINT", number=number)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {(number, number) for number in range(6)}


def test_a_statement_outlives_the_connection_that_parsed_it(store: Store) -> None:
    def count() -> int:
        with store.reading(SYSTEM) as tx:
            return int(tx.value("SELECT count(*) FROM base.users WHERE name <> $name", name="Nobody"))

    before = count()
    store.renew()
    assert count() == before


def test_a_statement_reads_what_its_tables_are_now(store: Store) -> None:
    text = "SELECT * FROM base.trials"
    for columns in ("1 AS one", "1 AS one, 2 AS two"):
        with store.writing(SYSTEM) as tx:
            tx.run(f"CREATE OR REPLACE TABLE base.trials AS SELECT {columns}")
        with store.reading(SYSTEM) as tx:
            assert len(tx.row(text)) == len(columns.split(", "))
