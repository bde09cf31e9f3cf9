"""The headers of files: words that imports know, and so a contract."""

import pytest

from crm import exports
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import attributes
from crm.records.listing import ListQuery
from crm.store import Store
from tests.people import Team

HEADERS = {
    "contacts": [
        "Name", "Email", "Phone", "Identifier", "City", "Country", "Company", "Owner", "Team", "Labels", "Blocked",
        "Size", "Created at", "Updated at",
    ],
    "companies": ["Name", "Domain", "Description", "Owner", "Team", "Size", "Created at", "Updated at"],
    "deals": [
        "Identifier", "Title", "Value", "Currency", "Pipeline", "Stage", "Owner", "Company", "Contact", "Priority",
        "Source", "Expected close", "Own probability", "Forecast category", "Closed", "Close reason", "Labels", "Size",
        "Created at", "Updated at",
    ],
    "orders": [
        "External id", "Source", "Title", "Contact", "Deal", "Value", "Currency", "Status", "Order date", "Paid date",
        "Note", "Labels", "Created at", "Updated at",
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def sizes(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        for kind in ("contact", "company", "deal"):
            attributes.define(tx, model=kind, name="Size", type="number")


@pytest.mark.parametrize("kind", HEADERS)
def test_files_keep_their_headers(store: Store, team: Team, kind: str) -> None:
    with store.reading(team.marta) as tx:
        assert exports.table(tx, kind, ListQuery()).schema.names == HEADERS[kind]


@pytest.mark.parametrize(
    ("module", "kind", "header"),
    [
        (Module.COMPANIES, "contacts", "Company"),
        (Module.COMPANIES, "deals", "Company"),
        (Module.CRM, "orders", "Deal"),
    ],
)
def test_a_module_that_is_off_takes_its_columns_along(
    store: Store, team: Team, module: Module, kind: str, header: str
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, module, False)
    with store.reading(team.marta) as tx:
        assert exports.table(tx, kind, ListQuery()).schema.names == [one for one in HEADERS[kind] if one != header]
