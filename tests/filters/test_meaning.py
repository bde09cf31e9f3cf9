"""SQL selects exactly what a filter means, by a slow oracle: NULLs, quotes, accents and time zones included."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm.access import SYSTEM
from crm.filters import OPERATORS, All, Any_, Field, FieldType, Filter, Not, Rule, compile_filter, dump, parse
from crm.store import Reading, Store
from tests.filters.oracle import matches

_TAGS = "person.id IN (SELECT person_id FROM tags WHERE {condition})"
FIELDS = {
    field.key: field
    for field in (
        Field("city", "City", FieldType.TEXT, "person.city"),
        Field("plan", "Plan", FieldType.CHOICE, "person.plan"),
        Field("seats", "Seats", FieldType.NUMBER, "person.seats"),
        Field("value", "Value", FieldType.MONEY, "person.value"),
        Field("born", "Born", FieldType.DATE, "person.born"),
        Field("seen", "Seen", FieldType.MOMENT, "person.seen"),
        Field("ticked", "Ticked", FieldType.CHECKBOX, "person.ticked"),
        Field("owner", "Owner", FieldType.REFERENCE, "person.owner"),
        Field("tag", "Tag", FieldType.REFERENCE, "tag_id", _TAGS),
        Field("note", "Note", FieldType.TEXT, "note", _TAGS),
    )
}

LETTERS = "aAéÉñß%_'\"\\;-日😀 "
texts = some.one_of(
    some.sampled_from(
        ["Recife", "recife", "São Paulo", "SAO PAULO", "100%", "50_a", "o'x", "' OR 1=1 --", "$f0", "{condition}"]
    ),
    some.text(LETTERS, min_size=1, max_size=4),
)
plans = some.sampled_from(["Free", "free", "Pro"])
numbers = some.sampled_from([-2, 0, 1, 1.5, 5, 10])
amounts = some.sampled_from(["0", "0.01", "99.99", "100", "-3"])
MONDAY = date(2018, 11, 5)  # the day before, clocks in São Paulo had no midnight
days = some.sampled_from([MONDAY + timedelta(days=shift) for shift in (-300, -2, -1, 0, 1, 2, 6, 7)])
moments = some.builds(
    lambda day, hour, second: datetime(day.year, day.month, day.day, hour, 0, second, tzinfo=UTC),
    days,
    some.sampled_from([0, 2, 3, 4, 5, 12, 18, 23]),
    some.sampled_from([0, 59]),
)
ids = some.sampled_from([1, 2, 3])
zones = some.sampled_from(["America/Sao_Paulo", "UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"])

VALUES: dict[str, some.SearchStrategy[Any]] = {
    "city": texts,
    "note": texts,
    "plan": plans,
    "seats": numbers,
    "value": amounts,
    "born": days,
    "seen": days,
    "owner": ids,
    "tag": ids,
    "ticked": some.booleans(),
}

people = some.lists(
    some.fixed_dictionaries(
        {
            "city": some.none() | texts,
            "plan": some.none() | plans,
            "seats": some.none() | numbers.map(float),
            "value": some.none() | amounts.map(Decimal),
            "born": some.none() | days,
            "seen": some.none() | moments,
            "ticked": some.none() | some.booleans(),
            "owner": some.none() | ids,
            "tags": some.lists(some.tuples(ids, some.none() | texts), max_size=3),
        }
    ),
    max_size=5,
)


@some.composite
def rules(draw: some.DrawFn) -> Rule:
    field = FIELDS[draw(some.sampled_from(sorted(FIELDS)))]
    op = draw(some.sampled_from(OPERATORS[field.type]))
    values = VALUES[field.key]
    match op:
        case "is_empty" | "is_not_empty":
            return Rule(field=field.key, op=op)
        case "one_of":
            return Rule(field=field.key, op=op, value=draw(some.lists(values, min_size=1, max_size=3)))
        case "between":
            return Rule(field=field.key, op=op, value=(draw(values), draw(values)))
        case "in_last_days" | "in_next_days":
            return Rule(field=field.key, op=op, value=draw(some.sampled_from([1, 2, 7])))
    return Rule(field=field.key, op=op, value=draw(values))


filters = some.recursive(
    rules(),
    lambda inner: some.one_of(
        some.builds(All, of=some.lists(inner, max_size=3).map(tuple)),
        some.builds(Any_, of=some.lists(inner, max_size=3).map(tuple)),
        some.builds(Not, of=inner),
    ),
    max_leaves=6,
)


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
    wanted = [number for number, row in enumerate(rows) if matches(asked, _person(row), MONDAY, zone)]
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


@given(asked=filters)
def test_a_filter_written_as_json_reads_back_as_itself(asked: Filter) -> None:
    assert parse(dump(asked)) == asked


def lay(tx: Reading, rows: list[dict[str, Any]]) -> None:
    tx.bulk(
        "people",
        pl.DataFrame(
            [[number, *(row[name] for name in _COLUMNS)] for number, row in enumerate(rows)],
            schema={"id": pl.Int64(), **_COLUMNS},
            orient="row",
        ),
    )
    tags = [(number, *tag) for number, row in enumerate(rows) for tag in row["tags"]]
    tx.bulk(
        "tags",
        pl.DataFrame(tags, schema={"person_id": pl.Int64(), "tag_id": pl.Int64(), "note": pl.String()}, orient="row"),
    )


_COLUMNS: dict[str, pl.DataType] = {
    "city": pl.String(),
    "plan": pl.String(),
    "seats": pl.Float64(),
    "value": pl.Decimal(18, 4),
    "born": pl.Date(),
    "seen": pl.Datetime("us", "UTC"),
    "ticked": pl.Boolean(),
    "owner": pl.Int64(),
}


def _person(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"tag": tuple(tag for tag, _ in row["tags"]), "note": tuple(note for _, note in row["tags"])}
