"""SQL selects exactly what a filter means, by a slow oracle: NULLs, quotes, accents, time zones, relatives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm.foundation.access import SYSTEM
from crm.records.filters import Filter, Not, compile_filter, dump, parse, tally
from crm.store import Reading, Store
from tests.records.filters.oracle import matches
from tests.records.filters.world import FIELDS, MONDAY, filters, lay, people, person, zones


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    folder: Path = tmp_path_factory.mktemp("filters")
    store = Store(folder / "store", threads=1)
    with store.reading(SYSTEM) as tx:
        yield tx
    store.close()


@settings(max_examples=250, deadline=None)
@given(rows=people, asked=filters, zone=zones)
def test_sql_selects_exactly_what_the_filter_means(
    reading: Reading, rows: list[dict[str, Any]], asked: Filter, zone: str
) -> None:
    lay(reading, rows)
    clause = compile_filter(asked, FIELDS, today=MONDAY, time_zone=zone)
    found = reading.rows(f"SELECT id FROM people AS person WHERE {clause.sql} ORDER BY id", **clause.params)
    wanted = [number for number, row in enumerate(rows) if matches(asked, person(row), MONDAY, zone)]
    assert [row["id"] for row in found] == wanted


@settings(max_examples=80, deadline=None)
@given(rows=people, asked=filters)
def test_a_filter_and_its_opposite_share_nobody_and_leave_nobody_out(
    reading: Reading, rows: list[dict[str, Any]], asked: Filter
) -> None:
    lay(reading, rows)

    def count(part: Filter) -> int:
        clause = compile_filter(part, FIELDS, today=MONDAY, time_zone="UTC")
        return int(reading.value(f"SELECT count(*) FROM people AS person WHERE {clause.sql}", **clause.params))

    assert count(asked) + count(Not(of=asked)) == len(rows)


@settings(max_examples=60, deadline=None)
@given(rows=people, parts=some.lists(filters, min_size=1, max_size=4))
def test_many_parts_are_counted_in_one_look_as_each_is_by_itself(
    reading: Reading, rows: list[dict[str, Any]], parts: list[Filter]
) -> None:
    lay(reading, rows)
    counted = tally(parts, FIELDS, today=MONDAY, time_zone="UTC")
    found = reading.row(
        f"SELECT {counted.counts} FROM (SELECT {counted.lines} FROM people AS person)", **counted.params
    )
    wanted = [sum(matches(part, person(row), MONDAY, "UTC") for row in rows) for part in parts]
    assert list(found.values()) == wanted


@given(asked=filters)
def test_a_filter_written_as_json_reads_back_as_itself(asked: Filter) -> None:
    assert parse(dump(asked)) == asked
