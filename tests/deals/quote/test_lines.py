"""The lines of a deal: what they come to, what they take from the catalog, and what the deal's value then is."""

from decimal import Decimal
from typing import Any

import pytest

from crm import catalog, deals
from crm.catalog import Product
from crm.deals import Deal, quote
from crm.deals.quote import Line
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.records.history import history
from crm.store import Store
from crm.verify import verify
from tests.people import Team


def add(store: Store, team: Team, deal: Deal, **given: Any) -> Line:
    with store.writing(team.ana) as tx:
        return quote.add(tx, deal.id, **given)


def value(store: Store, team: Team, deal: Deal) -> tuple[Decimal | None, str, bool]:
    with store.reading(team.ana) as tx:
        found = deals.get(tx, deal.id)
    return found.value, found.currency, found.has_lines


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"quantity": 3, "unit_price": "9.99"}, "29.97"),
        ({"quantity": "0.5", "unit_price": "0.05"}, "0.02"),  # half to even: 0.025
        ({"quantity": "0.5", "unit_price": "0.07"}, "0.04"),  # 0.035
        ({"quantity": 2, "unit_price": "100", "discount_kind": "percent", "discount": "12.5"}, "175.00"),
        ({"quantity": 2, "unit_price": "100", "discount_kind": "percent", "discount": 100}, "0.00"),
        ({"quantity": 2, "unit_price": "100", "discount_kind": "fixed", "discount": 200}, "0.00"),
        ({"quantity": 2, "unit_price": "100", "discount_kind": "fixed", "discount": "0.01"}, "199.99"),
        ({"quantity": 1000, "unit_price": "0.0125"}, "12.50"),
    ],
)
def test_a_line_is_quantity_times_price_less_discount_rounded_half_even(
    store: Store, team: Team, chairs: Deal, given: dict[str, Any], total: str
) -> None:
    line = add(store, team, chairs, name="Thing", **given)
    assert line.total == Decimal(total)
    assert value(store, team, chairs) == (Decimal(total), "BRL", True)


def test_a_line_is_rounded_to_the_minor_unit_of_its_currency(store: Store, team: Team, chairs: Deal) -> None:
    assert add(store, team, chairs, name="Tea", quantity="2.5", unit_price=1, currency="JPY").total == 2


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("discount", {"discount_kind": "fixed", "discount": "20.01"}),
        ("discount", {"discount_kind": "percent", "discount": "100.01"}),
        ("discount", {"discount_kind": "percent", "discount": "-1"}),
        ("discount_kind", {"discount": "5"}),
        ("discount_kind", {"discount_kind": "half", "discount": "5"}),
        ("quantity", {"quantity": 0}),
        ("quantity", {"quantity": -1}),
        ("quantity", {"quantity": "some"}),
        ("quantity", {"quantity": None}),
        ("quantity", {"quantity": "0.00001"}),
        ("unit_price", {"unit_price": None}),
        ("unit_price", {"unit_price": "-0.01"}),
        ("unit_price", {"unit_price": "NaN"}),
        ("value", {"quantity": 10**13, "unit_price": 10**13}),
        ("name", {"name": "  "}),
        ("currency", {"currency": "USD"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused_and_changes_nothing(
    store: Store, team: Team, chairs: Deal, field: str, given: dict[str, Any]
) -> None:
    add(store, team, chairs, name="First", unit_price=5)
    with pytest.raises(Invalid) as refused:
        add(store, team, chairs, **({"name": "Chair", "quantity": 2, "unit_price": 10} | given))
    assert refused.value.field == field
    assert value(store, team, chairs) == (Decimal(5), "BRL", True)


def test_with_lines_the_value_is_their_sum_and_without_it_is_what_was_typed(
    store: Store, team: Team, chairs: Deal
) -> None:
    first = add(store, team, chairs, name="Chair", quantity=2, unit_price="10.10")
    second = add(store, team, chairs, name="Delivery", unit_price=30)
    assert value(store, team, chairs) == (Decimal("50.20"), "BRL", True)
    with store.writing(team.ana) as tx:
        quote.edit(tx, chairs.id, first.id, quantity=3)
    assert value(store, team, chairs) == (Decimal("60.30"), "BRL", True)
    with store.writing(team.ana) as tx:
        quote.remove(tx, chairs.id, first.id)
        quote.remove(tx, chairs.id, second.id)
    assert value(store, team, chairs) == (Decimal(1200), "BRL", False)
    assert verify(store) == []


def test_the_first_line_sets_the_currency_and_the_last_gives_value_and_currency_back(
    store: Store, team: Team, chairs: Deal
) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10, currency="usd")
    assert value(store, team, chairs) == (Decimal(10), "USD", True)
    assert add(store, team, chairs, name="Desk", unit_price=20, currency="USD").total == 20
    with store.writing(team.ana) as tx:
        for one in quote.of(tx, chairs.id).items:
            quote.remove(tx, chairs.id, one.id)
    assert value(store, team, chairs) == (Decimal(1200), "BRL", False)
    with pytest.raises(NotFound), store.reading(team.ana) as tx:
        quote.get(tx, chairs.id, line.id)


def test_a_currency_that_would_round_the_value_of_lines_is_refused_as_a_currency(
    store: Store, team: Team, chairs: Deal
) -> None:
    add(store, team, chairs, name="Chair", unit_price="10.50")
    with pytest.raises(Invalid, match="Its currency") as refused, store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, currency="JPY")
    assert refused.value.field == "currency"


