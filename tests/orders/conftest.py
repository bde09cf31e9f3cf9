"""The module is on; a customer of Ana's and one of Bob's, a deal, and an order."""

import pytest

from crm import contacts, deals, orders, pipelines
from crm.contacts import Contact
from crm.foundation.access import Module
from crm.orders import Order
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.store import Store
from tests.people import Team


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def private(store: Store, team: Team) -> None:
    """Owner-based privacy is on."""
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)


@pytest.fixture
def lia(store: Store, team: Team) -> Contact:
    """Ana's."""
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia Prado", email="lia@example.com")


@pytest.fixture
def caio(store: Store, team: Team) -> Contact:
    """Bob's."""
    with store.writing(team.bob) as tx:
        return contacts.create(tx, name="Caio Lima", email="caio@example.com")


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> deals.Deal:
    """Ana's deal."""
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200, currency="BRL")


@pytest.fixture
def lamp(store: Store, team: Team, lia: Contact) -> Order:
    """Lia's order of 250 BRL, pending."""
    with store.writing(team.ana) as tx:
        return orders.create(tx, title="Lamp", contact_id=lia.id, value="250.00", source="commerce", external_id="A-1")
