"""Every page, what opens over it, and its menus in Portuguese: no English sentence is left."""

import re

import pytest
from playwright.sync_api import Locator, Page

from crm.foundation.access import SYSTEM
from crm.foundation.language import catalogues, speaking
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.every_page import PAGES, address_of, fill

ENGLISH_ONLY = re.compile(
    r"\b(the|of|and|to|is|are|this|that|with|your|you|was|were|has|have|not|from|by|it|its|who|which|what|been|will|each"
    r"|than|then|add|new|delete|edit|show|hide|choose|nothing|yet|all|any|open|close|save|cancel)\b",
    re.I,
)
"""Words that no Portuguese text holds."""

EXAMPLES = ("you@example.com",)
"""What stands in a box as an example of an address."""

OPENERS = "[data-testid=stPopoverButton], [data-testid=stMenuButton] button"

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


def left(page: Page, english: frozenset[str]) -> list[str]:
    """The English texts on the page."""
    said: list[str] = page.evaluate(TEXTS)
    return [
        f"{page.url}: {text[:120]}"
        for text in said
        if (text in english or ENGLISH_ONLY.search(text)) and text not in EXAMPLES
    ]


def is_behind(element: Locator) -> bool:
    found: bool = element.evaluate("element => element.closest('[inert], [aria-hidden=true]') !== null")
    return found


def test_no_page_says_anything_in_english(
    sign_in: SignIn, server: Server[dict[str, int]], english: frozenset[str]
) -> None:
    page = sign_in("ada", server)
    found: list[str] = []
    for address in PAGES:
        page.goto(address_of(address, server.seeded))
        idle(page)
        found += left(page, english)
        openers = page.locator(OPENERS)
        for place in range(openers.count()):
            # What lies behind a drawer cannot be opened.
            if (
                openers.nth(place).is_visible()
                and openers.nth(place).is_enabled()
                and not is_behind(openers.nth(place))
            ):
                openers.nth(place).click()
                idle(page)
                found += left(page, english)
                page.keyboard.press("Escape")
    for keys in ("Control+k", "?"):
        page.keyboard.press(keys)
        page.get_by_role("dialog").first.wait_for()
        found += left(page, english)
        page.keyboard.press("Escape")
    assert not found, "\n".join(dict.fromkeys(found))


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