@pytest.mark.parametrize(("field", "given"), [("value", {"value": 7}), ("currency", {"currency": "USD"})])
def test_value_and_currency_of_a_deal_with_lines_cannot_be_typed(
    store: Store, team: Team, chairs: Deal, field: str, given: dict[str, Any]
) -> None:
    add(store, team, chairs, name="Chair", unit_price=10)
    with pytest.raises(Invalid, match="lines") as refused, store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, title="Other", **given)
    assert refused.value.field == field
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).title == "Chairs"


def test_other_fields_of_a_deal_with_lines_can_be_edited_and_its_typed_value_stays(
    store: Store, team: Team, chairs: Deal
) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, title="Stools", value=10, currency="BRL")
        quote.remove(tx, chairs.id, line.id)
    assert value(store, team, chairs) == (Decimal(1200), "BRL", False)


def test_the_board_and_the_list_speak_of_the_sum_of_the_lines(store: Store, team: Team, chairs: Deal) -> None:
    add(store, team, chairs, name="Chair", quantity=4, unit_price=10)
    with store.reading(team.ana) as tx:
        column = deals.board(tx, chairs.pipeline_id).columns[0]
        listed = deals.find(tx, deals.ListQuery()).items[0]
    assert column.totals[0].value == column.cards[0].value == listed["value"] == 40


def test_a_line_of_the_catalog_takes_name_sku_and_price_of_its_moment(
    store: Store, team: Team, chairs: Deal, lamp: Product
) -> None:
    line = add(store, team, chairs, product_id=lamp.id, quantity=2)
    assert (line.name, line.sku, line.unit_price, line.total) == (
        "Reading lamp",
        "LAMP-1",
        Decimal("199.90"),
        Decimal("399.80"),
    )
    with store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, name="Lamp", sku="L2", prices={"BRL": 999}, active=False)
    with store.reading(team.ana) as tx:
        assert quote.get(tx, chairs.id, line.id) == line
    assert value(store, team, chairs) == (Decimal("399.80"), "BRL", True)


def test_a_product_is_found_by_its_sku_too_and_takes_another_name_and_price(
    store: Store, team: Team, chairs: Deal, lamp: Product
) -> None:
    line = add(store, team, chairs, sku="lamp-1", name="Lamp, red", unit_price=150)
    assert (line.product_id, line.sku, line.name, line.unit_price) == (lamp.id, "LAMP-1", "Lamp, red", 150)
    own = add(store, team, chairs, name="Delivery", unit_price=10)
    with store.writing(team.ana) as tx:
        changed = quote.edit(tx, chairs.id, own.id, sku="LAMP-1")
    assert (changed.name, changed.unit_price) == ("Reading lamp", Decimal("199.90"))


