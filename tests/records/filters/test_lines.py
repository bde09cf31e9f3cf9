"""Deals by their lines: one and the same line, or a figure over them, by the slow oracle; products of the catalog."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import catalog, deals, pipelines
from crm.deals import quote, saved_views
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import filtering
from crm.records.filters import OPERATORS, All, FieldType, Filter, Measure, Related, Rule, describe, dump
from crm.records.listing import ListQuery
from crm.store import Reading, Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page
from tests.people import Team
from tests.records.filters.oracle import matches
from tests.records.filters.world import by_relation, nested, values_of

SKUS = ["LAMP-1", "DESK-2", "SOFA-3"]
VALUES: dict[str, some.SearchStrategy[Any]] = {
    "product_id": some.sampled_from([1, 2, 3]),
    "sku": some.sampled_from(["lamp-1", "DESK-2", "%", "a"]),
    "name": some.sampled_from(["Lamp", "desk", "Carriage", "a"]),
    "quantity": some.sampled_from([0, 1, "1.5", 3]),
    "unit_price": some.sampled_from(["0", "9.99", "10", "40"]),
    "total": some.sampled_from(["0", "9.99", "30", "40"]),
}
TYPES = {
    "product_id": FieldType.REFERENCE,
    "sku": FieldType.TEXT,
    "name": FieldType.TEXT,
    "quantity": FieldType.NUMBER,
    "unit_price": FieldType.MONEY,
    "total": FieldType.MONEY,
}


@some.composite
def rules(draw: some.DrawFn) -> Rule:
    field = draw(some.sampled_from(sorted(VALUES)))
    op = draw(some.sampled_from(OPERATORS[TYPES[field]]))
    return Rule(field=field, op=op, value=values_of(draw, op, VALUES[field]))


@some.composite
def measures(draw: some.DrawFn) -> Measure:
    figure = draw(some.sampled_from(["count", "sum", "average"]))
    op = draw(some.sampled_from(OPERATORS[FieldType.NUMBER]))
    if figure == "count":
        return Measure(figure=figure, op=op, value=values_of(draw, op, some.sampled_from([0, 1, 2])))
    field = draw(some.sampled_from(["quantity", "total"]))
    currency = draw(some.sampled_from(["BRL", "USD"])) if field == "total" else None
    return Measure(figure=figure, field=field, currency=currency, op=op, value=values_of(draw, op, VALUES[field]))


by_lines = nested(by_relation("lines", rules(), measures()), 3)


@dataclass(frozen=True)
class World:
    tx: Reading
    lines: dict[int, list[dict[str, Any]]]
    """{deal: its lines}, as the oracle takes them: `coin` is the currency that a sum is in."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("lines")
    store = Store(folder / "store", threads=1)
    chance = random.Random(7)
    lines = {}
    with store.writing(SYSTEM) as tx:
        for sku in SKUS:
            catalog.create(tx, sku=sku, name=sku.split("-")[0].title(), prices={"BRL": "10", "USD": "9.99"})
        sales = pipelines.create(tx, "Sales", ["Lead"])
        for number in range(9):
            deal = deals.create(tx, title=f"Deal {number}", pipeline_id=sales.id, currency="BRL")
            currency = chance.choice(["BRL", "USD"])
            for _ in range(chance.choice([0, 1, 2, 4])):
                own = {"name": "Carriage", "unit_price": chance.choice(["0", "40"])}
                of_catalog = {"sku": chance.choice(SKUS)}
                quote.add(
                    tx,
                    deal.id,
                    currency=currency,
                    quantity=chance.choice(["1", "1.5", "3"]),
                    **chance.choice([own, of_catalog, of_catalog]),
                )
            held = quote.of(tx, deal.id)
            lines[deal.id] = [line.model_dump() | {"coin": held.currency} for line in held.items]
    with store.reading(SYSTEM) as tx:
        yield World(tx, lines)
    store.close()


@settings(max_examples=150, deadline=None)
@given(asked=by_lines)
def test_a_filter_by_lines_selects_exactly_what_it_means(world: World, asked: Filter) -> None:
    wanted = [deal for deal, lines in world.lines.items() if matches(asked, {"lines": lines}, world.tx.today, "UTC")]
    found = deals.find(world.tx, ListQuery(asked, sort="id", limit=50)).items
    assert [row["id"] for row in found] == sorted(wanted)
    assert filtering.counts(world.tx, filtering.fields_of(world.tx, "deals"), [asked]) == [len(wanted)]


