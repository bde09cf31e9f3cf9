"""Every page, and what opens over it, against axe-core: no serious or critical finding that is ours."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from crm import catalog, companies, contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import checklists, notes
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find

STREAMLITS = {
    ("list", "stSidebarNavItems"),
    ("listitem", "stSidebarNav"),
    ("listitem", '<li class="st-emotion-cache'),
}
"""(rule, part of the element's HTML) of what is Streamlit's own: the sidebar's list holds a group for each section."""

PAGES = {
    "day": "",
    "pipeline": "",
    "pipeline?view=table": "",
    "pipeline?view=calendar": "",
    "contacts": "",
    "companies": "",
    "orders": "",
    "catalog": "",
    "duplicates": "",
    "segments": "",
    "bin": "",
    "forecast": "",
    "conversion": "",
    "imports": "",
    "imports?new=contacts": "",
    "settings": "",
    "settings?section=Workspace": "",
    "account": "",
    "deal": "deal",
    "contact": "contact",
    "company": "company",
    "order": "order",
    "contacts?new=1": "",
    "pipeline?new=1": "",
}
"""{address: the record that it shows, if any}."""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    def seed(store: Store) -> dict[str, int]:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            for module in (Module.ORDERS, Module.CATALOG):
                workspace.switch(tx, module, True)
            sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
            company = companies.create(tx, name="Lumen", domain="lumen.example")
            contact = contacts.create(tx, name="Lia", email="lia@lumen.example", phone="+5511987654321")
            order = orders.create(tx, title="Lamp", value=250, contact_id=contact.id)
            catalog.create(tx, sku="L-1", name="Lamp")
            made = [
                deals.create(
                    tx,
                    title=title,
                    pipeline_id=sales.id,
                    value=1200,
                    owner_id=people.ada,
                    contact_id=contact.id,
                    company_id=company.id,
                    expected_close=tx.today,
                )
                for title in ("Chairs", "Tables", "Lamps")
            ]
            steps = checklists.add(tx, made[0].id, "Next steps")
            checklists.add_item(tx, steps.id, "Call Lia", due_on=tx.today)
            notes.add(tx, "deal", made[0].id, "They **want** it")
            deals.win(tx, made[1].id)
            contacts.delete(tx, contacts.create(tx, name="Gone").id)
        return {"deal": made[0].id, "contact": contact.id, "company": company.id, "order": order.id}

    return serve(seed)


def findings(page: Page) -> list[str]:
    """The serious and critical findings that are not Streamlit's own."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:150]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        if not any(each["id"] == rule and part in node["html"] for rule, part in STREAMLITS)
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding(sign_in: SignIn, server: Server[dict[str, int]], scheme: str) -> None:
    page = sign_in("ada", server, color_scheme=scheme)
    found = []
    for address, record in PAGES.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"/{address}?{record}={server.seeded[record]}" if record else f"/{address}")
        idle(page)
        found += findings(page)
        page.set_viewport_size({"width": 390, "height": 800})
        idle(page)
        found += findings(page)
    page.keyboard.press("Control+k")
    page.get_by_role("option").first.wait_for()
    found += findings(page)
    assert not found, "\n".join(found)
