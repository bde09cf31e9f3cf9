"""What a page may load and reach: no more than it needs, and what it needs."""

import pytest
from playwright.sync_api import Page

from crm import contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import notes
from crm.store import Store
from tests.browser.conftest import QUIET, Serve, Server, SignIn, idle

WATCH = """
addEventListener("securitypolicyviolation", event =>
    window.policyViolated(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`))
"""
PLACES = (
    *("/contacts", "/contact?contact=1", "/pipeline", "/pipeline?show=table", "/pipeline?show=calendar"),
    *("/deal?deal=1", "/forecast", "/conversion", "/orders", "/imports", "/settings", "/account", "/segments"),
)


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(SYSTEM) as tx:
        sales = pipelines.create_from_template(tx, "b2b_sales")
        zoe = contacts.create(tx, name="Zoe", email="zoe@example.com")
        notes.add(tx, "contact", zoe.id, "Met at *the fair*, see https://example.com")
        for title in ("Chairs", "Tables"):
            deals.create(tx, title=title, pipeline_id=sales.id, value=100, contact_id=zoe.id, expected_close=tx.today)
        deals.win(tx, deals.create(tx, title="Lamps", pipeline_id=sales.id, value=7).id)
        orders.create(tx, title="Table", value=10, contact_id=zoe.id)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


@pytest.fixture
def violations() -> list[str]:
    return []


@pytest.fixture
def page(sign_in: SignIn, server: Server[None], violations: list[str]) -> Page:
    def keep(violated: str) -> None:  # Playwright takes no built-in function
        violations.append(violated)

    page = sign_in("ada", server)
    page.expose_function("policyViolated", keep)
    page.add_init_script(WATCH)
    return page


def test_no_page_asks_for_more_than_the_policy_lets_it(page: Page, violations: list[str]) -> None:
    for place in PLACES:
        page.goto(place)
        idle(page)
        assert not violations, place


def test_a_script_in_a_page_reaches_nobody_else(page: Page, violations: list[str]) -> None:
    page.goto("/segments")
    idle(page)
    tried = "fetch('https://elsewhere.example/').then(() => 'sent', () => 'refused')"
    assert page.evaluate(tried) == "refused"
    page.wait_for_timeout(QUIET)
    assert [violated.split()[:2] for violated in violations] == [["connect-src", "https://elsewhere.example/"]]
