"""Products: who may change them, their SKUs, prices and history, and the list of them."""

from decimal import Decimal

import pytest

from crm import catalog
from crm.catalog import Product
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import CrmError, Duplicate, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.foundation.language import speaking
from crm.platform import workspace
from crm.records.edits import field_label
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.people import Team


def test_a_product_keeps_its_prices_by_currency(store: Store, team: Team, lamp: Product) -> None:
    with store.reading(team.vera) as tx:
        found = catalog.get(tx, lamp.id)
    assert found == lamp
    assert found.prices == {"BRL": Decimal("199.90"), "USD": Decimal(40)}
    assert found.active


@pytest.mark.parametrize("sku", ["lamp-1", "  LAMP-1 ", "ＬＡＭＰ-1"])
def test_no_two_products_share_a_sku_in_its_normal_form(store: Store, team: Team, lamp: Product, sku: str) -> None:
    with pytest.raises(Duplicate, match="Reading lamp") as refused, store.writing(team.marta) as tx:
        catalog.create(tx, sku=sku, name="Another")
    assert refused.value.holder_id == lamp.id
    with store.writing(team.marta) as tx:
        other = catalog.create(tx, sku="LAMP-2", name="Another")
    with pytest.raises(Duplicate), store.writing(team.marta) as tx:
        catalog.edit(tx, other.id, sku=sku)
    with store.writing(team.marta) as tx:
        assert catalog.edit(tx, lamp.id, sku="Lamp-1").sku == "Lamp-1"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("sku", {"sku": " "}),
        ("name", {"name": ""}),
        ("prices", {"prices": {"BRL": "-1"}}),
        ("prices", {"prices": {"BRL": "dear"}}),
        ("prices", {"prices": {"BRL": "0.00001"}}),
        ("currency", {"prices": {"XXZ": "1"}}),
        ("active", {"active": "yes"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_wrong_value_is_refused_and_names_its_field(
    store: Store, team: Team, lamp: Product, field: str, given: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused, store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, **given)  # type: ignore[arg-type]
    assert refused.value.field == field
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id) == lamp


def test_a_refusal_writes_an_abbreviation_as_people_do(store: Store, team: Team, lamp: Product) -> None:
    with pytest.raises(Invalid, match="The SKU has 81 characters") as refused, store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, sku="x" * 81)
    assert refused.value.field == "sku"


@pytest.mark.parametrize("who", ["ana", "rui", "vera"])
def test_only_managers_and_administrators_change_the_catalog(store: Store, team: Team, lamp: Product, who: str) -> None:
    actor = getattr(team, who)
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        catalog.create(tx, sku="X", name="X")
    with pytest.raises(Forbidden), store.writing(actor) as tx:
        catalog.edit(tx, lamp.id, prices={"BRL": 1})
    with store.reading(actor) as tx:
        assert catalog.get(tx, lamp.id) == lamp


def test_the_history_of_prices_says_who_changed_what_and_when(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.ada) as tx:
        catalog.edit(tx, lamp.id, prices={"BRL": "210", "USD": None, "EUR": 35}, name="Lamp")
        changed_at = tx.now
    with store.reading(team.ana) as tx:
        found = catalog.price_history(tx, lamp.id)
    assert {(one.actor_name, one.currency, one.before, one.after) for one in found[:3]} == {
        ("Ada", "BRL", Decimal("199.90"), Decimal(210)),
        ("Ada", "USD", Decimal(40), None),
        ("Ada", "EUR", None, Decimal(35)),
    }
    assert {one.happened_at for one in found[:3]} == {changed_at}
    assert {(one.actor_name, one.currency, one.before) for one in found[3:]} == {
        ("Marta", "BRL", None),
        ("Marta", "USD", None),
    }


def test_nothing_is_written_where_nothing_differs(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.marta) as tx:
        assert catalog.edit(tx, lamp.id, prices={"BRL": "199.9000"}, name="Reading lamp") == lamp
        assert not tx.recorded


def test_a_product_that_somebody_changed_meanwhile_is_not_overwritten(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.ada) as tx:
        catalog.edit(tx, lamp.id, prices={"BRL": 300})
    with pytest.raises(Stale, match="Ada changed “Reading lamp”: price BRL"), store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, version=lamp.version, prices={"BRL": 100})


def test_the_list_hides_what_is_not_active_until_it_is_asked_for(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.marta) as tx:
        catalog.create(tx, sku="OLD", name="Old lamp", active=False)
    with store.reading(team.ana) as tx:
        assert [row["sku"] for row in catalog.find(tx, ListQuery()).items] == ["LAMP-1"]
        assert [row["sku"] for row in catalog.find(tx, ListQuery(sort="name"), inactive=True).items] == [
            "OLD",
            "LAMP-1",
        ]
        assert catalog.count(tx, ListQuery(search="lamp"), inactive=True) == 2
        assert [row["name"] for row in catalog.named(tx, "LAMP")] == ["Reading lamp"]
        rule = Rule(field="sku", op="starts_with", value="LAMP")
        assert [row["prices"]["USD"] for row in catalog.find(tx, ListQuery(filter=rule)).items] == [Decimal(40)]


def test_a_catalog_of_100_000_products_is_paged_in_the_store(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.products (sku, sku_key, name, search, created_at, updated_at)
            SELECT 'P' || n, 'p' || n, 'Product ' || n, 'p' || n || chr(10) || 'product ' || n, $now, $now
            FROM range(100000) AS numbers(n)
            """,
            now=tx.now,
        )
    with store.reading(team.ana) as tx:
        page = catalog.find(tx, ListQuery(sort="sku", limit=50, offset=99_950))
        assert (page.total, len(page.items)) == (100_001, 50)
        assert [row["sku"] for row in catalog.find(tx, ListQuery(search="p77777")).items] == ["P77777"]


def test_a_catalog_that_is_switched_off_is_gone_and_keeps_its_products(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, False)
    with store.reading(team.marta) as tx:
        with pytest.raises(ModuleOff):
            catalog.get(tx, lamp.id)
        with pytest.raises(ModuleOff):
            catalog.find(tx, ListQuery())
        with pytest.raises(ModuleOff):
            catalog.count(tx, ListQuery())
        assert tx.rows("SELECT * FROM products") == tx.rows("SELECT * FROM product_prices") == []
    with pytest.raises(CrmError), store.writing(team.marta) as tx:
        catalog.create(tx, sku="X", name="X")
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, True)
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id) == lamp


def test_there_is_no_such_product(store: Store, team: Team, lamp: Product) -> None:
    with pytest.raises(NotFound), store.reading(team.marta) as tx:
        catalog.get(tx, 999)


def test_a_price_is_named_with_its_currency_in_every_language() -> None:
    assert field_label("price BRL") == "price BRL"
    with speaking("pt_BR"):
        assert (field_label("price BRL"), field_label("expected_close")) == ("preço BRL", "previsão de fechamento")
