"""A walk through every page and what opens over it, in Portuguese: nothing that axe-core finds serious, in light and
dark, wide and narrow; no English sentence; nothing that the policy of what a page may load forbids.

One walk for all three, since to load a page takes as long as to look at it.
"""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from crm.foundation.access import SYSTEM
from crm.foundation.language import catalogues, speaking
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import QUIET, Serve, Server, SignIn, idle
from tests.browser.every_page import PAGES, address_of, fill

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 800}

STREAMLITS = {
    ("list", "stSidebarNavItems"),
    ("listitem", "stSidebarNav"),
    ("listitem", '<li class="st-emotion-cache'),
}
"""(rule, part of the element's HTML) of what is Streamlit's own: the sidebar's list holds a group for each section."""

ENGLISH_ONLY = re.compile(
    r"\b(the|of|and|to|is|are|this|that|with|your|you|was|were|has|have|not|from|by|it|its|who|which|what|been|will|each"
    r"|than|then|add|new|delete|edit|show|hide|choose|nothing|yet|all|any|open|close|save|cancel)\b",
    re.I,
)
"""Words that no Portuguese text holds."""

EXAMPLES = ("you@example.com",)
"""What stands in a box as an example of an address."""

OPENERS = "[data-testid=stPopoverButton], [data-testid=stMenuButton] button"
EVERYWHERE = "[data-testid=stSidebar], [data-testid=stHeader]"
"""What stands on every page: its menus are opened on the first."""

TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const said = walker.currentNode.textContent.trim();
    if (!said || parent.closest("script, style, noscript")) continue;
    if (!getComputedStyle(parent).fontFamily.includes("Material")) found.add(said);  // an icon is a word in its font
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const each of document.querySelectorAll(`[${name}]`)) found.add(each.getAttribute(name).trim());
  return [...found].filter(Boolean);
}"""

WATCH = """
addEventListener("securitypolicyviolation", event =>
    window.policyViolated(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`))
"""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    def seed(store: Store) -> dict[str, int]:
        with store.writing(SYSTEM) as tx:
            workspace.change(tx, locale="pt_BR")
        with speaking("pt_BR"):  # what a pipeline's first stages are called is kept
            return fill(store)

    return serve(seed)


@pytest.fixture(scope="module")
def english() -> frozenset[str]:
    """The English texts that are others in Portuguese."""
    return frozenset(
        str(message.id)
        for message in catalogues.read("pt_BR")
        if isinstance(message.id, str) and message.id and message.id != message.string
    ) - frozenset(str(message.string) for message in catalogues.read("pt_BR"))


@pytest.fixture
def violations() -> list[str]:
    return []


@pytest.fixture
def page(sign_in: SignIn, server: Server[dict[str, int]], violations: list[str]) -> Page:
    def keep(violated: str) -> None:  # Playwright takes no built-in function
        violations.append(violated)

    page = sign_in("ada", server)
    page.expose_function("policyViolated", keep)
    page.add_init_script(WATCH)
    return page


def test_every_page_is_accessible_translated_and_within_the_policy(
    page: Page, server: Server[dict[str, int]], english: frozenset[str], violations: list[str]
) -> None:
    found: list[str] = []
    for address in PAGES:
        page.goto(address_of(address, server.seeded))
        idle(page)
        found += serious(page) + left(page, english)
        page.emulate_media(color_scheme="dark")
        page.keyboard.press("r")  # runs the page again: the server is told of a scheme with the next run
        idle(page)
        # In the dark only colours are others.
        found += serious(page, runOnly=["color-contrast"])
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)
        idle(page)
        found += serious(page)
        page.set_viewport_size(WIDE)
        idle(page)
        found += left_in_menus(page, english, everywhere=address == next(iter(PAGES)))
    for keys in ("Control+k", "?"):
        page.keyboard.press(keys)
        page.get_by_role("dialog").first.wait_for()
        if keys == "Control+k":
            page.get_by_role("option").first.wait_for()
        found += serious(page) + left(page, english)
        page.keyboard.press("Escape")
    assert not found, "\n".join(dict.fromkeys(found))
    assert not violations


def test_a_script_in_a_page_reaches_nobody_else(page: Page, violations: list[str]) -> None:
    page.goto("/segments")
    idle(page)
    tried = "fetch('https://elsewhere.example/').then(() => 'sent', () => 'refused')"
    assert page.evaluate(tried) == "refused"
    page.wait_for_timeout(QUIET)
    assert [violated.split()[:2] for violated in violations] == [["connect-src", "https://elsewhere.example/"]]


def test_another_language_is_in_every_window_with_its_next_page(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = sign_in("bob", server)
    page.goto("/contacts")
    page.get_by_role("heading", name="Contatos").wait_for()
    account = page.context.new_page()
    account.goto("/account")
    account.get_by_role("heading", name="Conta", exact=True).wait_for()
    account.get_by_role("combobox", name="Idioma").click()
    account.get_by_role("option", name="English").click()
    account.get_by_role("heading", name="Account", exact=True).wait_for()
    page.get_by_role("link", name="Empresas").click()
    page.get_by_role("heading", name="Companies").wait_for()


def serious(page: Page, **rules: Any) -> list[str]:
    """The serious and critical findings that are not Streamlit's own, of all rules or of those alone."""
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


def left(page: Page, english: frozenset[str]) -> list[str]:
    """The English texts on the page."""
    said: list[str] = page.evaluate(TEXTS)
    return [
        f"{page.url}: {text[:120]}"
        for text in said
        if (text in english or ENGLISH_ONLY.search(text)) and text not in EXAMPLES
    ]


def left_in_menus(page: Page, english: frozenset[str], *, everywhere: bool) -> list[str]:
    """The English texts of what opens over the page; with `everywhere`, also of what opens over every page."""
    found = []
    openers = page.locator(OPENERS)
    for place in range(openers.count()):
        opener = openers.nth(place)
        # What lies behind a drawer cannot be opened.
        if (
            opener.is_visible()
            and opener.is_enabled()
            and not is_within(opener, "[inert], [aria-hidden=true]")
            and (everywhere or not is_within(opener, EVERYWHERE))
        ):
            opener.click()
            idle(page)
            found += left(page, english)
            page.keyboard.press("Escape")
    return found


def is_within(element: Locator, selector: str) -> bool:
    found: bool = element.evaluate("(element, selector) => element.closest(selector) !== null", selector)
    return found
