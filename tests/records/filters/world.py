"""People with cases and a home, to ask filters about: their fields, and Hypothesis' ways to make them and filters."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as some

from crm.records.filters import (
    OPERATORS,
    All,
    Any_,
    Field,
    FieldSet,
    FieldType,
    Filter,
    Measure,
    Not,
    Related,
    Relation,
    Rule,
)
from crm.records.kind_names import KindName
from crm.store import Reading

_TAGS = "person.id IN (SELECT person_id FROM tags WHERE {condition})"
CASE_FIELDS = {
    field.key: field
    for field in (
        Field("title", "Title", FieldType.TEXT, "one.title"),
        Field("hours", "Hours", FieldType.NUMBER, "one.hours"),
        Field("amount", "Amount", FieldType.MONEY, "one.amount", currency="one.coin"),
        Field("due", "Due", FieldType.DATE, "one.due"),
        Field("opened", "Opened", FieldType.MOMENT, "one.opened"),
    )
}
CASES = Relation(
    key="cases",
    called=KindName("case", "cases"),
    table="cases",
    alias="one",
    owner="person.id",
    child="one.person_id",
    fields=CASE_FIELDS,
)
HOME = Relation(
    key="home",
    called=KindName("home", "homes"),
    table="homes",
    alias="home",
    owner="person.home_id",
    child="home.id",
    where="home.standing",
    fields={"street": Field("street", "Street", FieldType.TEXT, "home.street")},
    single=True,
)
FIELDS = FieldSet(
    (
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
    ),
    (CASES, HOME),
)

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
days = some.sampled_from([MONDAY + timedelta(days=shift) for shift in (-370, -36, -8, -2, -1, 0, 1, 2, 6, 7, 8, 57)])
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
    "title": texts,
    "street": texts,
    "hours": numbers,
    "amount": amounts,
    "due": days,
    "opened": days,
}
COINS = some.sampled_from(["BRL", "USD"])

cases = some.fixed_dictionaries(
    {
        "title": some.none() | texts,
        "hours": some.none() | some.sampled_from([0.0, 1.0, 1.5, 10.0]),
        "amount": some.none() | amounts.map(Decimal),
        "coin": COINS,
        "due": some.none() | days,
        "opened": some.none() | moments,
    }
)

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
            "cases": some.lists(cases, max_size=3),
            "home_id": some.none() | some.sampled_from([0, 1, 2, 3]),
        }
    ),
    max_size=5,
)


def values_of(draw: some.DrawFn, op: str, values: some.SearchStrategy[Any]) -> Any:
    match op:
        case "is_empty" | "is_not_empty":
            return None
        case "one_of" | "not_one_of":
            return draw(some.lists(values, min_size=1, max_size=3))
        case "between":
            return draw(values), draw(values)
        case "in_last_days" | "in_next_days" | "more_than_days_ago" | "more_than_days_ahead":
            return draw(some.sampled_from([1, 2, 7]))
        case "in_this" | "in_previous" | "in_next":
            return draw(some.sampled_from(["day", "week", "month", "quarter", "year"]))
    return draw(values)


@some.composite
def rules(
    draw: some.DrawFn,
    fields: Mapping[str, Field] = FIELDS,
    values: Mapping[str, some.SearchStrategy[Any]] = VALUES,
) -> Rule:
    field = fields[draw(some.sampled_from(sorted(fields)))]
    op = draw(some.sampled_from(OPERATORS[field.type]))
    return Rule(field=field.key, op=op, value=values_of(draw, op, values[field.key]))


@some.composite
def measures(draw: some.DrawFn) -> Measure:
    figure = draw(some.sampled_from(["count", "sum", "average", "first", "last"]))
    if figure == "count":
        op = draw(some.sampled_from(OPERATORS[FieldType.NUMBER]))
        return Measure(figure=figure, op=op, value=values_of(draw, op, some.sampled_from([0, 1, 2])))
    key = draw(some.sampled_from(["due", "opened"] if figure in ("first", "last") else ["hours", "amount"]))
    op = draw(some.sampled_from(OPERATORS[CASE_FIELDS[key].type]))
    currency = draw(COINS) if key == "amount" else None
    values = some.sampled_from([0, 1, 1.5, 3]) if key == "hours" else VALUES[key]
    return Measure(figure=figure, field=key, currency=currency, op=op, value=values_of(draw, op, values))


def nested(lines: some.SearchStrategy[Filter], most: int) -> some.SearchStrategy[Filter]:
    return some.recursive(
        lines,
        lambda inner: some.one_of(
            some.builds(All, of=some.lists(inner, max_size=3).map(tuple)),
            some.builds(Any_, of=some.lists(inner, max_size=3).map(tuple)),
            some.builds(Not, of=inner),
        ),
        max_leaves=most,
    )


def by_relation(
    key: str, lines: some.SearchStrategy[Filter], measures: some.SearchStrategy[Measure], most: int = 2
) -> some.SearchStrategy[Related]:
    """At most that many filters of one and the same record of the relation, or a figure over them."""
    of = some.lists(nested(lines, 3), max_size=most).map(tuple)
    return some.builds(Related, relation=some.just(key), of=of, measure=some.none() | measures)


related = some.one_of(
    by_relation("cases", rules(CASE_FIELDS), measures(), most=3),
    some.builds(Related, relation=some.just("home"), of=some.lists(rules(HOME.fields), max_size=2).map(tuple)),
)
filters = nested(rules() | related, 6)


def lay(tx: Reading, rows: list[dict[str, Any]]) -> None:
    people = [[number, *(row[name] for name in _COLUMNS)] for number, row in enumerate(rows)]
    tags = [(number, *tag) for number, row in enumerate(rows) for tag in row["tags"]]
    found = [(number, *map(case.get, _CASE_COLUMNS)) for number, row in enumerate(rows) for case in row["cases"]]
    _lay(tx, "people", {"id": pl.Int64(), **_COLUMNS}, people)
    _lay(tx, "tags", {"person_id": pl.Int64(), "tag_id": pl.Int64(), "note": pl.String()}, tags)
    _lay(tx, "cases", {"person_id": pl.Int64(), **_CASE_COLUMNS}, [*found, (None, *map(_LOOSE.get, _CASE_COLUMNS))])
    _lay(tx, "homes", {"id": pl.Int64(), "street": pl.String(), "standing": pl.Boolean()}, _HOMES)


def _lay(tx: Reading, name: str, schema: dict[str, Any], rows: list[Any]) -> None:
    tx.bulk(name, pl.DataFrame(rows, schema=schema, orient="row"))


_COLUMNS: dict[str, pl.DataType] = {
    "city": pl.String(),
    "plan": pl.String(),
    "seats": pl.Float64(),
    "value": pl.Decimal(18, 4),
    "born": pl.Date(),
    "seen": pl.Datetime("us", "UTC"),
    "ticked": pl.Boolean(),
    "owner": pl.Int64(),
    "home_id": pl.Int64(),
}
_CASE_COLUMNS: dict[str, pl.DataType] = {
    "title": pl.String(),
    "hours": pl.Float64(),
    "amount": pl.Decimal(18, 4),
    "coin": pl.String(),
    "due": pl.Date(),
    "opened": pl.Datetime("us", "UTC"),
}
_LOOSE = {"title": "Recife", "hours": 1.0, "amount": Decimal(1), "coin": "BRL", "due": MONDAY, "opened": None}
"""A case of nobody: a child without a parent must not turn an answer into NULL."""
_HOMES = [(0, "Recife", True), (1, None, True), (2, "São Paulo", False)]
"""The third does not count any more, and a fourth that people may point at is not there at all."""


def person(row: dict[str, Any]) -> dict[str, Any]:
    homes = {number: {"street": street} for number, street, standing in _HOMES if standing}
    return row | {
        "tag": tuple(tag for tag, _ in row["tags"]),
        "note": tuple(note for _, note in row["tags"]),
        "home": [homes[row["home_id"]]] if row["home_id"] in homes else [],
    }
