"""Filters over orders and by orders mean what they say, by the slow oracle, on the real tables."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import companies, contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import filtering, segments
from crm.records.filters import (
    OPERATORS,
    All,
    FieldType,
    Filter,
    Measure,
    Not,
    Related,
    Rule,
    compile_filter,
    describe,
    tally,
)
from crm.records.listing import ListQuery
from crm.store import Reading, Store
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.filters.oracle import matches
from tests.records.filters.world import by_relation, nested, values_of

ALIASES = {"contacts": "contact", "companies": "company", "deals": "deal", "orders": "purchase"}
DAYS = [date(2025, 12, 25) + timedelta(days=shift) for shift in (0, 1, 6, 7, 8, 40)]
VALUES: dict[str, some.SearchStrategy[Any]] = {
    "title": some.sampled_from(["Lamp", "lamp", "Desk", "%"]),
    "status": some.sampled_from(orders.STATUSES),
    "source": some.sampled_from(orders.SOURCES),
    "value": some.sampled_from(["0", "10", "99.99", "100"]),
    "currency": some.sampled_from(["BRL", "usd", "EUR"]),
    "ordered_on": some.sampled_from(DAYS),
    "paid_on": some.sampled_from(DAYS),
    "external_id": some.sampled_from(["1", "2", "X-3"]),
}
TYPES = {
    "title": FieldType.TEXT,
    "status": FieldType.CHOICE,
    "source": FieldType.CHOICE,
    "value": FieldType.MONEY,
    "currency": FieldType.TEXT,
    "ordered_on": FieldType.DATE,
    "paid_on": FieldType.DATE,
    "external_id": FieldType.TEXT,
}


@some.composite
def rules(draw: some.DrawFn) -> Rule:
    field = draw(some.sampled_from(sorted(VALUES)))
    op = draw(some.sampled_from(OPERATORS[TYPES[field]]))
    return Rule(field=field, op=op, value=values_of(draw, op, VALUES[field]))


@some.composite
def measures(draw: some.DrawFn) -> Measure:
    figure = draw(some.sampled_from(["count", "sum", "average", "first", "last"]))
    if figure == "count":
        op = draw(some.sampled_from(OPERATORS[FieldType.NUMBER]))
        return Measure(figure=figure, op=op, value=values_of(draw, op, some.sampled_from([0, 1, 2])))
    field = draw(some.sampled_from(["ordered_on", "paid_on"])) if figure in ("first", "last") else "value"
    op = draw(some.sampled_from(OPERATORS[TYPES[field]]))
    currency = draw(some.sampled_from(["BRL", "USD"])) if field == "value" else None
    return Measure(figure=figure, field=field, currency=currency, op=op, value=values_of(draw, op, VALUES[field]))


by_orders = nested(by_relation("orders", rules(), measures()), 3)


@dataclass(frozen=True)
class World:
    tx: Reading
    orders: list[dict[str, Any]]
    """As the oracle takes them: `coin` is the currency that a sum is in."""
    owners: dict[str, dict[int, list[dict[str, Any]]]]
    """{noun: {id: its orders}}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("orders")
    store = Store(folder / "store", threads=1)
    chance = random.Random(5)
    with store.writing(SYSTEM) as tx:
        firms = [companies.create(tx, name=f"Firm {number}").id for number in range(3)]
        people = [
            contacts.create(tx, name=f"Person {number}", company_id=firms[number % 2] if number % 3 else None)
            for number in range(7)
        ]
        sales = pipelines.create(tx, "Sales", ["Lead"])
        chances = [deals.create(tx, title=f"Deal {number}", pipeline_id=sales.id).id for number in range(4)]
        made = []
        for number in range(26):
            order = orders.create(
                tx,
                title=chance.choice(["Lamp", "lamp", "Desk", "100%"]),
                contact_id=chance.choice(people[:-1]).id,
                deal_id=chance.choice([None, *chances[:-1]]),
                value=chance.choice(["0", "10", "99.99", "100"]),
                currency=chance.choice(["BRL", "BRL", "USD"]),
                status=chance.choice(orders.STATUSES),
                source=chance.choice(orders.SOURCES),
                external_id=chance.choice([None, f"{number}"]),
                ordered_on=chance.choice(DAYS),
                paid_on=chance.choice([None, *DAYS]),
            )
            made.append(order.model_dump() | {"coin": order.currency, "value": Decimal(order.value)})
        orders.delete(tx, made.pop()["id"])
    works_at = {person.id: person.company_id for person in people}
    with store.reading(SYSTEM) as tx:
        yield World(
            tx,
            made,
            {
                "contacts": {one.id: [row for row in made if row["contact_id"] == one.id] for one in people},
                "companies": {one: [row for row in made if works_at[row["contact_id"]] == one] for one in firms},
                "deals": {one: [row for row in made if row["deal_id"] == one] for one in chances},
            },
        )
    store.close()


def found(tx: Reading, noun: str, asked: Filter) -> list[int]:
    clause = compile_filter(asked, filtering.fields_of(tx, noun), today=tx.today, time_zone="UTC")
    rows = tx.rows(f"SELECT id FROM {noun} AS {ALIASES[noun]} WHERE {clause.sql} ORDER BY id", **clause.params)
    return [row["id"] for row in rows]


