"""A module that is off leaves no field on any page."""

import pytest

from crm import companies, contacts, deals, orders, pipelines
from crm.foundation.access import Module
from crm.platform import workspace
from crm.store import Store
from tests.pages import open_page
from tests.people import Team


@pytest.fixture
def filled(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        acme = companies.create(tx, name="Zephyr Works")
        lia = contacts.create(tx, name="Lia", company_id=acme.id)
        deal = deals.create(tx, title="Quixotic chairs", pipeline_id=sales.id, company_id=acme.id, contact_id=lia.id)
        orders.create(tx, title="Lamp", value=1, currency="BRL", contact_id=lia.id, deal_id=deal.id)


def said(store: Store, team: Team, page: str, **query: str) -> str:
    """Everything that a page shows: its texts, its tables with their headers, its labels and choices."""
    shown = open_page(store, page, team.ada, **query)
    assert not shown.exception
    tables = [f"{one.value.columns} {one.value.to_dict()}" for one in shown.dataframe]
    return " ".join([str(shown), *map(str, tables)])


@pytest.mark.parametrize(
    ("module", "words"),
    [(Module.COMPANIES, ("Zephyr", "Company", "company_id")), (Module.CRM, ("Quixotic",)), (Module.ORDERS, ("Lamp",))],
)
def test_no_page_of_another_module_names_its_fields(
    store: Store, team: Team, filled: None, module: Module, words: tuple[str, ...]
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, module, False)
    pages = {
        None: [("contacts", {}), ("contact", {"contact": "1"})],
        Module.CRM: [("deal", {"deal": "1"}), ("pipeline", {})],
        Module.ORDERS: [("orders", {})],
    }
    found = {
        (page, word)
        for of, some in pages.items()
        for page, query in some
        if of is not module
        for text in [said(store, team, page, **query)]
        for word in words
        if word in text
    }
    assert found == set()