def test_a_deal_without_lines_comes_to_be_in_the_only_currency_of_its_first_product(
    store: Store, team: Team, chairs: Deal, lamp: Product
) -> None:
    with store.writing(team.marta) as tx:
        imported = catalog.create(tx, sku="IMP", name="Import", prices={"EUR": 9})
    assert add(store, team, chairs, product_id=imported.id).total == 9
    assert value(store, team, chairs) == (Decimal(9), "EUR", True)
    with pytest.raises(Invalid, match="no price in EUR") as refused:
        add(store, team, chairs, product_id=lamp.id)
    assert refused.value.field == "unit_price"


def test_what_is_no_longer_sold_or_unknown_cannot_be_added(
    store: Store, team: Team, chairs: Deal, lamp: Product
) -> None:
    with pytest.raises(Invalid, match="no product with the SKU"):
        add(store, team, chairs, sku="NONE")
    with pytest.raises(NotFound):
        add(store, team, chairs, product_id=999)
    with store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, active=False)
    with pytest.raises(Invalid, match="no longer sold"):
        add(store, team, chairs, product_id=lamp.id)


def test_lines_work_where_the_catalog_is_off_and_those_of_products_stay(
    store: Store, team: Team, chairs: Deal, lamp: Product
) -> None:
    kept = add(store, team, chairs, product_id=lamp.id)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, False)
    with pytest.raises(ModuleOff):
        add(store, team, chairs, product_id=lamp.id)
    add(store, team, chairs, name="Delivery", unit_price="0.10")
    with store.writing(team.ana) as tx:
        assert quote.edit(tx, chairs.id, kept.id, quantity=2).name == "Reading lamp"
    assert value(store, team, chairs) == (Decimal("399.90"), "BRL", True)


def test_two_people_on_one_line_never_lose_an_edit_in_silence(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.marta) as tx:
        quote.edit(tx, chairs.id, line.id, version=line.version, quantity=5)
    with pytest.raises(Stale, match="5 × 10 now") as refused, store.writing(team.ana) as tx:
        quote.edit(tx, chairs.id, line.id, version=line.version, quantity=7)
    assert refused.value.current["quantity"] == 5
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        quote.remove(tx, chairs.id, line.id, version=line.version)
    assert value(store, team, chairs) == (Decimal(50), "BRL", True)


def test_a_line_makes_one_version_of_its_deal_and_a_new_name_none(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.ana) as tx:
        assert deals.get(tx, chairs.id).version == chairs.version + 1
        quote.edit(tx, chairs.id, line.id, name="Stool")
        assert deals.get(tx, chairs.id).version == chairs.version + 1
    with pytest.raises(Stale, match="Ana changed “Chairs”: value"), store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, version=chairs.version, title="Stools")


def test_lines_are_put_in_order(store: Store, team: Team, chairs: Deal) -> None:
    ids = [add(store, team, chairs, name=name, unit_price=1).id for name in ("A", "B", "C")]
    with store.writing(team.ana) as tx:
        quote.reorder(tx, chairs.id, [ids[2], ids[0], ids[1]])
        assert [one.name for one in quote.of(tx, chairs.id).items] == ["C", "A", "B"]
    for wrong in (ids[:2], [*ids, ids[0]], [*ids[:2], 999]):
        with pytest.raises(Invalid, match="changed meanwhile"), store.writing(team.ana) as tx:
            quote.reorder(tx, chairs.id, wrong)


@pytest.mark.parametrize("who", ["rui", "vera"])
def test_who_may_not_change_deals_may_not_change_lines(store: Store, team: Team, chairs: Deal, who: str) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    actor = getattr(team, who)
    for refused in (
        lambda tx: quote.add(tx, chairs.id, name="X", unit_price=1),
        lambda tx: quote.edit(tx, chairs.id, line.id, quantity=2),
        lambda tx: quote.remove(tx, chairs.id, line.id),
        lambda tx: quote.reorder(tx, chairs.id, [line.id]),
        lambda tx: quote.save(tx, chairs.id, [quote.Removed(line_id=line.id, version=1)]),
    ):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            refused(tx)
    with store.reading(actor) as tx:
        assert quote.of(tx, chairs.id).items == [line]