@settings(max_examples=120, deadline=None)
@given(asked=nested(rules(), 5))
def test_a_filter_over_orders_selects_exactly_what_it_means(world: World, asked: Filter) -> None:
    wanted = [row["id"] for row in world.orders if matches(asked, row, world.tx.today, "UTC")]
    assert found(world.tx, "orders", asked) == wanted


@pytest.mark.parametrize("noun", ["contacts", "companies", "deals"])
@settings(max_examples=80, deadline=None)
@given(asked=by_orders)
def test_a_filter_by_orders_selects_exactly_what_it_means(world: World, noun: str, asked: Filter) -> None:
    wanted = [
        owner
        for owner, theirs in world.owners[noun].items()
        if matches(asked, {"orders": theirs}, world.tx.today, "UTC")
    ]
    assert found(world.tx, noun, asked) == sorted(wanted)
    counted = tally([asked], filtering.fields_of(world.tx, noun), today=world.tx.today, time_zone="UTC")
    row = world.tx.row(
        f"SELECT {counted.counts} FROM (SELECT {counted.lines} FROM {noun} AS {ALIASES[noun]})", **counted.params
    )
    assert list(row.values()) == [len(wanted)]


PAID = Rule(field="status", op="is", value="paid")
LARGE = Rule(field="value", op="more_than", value=100)


@pytest.fixture
def bought(store: Store, team: Team) -> None:
    """Lia, Ana's, has a small paid order and a large open one; Caio, Bob's, a large paid one in dollars."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
        orders.create(tx, title="Lamp", contact_id=lia.id, value=20, status="paid")
        orders.create(tx, title="Desk", contact_id=lia.id, value=900)
    with store.writing(team.bob) as tx:
        caio = contacts.create(tx, name="Caio")
        orders.create(tx, title="Desk", contact_id=caio.id, value=800, currency="USD", status="paid")


def names(store: Store, actor: Any, asked: Filter) -> list[str]:
    with store.reading(actor) as tx:
        return [row["name"] for row in contacts.find(tx, ListQuery(asked, sort="name")).items]


@pytest.mark.usefixtures("bought")
def test_two_conditions_are_met_by_the_same_order(store: Store, team: Team) -> None:
    same = Related(relation="orders", of=(PAID, LARGE))
    apart = All(of=(Related(relation="orders", of=(PAID,)), Related(relation="orders", of=(LARGE,))))
    assert names(store, team.marta, same) == ["Caio"]
    assert names(store, team.marta, apart) == ["Caio", "Lia"]
    with store.reading(team.marta) as tx:
        said = describe(same, contacts.fields(tx))
    assert said == "has an order where Status is Paid and Value is more than 100 (the same order)"


@pytest.mark.usefixtures("bought")
def test_a_sum_is_of_one_currency_which_must_be_named(store: Store, team: Team) -> None:
    def more_than(value: int, currency: str | None) -> Related:
        return Related(
            relation="orders",
            measure=Measure(figure="sum", field="value", currency=currency, op="more_than", value=value),
        )

    assert names(store, team.marta, more_than(700, "BRL")) == ["Lia"]
    assert names(store, team.marta, more_than(700, "USD")) == ["Caio"]
    with pytest.raises(Invalid, match="needs the currency"):
        names(store, team.marta, more_than(700, None))


@pytest.mark.usefixtures("bought")
def test_orders_of_others_are_not_asked_about_under_owner_privacy(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    assert names(store, team.ana, Related(relation="orders", of=(LARGE,))) == ["Lia"]
    assert names(store, team.bob, Related(relation="orders", of=(LARGE,))) == ["Caio"]
    with store.reading(team.bob) as tx:
        assert orders.count(tx, ListQuery(LARGE)) == 1


@pytest.mark.usefixtures("bought")
def test_a_segment_by_orders_counts_at_once_and_is_broken_while_the_module_is_off(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        kept = segments.create(
            tx, kind="contacts", name="Large paid", filter=Related(relation="orders", of=(PAID, LARGE))
        )
        assert segments.counts(tx, (kept,)) == {kept.id: 1}
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    with store.reading(team.marta) as tx:
        assert segments.counts(tx, (kept,)) == {kept.id: None}
        assert segments.broken(tx, kept) == ["“orders” can no longer be filtered by."]
        with pytest.raises(Invalid, match="no “orders” to filter by"):
            contacts.count(tx, ListQuery(kept.filter))


@pytest.mark.usefixtures("bought")
def test_orders_are_found_by_their_contact_and_deal(store: Store, team: Team) -> None:
    of_lia = Related(relation="contact", of=(Rule(field="name", op="is", value="lia"),))
    with store.reading(team.marta) as tx:
        assert orders.count(tx, ListQuery(of_lia)) == 2
        assert orders.count(tx, ListQuery(Not(of=Related(relation="deal")))) == 3
        assert orders.count(tx, ListQuery(Rule(field="contact_name", op="contains", value="cai"))) == 1
