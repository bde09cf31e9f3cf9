"""The page of the catalog."""

from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import catalog
from crm.catalog import Product
from crm.foundation.access import SYSTEM
from crm.store import Store
from crm.ui import undo
from tests.pages import open_page, undo_text
from tests.people import Team


def skus(page) -> list[str]:
    return [sku for table in page.dataframe if "SKU" in table.value for sku in table.value["SKU"]]


def test_the_list_shows_active_products_and_the_others_on_request(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.marta) as tx:
        catalog.create(tx, sku="OLD", name="Old lamp", active=False)
    page = open_page(store, "catalog", team.ana)
    assert not page.exception
    assert skus(page) == ["LAMP-1"]
    page.toggle(key="catalog-inactive").set_value(True).run()
    assert skus(page) == ["OLD", "LAMP-1"]
    page.text_input(key="products-search").set_value("reading").run()
    assert skus(page) == ["LAMP-1"]


def test_an_address_that_makes_no_sense_shows_no_inactive_product(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.marta) as tx:
        catalog.create(tx, sku="OLD", name="Old lamp", active=False)
    page = open_page(store, "catalog", team.ana, filter='{"kind":"rule","field":"gone","op":"is","value":"x"}')
    assert page.error
    assert skus(page) == ["LAMP-1"]


def test_a_catalog_of_inactive_products_alone_does_not_say_that_there_are_none(
    store: Store, team: Team, lamp: Product
) -> None:
    with store.writing(team.marta) as tx:
        catalog.edit(tx, lamp.id, active=False)
    page = open_page(store, "catalog", team.marta)
    assert [one.value for one in page.subheader] == ["No product matches"]
    assert "inactive ones" in page.caption[-1].value


def test_an_empty_catalog_says_who_can_begin_it(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("DELETE FROM base.products")
    assert "Add the first one" in open_page(store, "catalog", team.marta).caption[-1].value
    assert "A manager or an administrator" in open_page(store, "catalog", team.ana).caption[-1].value


@pytest.mark.parametrize("who", ["ana", "rui", "vera"])
def test_who_may_not_change_the_catalog_reads_it(store: Store, team: Team, lamp: Product, who: str) -> None:
    page = open_page(store, "catalog", getattr(team, who), product=str(lamp.id))
    assert not page.exception
    assert not [button for button in page.button if button.label in ("New product", "Save")]
    assert any("R$199.90" in str(list(table.value["To"])) for table in page.dataframe if "To" in table.value)


def test_a_product_is_edited_in_the_drawer(store: Store, team: Team, lamp: Product) -> None:
    page = open_page(store, "catalog", team.marta, product=str(lamp.id))
    next(box for box in page.text_input if box.label == "Name").set_value("Night lamp")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        found = catalog.get(tx, lamp.id)
    assert (found.name, found.prices, found.version) == ("Night lamp", lamp.prices, 2)


def test_a_taken_sku_is_refused_and_what_was_typed_stays(store: Store, team: Team, lamp: Product) -> None:
    with store.writing(team.marta) as tx:
        other = catalog.create(tx, sku="DESK", name="Desk")
    page = open_page(store, "catalog", team.marta, product=str(other.id))
    box = next(box for box in page.text_input if box.label == "SKU")
    box.set_value("lamp-1")
    next(button for button in page.button if button.label == "Save").click().run()
    assert "has the SKU" in page.error[0].value
    assert next(box for box in page.text_input if box.label == "SKU").value == "lamp-1"
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, other.id) == other


def type_price(page: AppTest, product: Product, price: float) -> None:
    """In the first row of the grid that is drawn now."""
    turn = page.session_state[f"edit-product-{product.id}-grid"].turn
    typed = {"edited_rows": {0: {"Price": price}}, "added_rows": [], "deleted_rows": []}
    page.session_state[f"edit-product-{product.id}-prices-{turn}"] = typed


def save(page: AppTest) -> None:
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception


def test_prices_that_two_change_in_different_currencies_are_both_kept(store: Store, team: Team, lamp: Product) -> None:
    page = open_page(store, "catalog", team.marta, product=str(lamp.id))
    type_price(page, lamp, 210.0)
    page.run()
    with store.writing(team.ada) as tx:
        catalog.edit(tx, lamp.id, prices={"USD": "40"})
    save(page)
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id).prices == {"BRL": Decimal(210), "USD": Decimal(40)}


def test_a_price_that_two_change_is_chosen_before_anything_is_saved(store: Store, team: Team, lamp: Product) -> None:
    page = open_page(store, "catalog", team.marta, product=str(lamp.id))
    with store.writing(team.ada) as tx:
        catalog.edit(tx, lamp.id, prices={"BRL": "180"})
    type_price(page, lamp, 210.0)
    save(page)
    assert any("Ada changed" in one.value for one in page.warning)
    assert {"**210\\.0**", "**180\\.0**"} <= {one.value for one in page.markdown}
    next(button for button in page.button if button.label == "Keep mine").click().run()
    save(page)
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id).prices["BRL"] == Decimal(210)


def test_an_edit_in_the_drawer_is_undone_with_its_prices(store: Store, team: Team, lamp: Product) -> None:
    page = open_page(store, "catalog", team.marta, product=str(lamp.id))
    type_price(page, lamp, 210.0)
    page.run()
    save(page)
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id).prices["BRL"] == 210
    assert undo_text(page) == f"Saved “{lamp.name}”."
    page.button(key="undo-press").click().run()
    assert not page.exception
    with store.reading(team.marta) as tx:
        assert catalog.get(tx, lamp.id).prices == lamp.prices


def test_a_price_that_was_added_is_removed_when_that_is_undone(
    store: Store, team: Team, lamp: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"name": "Night lamp", "prices": {"BRL": "210", "EUR": "40"}}
    with store.writing(team.marta) as tx:
        edited = catalog.edit(tx, lamp.id, **changes)
    offered: dict[str, Any] = {}
    monkeypatch.setattr(undo, "offer", lambda text, verb, *args, **fields: offered.update(fields))
    undo.offer_edit(lamp, edited, changes)
    with store.writing(team.marta) as tx:
        back = catalog.edit(tx, lamp.id, **offered)
    assert (back.name, back.prices) == (lamp.name, lamp.prices)