@pytest.fixture
def quoted(store: Store, team: Team) -> dict[str, int]:
    """Ana's deal with one lamp and ten desks; Bob's with twenty lamps, in dollars. By title, and the lamp itself."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, True)
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        lamp = catalog.create(tx, sku="LAMP-1", name="Reading lamp", prices={"BRL": "199.90", "USD": 40})
        desk = catalog.create(tx, sku="DESK-2", name="Desk", prices={"BRL": "900"})
    with store.writing(team.ana) as tx:
        office = deals.create(tx, title="Office", pipeline_id=sales.id)
        quote.add(tx, office.id, product_id=lamp.id)
        quote.add(tx, office.id, product_id=desk.id, quantity=10)
    with store.writing(team.bob) as tx:
        library = deals.create(tx, title="Library", pipeline_id=sales.id)
        quote.add(tx, library.id, currency="USD", product_id=lamp.id, quantity=20)
        deals.create(tx, title="Nothing yet", pipeline_id=sales.id)
    return {"lamp": lamp.id, "sales": sales.id}


MANY = Rule(field="quantity", op="at_least", value=10)


def lamps(quoted: dict[str, int]) -> Rule:
    return Rule(field="product_id", op="is", value=quoted["lamp"])


def titles(store: Store, actor: Any, asked: Filter) -> list[str]:
    with store.reading(actor) as tx:
        return [row["title"] for row in deals.find(tx, ListQuery(asked, sort="title")).items]


def test_two_conditions_are_met_by_the_same_line(store: Store, team: Team, quoted: dict[str, int]) -> None:
    same = Related(relation="lines", of=(lamps(quoted), MANY))
    apart = All(of=(Related(relation="lines", of=(lamps(quoted),)), Related(relation="lines", of=(MANY,))))
    assert titles(store, team.marta, same) == ["Library"]
    assert titles(store, team.marta, apart) == ["Library", "Office"]
    with store.reading(team.marta) as tx:
        said = describe(same, deals.fields(tx))
    assert said == "has a line where Product is LAMP-1: Reading lamp and Quantity is at least 10 (the same line)"


def test_deals_are_found_by_a_sku_in_any_case_and_by_none(store: Store, team: Team, quoted: dict[str, int]) -> None:
    assert titles(store, team.vera, Related(relation="lines", of=(Rule(field="sku", op="is", value="desk-2"),))) == [
        "Office"
    ]
    none = Related(relation="lines", measure=Measure(figure="count", op="is", value=0))
    assert titles(store, team.vera, none) == ["Nothing yet"]


def test_what_a_product_sold_for_is_a_sum_of_one_currency(store: Store, team: Team, quoted: dict[str, int]) -> None:
    def more_than(value: int, currency: str | None) -> Related:
        sum_of = Measure(figure="sum", field="total", currency=currency, op="more_than", value=value)
        return Related(relation="lines", of=(lamps(quoted),), measure=sum_of)

    assert titles(store, team.marta, more_than(100, "BRL")) == ["Office"]
    assert titles(store, team.marta, more_than(100, "USD")) == ["Library"]
    with pytest.raises(Invalid, match="needs the currency"):
        titles(store, team.marta, more_than(100, None))


def test_lines_of_deals_of_others_are_not_asked_about_under_owner_privacy(
    store: Store, team: Team, quoted: dict[str, int]
) -> None:
    owner_privacy(store, team)
    asked = Related(relation="lines", of=(lamps(quoted),))
    assert titles(store, team.ana, asked) == ["Office"]
    assert titles(store, team.bob, asked) == ["Library"]


def test_without_a_catalog_there_is_no_product_to_ask_for_and_a_view_by_one_is_broken(
    store: Store, team: Team, quoted: dict[str, int]
) -> None:
    asked = Related(relation="lines", of=(lamps(quoted),))
    with store.writing(team.marta) as tx:
        view = saved_views.create(tx, name="Lamps", pipeline_id=quoted["sales"], kind="table", filter=asked)
        assert saved_views.broken(tx, view) == []
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, False)
    with store.reading(team.marta) as tx:
        assert not {"product_id", "sku"} & set(deals.fields(tx).relations["lines"].fields)
        assert saved_views.broken(tx, view) == ["The field “product_id” no longer exists."]
        with pytest.raises(Invalid, match="no field “product_id”"):
            deals.count(tx, ListQuery(asked))
    assert titles(store, team.marta, Related(relation="lines", of=(MANY,))) == ["Library", "Office"]


def test_a_product_that_is_sold_no_longer_can_still_be_asked_for(
    store: Store, team: Team, quoted: dict[str, int]
) -> None:
    with store.writing(team.marta) as tx:
        catalog.edit(tx, quoted["lamp"], active=False)
    assert titles(store, team.rui, Related(relation="lines", of=(lamps(quoted),))) == ["Library", "Office"]


def test_the_builder_of_deals_asks_about_a_line_and_the_page_says_it_in_words(
    store: Store, team: Team, quoted: dict[str, int]
) -> None:
    asked = Related(relation="lines", of=(lamps(quoted), MANY))
    page = open_page(store, "pipeline", team.ana, show="table", filter=dump(asked))
    page.button(key="board-build").click().run()
    assert not page.exception
    (product,) = [box for box in page.selectbox if box.options == ["DESK-2: Desk", "LAMP-1: Reading lamp"]]
    assert product.value == quoted["lamp"]
    said = "\n".join(str(each.value) for each in [*page.markdown, *page.caption]).replace("\\", "")
    assert "**the same line**" in said
    assert "**1** of 3 deals" in said
    assert "has a line where Product is LAMP-1: Reading lamp and Quantity is at least 10" in said
