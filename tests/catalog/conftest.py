"""The catalog switched on, with a lamp in two currencies."""

import pytest

from crm import catalog
from crm.catalog import Product
from crm.foundation.access import Module
from crm.platform import workspace
from crm.store import Store
from tests.people import Team


@pytest.fixture
def lamp(store: Store, team: Team) -> Product:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, True)
    with store.writing(team.marta) as tx:
        return catalog.create(tx, sku="LAMP-1", name="Reading lamp", prices={"BRL": "199.90", "USD": 40})
