"""The board of a custom type in a browser: what is dragged or carried by keys takes the value of its column."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import registry
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.test_board import card, column, drag, titles, written


@dataclass(frozen=True)
class Seeded:
    page: str


def seed(store: Store) -> Seeded:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
        objects.add_field(tx, course.id, name="Level", type="list", values=["Beginner", "Middle", "Master"])
        objects.add_field(tx, course.id, name="Price", type="currency")
    with store.writing(SYSTEM) as tx:
        for name, level in (("Art", "Beginner"), ("Chess", "Beginner"), ("Drama", None)):
            registry.room(course.kind).create(tx, name=name, level=level, price=100, currency="EUR")
    return Seeded(registry.get(course.kind).plural)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    return serve(seed)


def board(sign_in: SignIn, server: Server[Seeded]) -> Page:
    page = sign_in("marta", server)
    page.goto(f"/{server.seeded.page}")
    page.get_by_role("radio", name="Board").or_(page.get_by_role("button", name="Board")).first.click()
    expect(card(page, "Drama")).to_be_visible()
    idle(page)
    return page


def test_cards_are_dragged_and_carried_to_another_value_and_others_see_it(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page, other = board(sign_in, server), board(sign_in, server)
    expect(page.locator(".column .name")).to_have_text(["Beginner", "Middle", "Master", "No value"])
    drag(page, "Art", column(page, "Middle").locator(".list"))
    expect(titles(page, "Middle")).to_have_text(["Art"])
    expect(column(page, "Middle").locator(".total")).to_have_text("€100")
    written(page)
    expect(titles(other, "Middle")).to_have_text(["Art"])

    page.get_by_role("button", name="Undo").click()
    expect(titles(page, "Beginner")).to_have_text(["Art", "Chess"])

    card(page, "Drama").focus()
    for key in (" ", "ArrowLeft", " "):
        page.keyboard.press(key)
    expect(titles(page, "Master")).to_have_text(["Drama"])
    expect(column(page, "No value")).to_have_count(0)
    written(page)
    page.reload()
    expect(titles(page, "Master")).to_have_text(["Drama"])

    card(page, "Drama").click()
    expect(page.get_by_role("heading", name="Drama")).to_be_visible()
