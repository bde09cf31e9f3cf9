"""Popovers that draw what they hold only while they are open: they stay open and lose nothing, whatever changes beside
them."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from crm import contacts, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import tokens
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, Any]]:
    def seed(store: Store) -> dict[str, Any]:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            contacts.create(tx, name="Lia", city="Porto")
            contacts.create(tx, name="Rui", city="Recife")
            pipeline = pipelines.create(tx, "Sales", ["New", "Offer"])
            token = tokens.issue(tx, name="Test", scopes=[tokens.Scope.WRITE], expires_at=None, user_id=people.marta)
        return {"token": token.text, "pipeline": pipeline.id, "ana": people.ana}

    return serve(seed)


def made_elsewhere(server: Server[dict[str, Any]], what: str, **fields: Any) -> None:
    headers = {"Authorization": f"Bearer {server.seeded['token']}"}
    made = httpx.post(f"{server.url}/api/v1/{what}", json=fields, headers=headers)
    assert made.status_code == 201, made.text


def opened(page: Page, label: str) -> Locator:
    """The body of the popover with this label, once it is open."""
    page.get_by_role("button", name=label, exact=True).click()
    body = page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    return body


def on_contacts(sign_in: SignIn, server: Server[dict[str, Any]]) -> Page:
    page = sign_in("ana", server)
    page.goto("/contacts")
    idle(page)
    return page


def assert_at_foot(part: Locator, page: Page) -> None:
    box, size = part.bounding_box(), page.viewport_size
    assert box
    assert size
    assert box["y"] > size["height"] - 120


def test_what_is_typed_in_the_filters_outlives_a_change_by_somebody_else(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = on_contacts(sign_in, server)
    city = opened(page, "Filters").get_by_label("City contains")
    city.click()
    city.press_sequentially("Por")
    made_elsewhere(server, "contacts", name="Somebody new", city="Porto")
    expect(page.get_by_text("3 contacts", exact=True)).to_be_visible()
    expect(city).to_have_value("Por")
    city.press_sequentially("to")
    city.press("Enter")
    expect(page.get_by_text("2 contacts", exact=True)).to_be_visible()
    expect(city).to_be_visible()  # another label would have closed the popover
    expect(page.get_by_test_id("stMain").locator(".stMarkdownBadge").first).to_have_text("1")
    page.keyboard.press("Escape")
    expect(city).to_have_count(0)
    idle(page)
    expect(opened(page, "Filters").get_by_label("City contains")).to_have_value("Porto")


def test_what_is_typed_and_not_entered_is_there_when_the_filters_open_again(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = on_contacts(sign_in, server)
    city = opened(page, "Filters").get_by_label("City contains")
    city.click()
    city.press_sequentially("Reci")
    page.get_by_role("heading", name="Contacts").click()
    expect(city).to_have_count(0)
    idle(page)
    expect(opened(page, "Filters").get_by_label("City contains")).to_have_value("Reci")
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()


def test_columns_that_are_chosen_one_after_the_other_leave_the_choice_open(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = on_contacts(sign_in, server)
    body = opened(page, "Columns")
    for name in ("Phone", "City"):
        box = body.get_by_role("checkbox", name=name)
        expect(box).to_be_checked()
        body.get_by_text(name, exact=True).click()
        expect(body.get_by_role("checkbox", name=name)).not_to_be_checked()
        idle(page)
    expect(body).to_be_visible()


def test_notices_that_come_while_they_are_open_are_counted_beside_and_listed(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = on_contacts(sign_in, server)
    assert_at_foot(page.locator(".st-key-notices"), page)
    body = opened(page, "Notifications")
    expect(body.get_by_text("You are all caught up.")).to_be_visible()
    box, foot = body.bounding_box(), page.locator(".st-key-notices").bounding_box()
    assert box
    assert foot
    assert box["y"] + box["height"] <= foot["y"] + 1, "it opens upwards, where there is room"
    made_elsewhere(server, "deals", title="Roof", pipeline_id=server.seeded["pipeline"], owner_id=server.seeded["ana"])
    expect(body.get_by_role("link", name="“Roof” was given to you by Marta.")).to_be_visible()
    expect(page.locator(".st-key-notices .stMarkdownBadge")).to_have_text("1")
    body.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".st-key-notices .stMarkdownBadge")).to_have_count(0)
    expect(body.get_by_role("link", name="“Roof” was given to you by Marta.")).to_be_visible()
