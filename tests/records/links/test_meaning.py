"""Filters by links select what a slow oracle does: one and the same link and record, counts and sums, both directions
and through contacts, with values that are missing, and records that are deleted or that the actor does not see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import pipelines
from crm.records import filtering, registry
from crm.records.filters import OPERATORS, Field, FieldType, Filter, Measure, Related, compile_filter
from crm.store import Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.filters.oracle import matches
from tests.records.filters.world import COINS, MONDAY, amounts, by_relation, days, nested, rules, texts, values_of
from tests.records.links.building import School, build

LABELS, LEVELS = ("student", "guardian"), ("Beginner", "Advanced")
COMPANIES = 2
VALUES: dict[str, some.SearchStrategy[Any]] = {
    "name": texts,
    "title": texts,
    "level": some.sampled_from(LEVELS),
    "price": amounts,
    "link_label": some.sampled_from(LABELS),
    "linked_on": days,
}
TYPES = {
    "name": FieldType.TEXT,
    "title": FieldType.TEXT,
    "level": FieldType.CHOICE,
    "price": FieldType.MONEY,
    "link_label": FieldType.CHOICE,
    "linked_on": FieldType.DATE,
}
OF_LINK = ("link_label", "linked_on")


def known(*keys: str) -> dict[str, Field]:
    return {key: Field(key, key, TYPES[key], "") for key in (*keys, *OF_LINK)}


COURSE, CONTACT, DEAL = known("name", "level", "price"), known("name"), known("title")

standing = {"mine": some.booleans(), "deleted": some.sampled_from([False, False, True])}
worlds = some.fixed_dictionaries(
    {
        "courses": some.lists(
            some.fixed_dictionaries(
                {
                    **standing,
                    "name": texts,
                    "level": some.none() | VALUES["level"],
                    "price": some.none() | amounts.map(Decimal),
                    "coin": COINS,
                }
            ),
            min_size=1,
            max_size=4,
        ),
        "contacts": some.lists(
            some.fixed_dictionaries(
                {**standing, "name": texts, "company": some.none() | some.integers(0, COMPANIES - 1)}
            ),
            min_size=1,
            max_size=4,
        ),
        "deals": some.lists(some.fixed_dictionaries({**standing, "title": texts}), min_size=1, max_size=3),
        "links": some.lists(
            some.tuples(
                some.integers(0, 3),
                some.sampled_from(["contact", "contact", "deal"]),
                some.integers(0, 3),
                some.none() | VALUES["link_label"],
                some.none() | days,
            ),
            max_size=9,
            unique_by=lambda link: link[:3],
        ),
    }
)


@some.composite
def measures(draw: some.DrawFn, *, of_course: bool) -> Measure:
    figure = draw(some.sampled_from(["count", "first", "last", *(["sum", "average"] if of_course else [])]))
    if figure == "count":
        op = draw(some.sampled_from(OPERATORS[FieldType.NUMBER]))
        return Measure(figure=figure, op=op, value=values_of(draw, op, some.sampled_from([0, 1, 2])))
    key = "linked_on" if figure in ("first", "last") else "price"
    op = draw(some.sampled_from(OPERATORS[TYPES[key]]))
    currency = draw(COINS) if key == "price" else None
    return Measure(figure=figure, field=key, currency=currency, op=op, value=values_of(draw, op, VALUES[key]))


def linked(key: str, fields: Mapping[str, Field], *, of_course: bool) -> some.SearchStrategy[Filter]:
    by = by_relation(key, rules(fields, VALUES), measures(of_course=of_course), most=3)
    return nested(by, 3)


@dataclass(frozen=True)
class Reader:
    """Ana, under owner-based privacy, in a writing that takes the records of each example in."""

    tx: Writing
    school: School
    pipeline: pipelines.Pipeline
    ana: int
    bob: int


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    store = Store(tmp_path_factory.mktemp("links") / "store", threads=1)
    team = Team(store)
    school = build(store, team)
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        yield Reader(tx, school, pipelines.all_of(tx)[0], team.ids.ana, team.ids.bob)
    store.close()


@dataclass(frozen=True)
class Laid:
    """What the store holds of an example: {kind: ids in its order}, and the children of each as Ana sees them."""

    ids: Mapping[str, list[int]]
    people: Mapping[str, list[dict[str, Any]]]


def lay(reader: Reader, world: dict[str, Any]) -> Laid:
    """Write the records of an example. Those of others stay beside them: no link leads from one to the other."""
    tx, kind = reader.tx, reader.school.kind
    stage = reader.pipeline.open_stages[0]
    ids = {
        of: _ids(tx, of, len(world[many]))
        for of, many in ((kind, "courses"), ("contact", "contacts"), ("deal", "deals"))
    }
    ids["company"] = _ids(tx, "company", COMPANIES)
    _insert(tx, "companies", ids["company"], [{"name": "Acme", "owner_id": reader.ana}] * COMPANIES)
    for of, many in ((kind, "courses"), ("contact", "contacts"), ("deal", "deals")):
        own = {"deal": {"pipeline_id": reader.pipeline.id, "stage_id": stage.id, "rank": 1, "currency": "BRL"}}.get(
            of, {}
        )
        rows = [
            {
                **own,
                **{key: value for key, value in row.items() if key in ("name", "title", "level", "price")},
                **({"currency": row["coin"]} if "coin" in row else {}),
                **({"company_id": _at(ids["company"], row["company"])} if "company" in row else {}),
                "owner_id": reader.ana if row["mine"] else reader.bob,
                "deleted": row["deleted"],
            }
            for row in world[many]
        ]
        _insert(tx, registry.get(of).plural, ids[of], rows)
    links = [link for link in world["links"] if link[0] < len(world["courses"]) and link[2] < len(world[f"{link[1]}s"])]
    labels = {"student": reader.school.student, "guardian": reader.school.guardian}
    for course, of, other, label, day in links:
        tx.run(
            """
            INSERT INTO base.links (
                object_kind, object_id, subject_kind, subject_id, link_label_id, linked_on, created_by, created_at,
                updated_at
            )
            VALUES ($kind, $object_id, $of, $subject_id, $label, $day, 0, $now, $now)
            """,
            kind=kind,
            object_id=ids[kind][course],
            of=of,
            subject_id=ids[of][other],
            label=labels.get(label),
            day=day,
            now=tx.now,
        )
    return Laid(ids, _people(world, links, kind))


def _people(world: dict[str, Any], links: list[Any], kind: str) -> dict[str, list[dict[str, Any]]]:
    """Who is linked to what, written the slow and obvious way."""

    def seen(of: str, place: int) -> bool:
        row = world[f"{of}s"][place]
        if row["deleted"]:
            return False
        # A course is seen by who sees a contact or a deal of it, too.
        by_link = of == "course" and any(course == place and seen(other, at) for course, other, at, _, _ in links)
        return bool(row["mine"] or by_link)

    def child(of: str, place: int, label: str | None, day: date | None) -> list[dict[str, Any]]:
        return [{**world[f"{of}s"][place], "link_label": label, "linked_on": day}] if seen(of, place) else []

    def courses(of: str, place: int) -> list[dict[str, Any]]:
        every = (
            child("course", course, label, day) for course, other, at, label, day in links if (other, at) == (of, place)
        )
        return [each for found in every for each in found]

    def others(of: str, place: int) -> list[dict[str, Any]]:
        every = (child(of, at, label, day) for course, other, at, label, day in links if (course, other) == (place, of))
        return [each for found in every for each in found]

    members = {
        company: [at for at, row in enumerate(world["contacts"]) if row["company"] == company and seen("contact", at)]
        for company in range(COMPANIES)
    }
    plural = registry.get(kind).plural
    return {
        "contact": [
            {plural: courses("contact", at), "seen": seen("contact", at)} for at in range(len(world["contacts"]))
        ],
        "deal": [{plural: courses("deal", at), "seen": seen("deal", at)} for at in range(len(world["deals"]))],
        "company": [
            {plural: [each for at in members[company] for each in courses("contact", at)], "seen": True}
            for company in range(COMPANIES)
        ],
        kind: [
            {"contacts": others("contact", at), "deals": others("deal", at), "seen": seen("course", at)}
            for at in range(len(world["courses"]))
        ],
    }


def _ids(tx: Writing, kind: str, many: int) -> list[int]:
    return [row["id"] for row in tx.rows(f"SELECT nextval('base.{kind}_ids') AS id FROM range($many)", many=many)]


def _at(ids: list[int], place: int | None) -> int | None:
    return None if place is None else ids[place]


def _insert(tx: Writing, table: str, ids: list[int], rows: list[dict[str, Any]]) -> None:
    columns = [column for column in rows[0] if column != "deleted"]
    frame = pl.DataFrame(
        [{"id": record_id, "deleted": False, **row} for record_id, row in zip(ids, rows, strict=True)],
        infer_schema_length=None,
    )
    tx.insert_frame(
        frame,
        f"""
        INSERT INTO base.{table} (id, {", ".join(columns)}, search, created_at, updated_at, deleted_at)
        SELECT id, {", ".join(columns)}, '', $now, $now, CASE WHEN deleted THEN $now END FROM frame
        """,
        now=tx.now,
    )


def holds(reader: Reader, world: dict[str, Any], kind: str, asked: Filter) -> None:
    """Compare what the filter selects of one kind with what the oracle does."""
    laid = lay(reader, world)
    of = registry.get(kind)
    clause = compile_filter(asked, filtering.fields(reader.tx, of, asked), today=MONDAY, time_zone="UTC")
    found = reader.tx.rows(
        f"SELECT id FROM {of.plural} AS {of.row} WHERE id >= $first AND {clause.sql} ORDER BY id",
        first=laid.ids[kind][0],
        **clause.params,
    )
    wanted = [
        record_id
        for record_id, person in zip(laid.ids[kind], laid.people[kind], strict=True)
        if person["seen"] and matches(asked, person, MONDAY, "UTC")
    ]
    assert [row["id"] for row in found] == wanted


@settings(max_examples=50, deadline=None)
@given(world=worlds, kind=some.sampled_from(["contact", "deal"]), data=some.data())
def test_contacts_and_deals_are_selected_by_links(
    reader: Reader, world: dict[str, Any], kind: str, data: some.DataObject
) -> None:
    holds(reader, world, kind, data.draw(linked(reader.school.plural, COURSE, of_course=True)))


@settings(max_examples=50, deadline=None)
@given(world=worlds, data=some.data())
def test_companies_are_selected_by_the_links_of_their_contacts(
    reader: Reader, world: dict[str, Any], data: some.DataObject
) -> None:
    # Whether there is any link at all is asked of every example: few filters are met by one company and not another.
    for asked in (
        Related(relation=reader.school.plural),
        data.draw(linked(reader.school.plural, COURSE, of_course=True)),
    ):
        holds(reader, world, "company", asked)


@settings(max_examples=50, deadline=None)
@given(world=worlds, data=some.data())
def test_records_are_selected_by_links(reader: Reader, world: dict[str, Any], data: some.DataObject) -> None:
    by = linked("contacts", CONTACT, of_course=False) | linked("deals", DEAL, of_course=False)
    holds(reader, world, reader.school.kind, data.draw(nested(by, 3)))