def test_lines_of_a_deal_that_one_may_not_see_are_not_there(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    with store.reading(team.bob) as tx:
        assert tx.rows("SELECT * FROM deal_lines") == []
        with pytest.raises(NotFound):
            quote.of(tx, chairs.id)
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        quote.edit(tx, chairs.id, line.id, quantity=2)


def test_a_line_is_not_reached_through_another_deal(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.ana) as tx:
        other = deals.create(tx, title="Desks", pipeline_id=chairs.pipeline_id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        quote.remove(tx, other.id, line.id)


def test_the_history_tells_of_lines_and_of_the_value(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(team.ana) as tx:
        quote.edit(tx, chairs.id, line.id, quantity=2)
        quote.remove(tx, chairs.id, line.id)
    with store.reading(team.ana) as tx:
        told = [event for event in history(tx, "deal", chairs.id) if event.name != "deal.created"]
    assert [event.name for event in reversed(told)] == [
        "line.added",
        "deal.changed",
        "line.changed",
        "deal.changed",
        "line.removed",
        "deal.changed",
    ]
    assert [Decimal(one) for one in told[0].payload["changes"]["value"]] == [20, 1200]


def test_several_changes_are_made_together_in_the_order_that_was_asked_for(
    store: Store, team: Team, chairs: Deal
) -> None:
    a, b, c = (add(store, team, chairs, name=name, unit_price=1) for name in ("A", "B", "C"))
    with store.writing(team.ana) as tx:
        left = quote.save(
            tx,
            chairs.id,
            [
                quote.Removed(line_id=a.id, version=1),
                quote.Changed(line_id=b.id, version=1, fields={"quantity": 2}),
                quote.New(fields={"name": "D", "quantity": 1, "unit_price": "0.5"}),
            ],
            order=[None, c.id, b.id],
        )
        assert [one.name for one in left.items] == ["D", "C", "B"]
        assert left.value == deals.get(tx, chairs.id).value == Decimal("3.5")
        assert deals.get(tx, chairs.id).version == chairs.version + 4


def test_one_change_that_cannot_be_made_undoes_all_and_is_named(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="A", unit_price=1)
    edits = [
        quote.Changed(line_id=line.id, version=1, fields={"quantity": 2}),
        quote.New(fields={"name": "B", "quantity": 1, "unit_price": 1, "discount_kind": "fixed", "discount": 2}),
    ]
    with pytest.raises(quote.LineRefused, match="more than the line") as refused, store.writing(team.ana) as tx:
        quote.save(tx, chairs.id, edits)
    assert (refused.value.place, refused.value.field) == (1, "discount")
    with store.reading(team.ana) as tx:
        assert quote.of(tx, chairs.id).items == [line]


def test_all_lines_replaced_at_once_stay_in_the_currency_of_the_deal(store: Store, team: Team, chairs: Deal) -> None:
    line = add(store, team, chairs, name="A", unit_price=1, currency="USD")
    with store.writing(team.ana) as tx:
        new = quote.New(fields={"name": "B", "quantity": 1, "unit_price": 2})
        quote.save(tx, chairs.id, [quote.Removed(line_id=line.id, version=1), new])
    assert value(store, team, chairs) == (Decimal(2), "USD", True)


def test_a_deal_holds_no_more_lines_than_its_limit(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.deal_lines (
                deal_id, position, name, quantity, unit_price, total, created_at, updated_at
            )
            SELECT $id, n, 'Line', 1, 1, 1, $now, $now FROM range($most) AS numbers(n)
            """,
            id=chairs.id,
            most=quote.MOST_LINES,
            now=tx.now,
        )
    with pytest.raises(Invalid, match="at most 1,000 lines"):
        add(store, team, chairs, name="One more", unit_price=1)


def test_verify_finds_a_value_that_is_not_the_sum_of_the_lines(store: Store, team: Team, chairs: Deal) -> None:
    add(store, team, chairs, name="Chair", unit_price=10)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.deals SET quoted_value = 11")
    assert any("value is not the sum of its lines" in fault for fault in verify(store))
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.deals SET quoted_value = 10")
        tx.run("UPDATE base.deal_lines SET total = 12, product_id = 999")
    faults = verify(store)
    assert any("line that comes to something else" in fault for fault in faults)
    assert any("deal_lines name a product_id" in fault for fault in faults)
