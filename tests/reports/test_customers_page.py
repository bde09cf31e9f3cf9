"""The page of customers: its figures, its cells and their people, filters in the address, honest empty states."""

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts, orders
from crm.contacts import Contact
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import segments
from crm.store import Store
from tests.pages import open_page, unfold
from tests.people import Team


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def sold(store: Store, team: Team) -> Contact:
    """Ana's Lia bought twice today, Bob's Caio once; one order was cancelled."""
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia *Prado*")
    with store.writing(team.bob) as tx:
        caio = contacts.create(tx, name="Caio Lima")
        for contact, value, status in ((lia, 100, "paid"), (lia, 50, "paid"), (caio, 7, "paid"), (caio, 9, "failed")):
            orders.create(tx, title="Thing", contact_id=contact.id, value=value, status=status, currency="BRL")
    return lia


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


def cards(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def names(page: AppTest) -> list[str]:
    """Of the customers in the drawer."""
    return list(next(table.value["Customer"] for table in page.dataframe if "Customer" in table.value.columns))


def test_the_page_shows_the_figures_and_what_is_left_out(store: Store, team: Team, sold: Contact) -> None:
    page = healthy(open_page(store, "customers", team.marta))
    assert cards(page) == {
        "Customers": "2",
        "Repeat rate": "50.0%",
        "Average order": "R$52.33",
        "Second order": "0 d",
    }
    notes = page.caption[-1].value
    assert "Orders as they stand today" in notes
    assert "1 cancelled, failed or refunded order is left out." in notes
    assert any("Fewer than five customers" in each.value for each in page.caption)


@pytest.mark.parametrize("actor", ["ana", "bob", "marta", "rui", "vera", "ada"])
def test_every_role_sees_the_customers_that_they_may_see(store: Store, team: Team, sold: Contact, actor: str) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    page = healthy(open_page(store, "customers", getattr(team, actor), cell="rfm:1:1"))
    seen = {"ana": "1", "bob": "1", "vera": None}.get(actor, "2")
    assert cards(page).get("Customers") == seen
    if seen == "1":
        assert names(page) == [{"ana": "Lia *Prado*", "bob": "Caio Lima"}[actor]]


def test_a_cell_opens_its_people_and_becomes_a_segment(store: Store, team: Team, sold: Contact) -> None:
    page = healthy(open_page(store, "customers", team.ana, cell="rfm:1:3"))
    assert names(page) == ["Lia *Prado*"]
    assert page.subheader[-1].value == "Recency 1, frequency 3"
    assert any(each.value.endswith("Orders: 2") for each in page.caption)
    page = unfold(page, "customers-segment")
    page.text_input[-1].input("Best buyers")
    next(each for each in page.button if each.label == "Save").click()
    healthy(page.run())
    with store.reading(team.ana) as tx:
        (made,) = segments.of_kind(tx, "contacts")
        assert (made.name, segments.counts(tx, (made,))) == ("Best buyers", {made.id: 1})


def test_a_cohort_opens_too_and_a_cell_that_is_none_is_said(store: Store, team: Team, sold: Contact) -> None:
    with store.reading(team.marta) as tx:
        month = tx.today.replace(day=1)
    assert len(names(healthy(open_page(store, "customers", team.marta, cell=f"cohort:{month}:0")))) == 2
    page = open_page(store, "customers", team.marta, cell="rfm:9:9")
    assert "is not a figure of the customers" in page.error[0].value


def test_filters_are_in_the_address(store: Store, team: Team, sold: Contact) -> None:
    page = healthy(open_page(store, "customers", team.marta, owner=str(team.ids.bob), by="quarter"))
    assert cards(page)["Customers"] == "1"
    page = open_page(store, "customers", team.marta, source="heaven")
    assert "is not a source of orders" in page.error[0].value


def test_without_orders_the_page_says_so(store: Store, team: Team) -> None:
    page = healthy(open_page(store, "customers", team.marta))
    assert not page.metric
    assert "no purchases here yet" in page.info[0].value
