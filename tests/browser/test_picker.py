"""The type-ahead box in a browser: by keyboard alone, in a dialog, on a phone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from crm import companies, contacts, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle

LONG = "Associação Brasileira dos Fabricantes de Instrumentos Musicais e Acessórios do Vale do Paraíba e Litoral Norte"


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, Module.COMPANIES, True)
            pipelines.create(tx, "Sales", ["New", "Offer"])
            aurora = companies.create(tx, name="Aurora")
            companies.create(tx, name=LONG)
            contacts.create(tx, name="Lia Prado", email="lia@example.com", company_id=aurora.id)
            for n in range(12):
                contacts.create(tx, name=f"Rui <b>{n}</b>")

    return serve(seed)


def new_deal(sign_in: SignIn, server: Server[None], **context: object) -> Page:
    page = sign_in("marta", server, **context)
    page.goto("/pipeline?new=1")
    idle(page)
    page.get_by_role("dialog").get_by_label("Title").fill("Chairs")
    page.keyboard.press("Tab")
    idle(page)
    return page


def test_a_contact_is_picked_by_keyboard_alone_and_brings_its_company(sign_in: SignIn, server: Server[None]) -> None:
    page = new_deal(sign_in, server)
    dialog = page.get_by_role("dialog", name="New deal")
    box = dialog.get_by_role("combobox", name="Contact")
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("option")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("option")).to_have_count(0)
    expect(dialog).to_be_visible()
    page.keyboard.type("lia")
    expect(dialog.get_by_role("option", name="Lia Prado")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Lia Prado")
    expect(dialog.get_by_role("combobox", name="Company")).to_have_value("Aurora")
    idle(page)
    dialog.get_by_role("button", name="Create deal").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Chairs")).to_be_visible()
    expect(page.get_by_text("Lia Prado").first).to_be_visible()


def test_arrows_go_round_and_the_choice_is_cleared(sign_in: SignIn, server: Server[None]) -> None:
    page = new_deal(sign_in, server)
    dialog = page.get_by_role("dialog", name="New deal")
    box = dialog.get_by_role("combobox", name="Contact")
    box.click()
    page.keyboard.type("rui")
    expect(dialog.get_by_role("option")).to_have_count(7)
    page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("option", name="Create contact “rui”")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = dialog.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    name = second.locator(".title").inner_text()
    assert name.startswith("Rui <b>")
    page.keyboard.press("Enter")
    expect(box).to_have_value(name)
    idle(page)
    dialog.get_by_role("button", name="Clear Contact").click()
    expect(box).to_have_value("")
    idle(page)
    expect(box).to_have_value("")


def test_what_is_not_there_is_made_and_a_duplicate_is_refused_in_a_sentence(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = new_deal(sign_in, server)
    dialog = page.get_by_role("dialog", name="New deal")
    company = dialog.get_by_role("combobox", name="Company")
    company.click()
    page.keyboard.type("Brisa")
    expect(dialog.get_by_text("No company matches.")).to_be_visible()
    page.keyboard.press("Enter")
    idle(page)
    expect(company).to_have_value("Brisa")
    contact = dialog.get_by_role("combobox", name="Contact")
    contact.click()
    page.keyboard.type("lia@example.com")
    dialog.get_by_role("option", name="Create contact “lia@example.com”").click()
    expect(dialog.get_by_role("alert").filter(has_text="lia@example.com")).to_be_visible()
    page.goto("/companies?q=brisa")
    expect(page.get_by_text("1 company", exact=True)).to_be_visible()


def test_an_answer_that_comes_late_is_dropped(sign_in: SignIn, server: Server[None]) -> None:
    page = new_deal(sign_in, server)
    dialog = page.get_by_role("dialog", name="New deal")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/pick.*q=rui$"), hold)
    box = dialog.get_by_role("combobox", name="Contact")
    box.click()
    page.keyboard.type("rui")
    expect(dialog.get_by_text("Searching …")).to_be_visible()
    box.fill("lia")
    expect(dialog.get_by_role("option", name="Lia Prado")).to_be_visible()
    for route in held:
        route.fulfill(json={"matches": [{"kind": "contact", "id": 2, "title": "Too late", "detail": ""}]})
    page.wait_for_timeout(500)
    expect(dialog.get_by_role("option", name="Too late")).to_have_count(0)
    expect(dialog.get_by_role("option", name="Lia Prado")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_list_is_whole_and_a_long_name_is_cut(
    sign_in: SignIn, server: Server[None], scheme: str
) -> None:
    page = new_deal(sign_in, server, viewport={"width": 390, "height": 780}, color_scheme=scheme)
    dialog = page.get_by_role("dialog", name="New deal")
    box = dialog.get_by_role("combobox", name="Company")
    box.click()
    page.keyboard.type("fabricantes")
    option = dialog.get_by_role("option", name=LONG)
    expect(dialog.get_by_role("option", name="Create company “fabricantes”")).to_be_visible()
    for shown in (option, dialog.get_by_role("listbox", name="Company")):
        frame = shown.bounding_box()
        assert frame
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= 390
        assert 0 <= frame["y"] <= frame["y"] + frame["height"] <= 780
    option.click()
    expect(box).to_have_value(LONG)
