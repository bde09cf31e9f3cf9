"""At twice the size on a usual screen a page is as wide as its window, and what one comes for is in reach."""

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import contacts, deals, pipelines
from crm.foundation.access import SYSTEM
from crm.records import checklists
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find

ZOOMED = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}

PAGES = {
    "day": "Forecast",
    "pipeline": "New deal",
    "contacts": "New contact",
    "contact?contact=1": "New deal",
    "deal?deal=1": "Won",
    "settings": "Add user",
}
"""{address: what one does there first}."""

OUTSIDE = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const outside = [...main.querySelectorAll("button, a, input, textarea")].filter((one) => {
        const box = one.getBoundingClientRect();
        // The figures above the board are a strip that is scrolled by itself, and so is a board.
        return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1) && !one.closest(".st-key-figures");
    });
    const wide = [document.scrollingElement, main].filter((one) => one.scrollWidth > one.clientWidth + 1);
    return [...wide, ...outside].map((one) => one.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            sales = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
            lia = contacts.create(tx, name="Lia Prado", email="lia@example.com", phone="+5511987654321")
            chairs = deals.create(
                tx, title="Chairs", pipeline_id=sales.id, value=1200, owner_id=people.ada, contact_id=lia.id
            )
            steps = checklists.add(tx, chairs.id, "Next steps")
            checklists.add_item(tx, steps.id, "Call Lia", due_on=tx.today)

    return serve(seed)


def test_nothing_is_lost_at_twice_the_size(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server, **ZOOMED)
    for address, first in PAGES.items():
        page.goto(f"/{address}")
        expect(doing(page, first)).to_be_visible()
        idle(page)
        assert page.evaluate(OUTSIDE) == [], address
        doing(page, first).scroll_into_view_if_needed()
        box = doing(page, first).bounding_box()
        assert box, address
        assert box["x"] >= 0, address
        assert box["x"] + box["width"] <= 720, address


def doing(page: Page, name: str) -> Locator:
    main = page.get_by_test_id("stMain")
    return main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name, exact=True)).first
