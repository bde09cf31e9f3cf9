"""Every page, and what opens over it, against axe-core: no serious or critical finding that is ours."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.every_page import PAGES, address_of, fill

STREAMLITS = {
    ("list", "stSidebarNavItems"),
    ("listitem", "stSidebarNav"),
    ("listitem", '<li class="st-emotion-cache'),
}
"""(rule, part of the element's HTML) of what is Streamlit's own: the sidebar's list holds a group for each section."""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(fill)


def findings(page: Page, scheme: str) -> list[str]:
    """The serious and critical findings that are not Streamlit's own. In the dark only colours are others."""
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    # Without this, what passes is described as well, which takes as long as finding what does not.
    options = {"resultTypes": ["violations"], **rules}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
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
    for address in PAGES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address_of(address, server.seeded))
        idle(page)
        found += findings(page, scheme)
        page.set_viewport_size({"width": 390, "height": 800})
        idle(page)
        found += findings(page, scheme)
    page.keyboard.press("Control+k")
    page.get_by_role("option").first.wait_for()
    found += findings(page, scheme)
    assert not found, "\n".join(found)
