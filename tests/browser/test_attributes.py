"""Custom attributes as an administrator shapes them and a rep fills them in."""

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.records import attributes
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[int]:
    def seed(store: Store) -> int:
        with store.writing(SYSTEM) as tx:
            size = attributes.define(
                tx, model="contact", name="Size", type="list", values=["Small", "Medium", "*Large* <b>"]
            )
            attributes.define(tx, model="contact", name="Plate", type="text", pattern="[A-Z]+", hint="capitals")
            attributes.define(tx, model="contact", name="Site", type="link")
            contacts.create(
                tx, name="Lia", attributes={"size": "Medium", "site": "https://example.com/a_b?c=(d)[e]&f=$g$"}
            )
        return size.id

    return serve(seed)


def drag_first_below_last(page: Page) -> Locator:
    """In the sortable list of the dialog; its items."""
    items = page.get_by_role("dialog").frame_locator("iframe").locator(".sortable-item")
    items.last.click(trial=True)  # which waits until the list has its place
    first, last = items.first.bounding_box(), items.last.bounding_box()
    assert first
    assert last
    page.mouse.move(first["x"] + 40, first["y"] + first["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(first["x"] + 40, first["y"] + (last["y"] + last["height"] - first["y"]) * step / 10)
        page.wait_for_timeout(30)
    page.mouse.up()
    return items


def test_values_of_a_list_are_dragged_into_order(sign_in: SignIn, server: Server[int]) -> None:
    page = sign_in("ada", server)
    page.goto(f"/settings?section=Attributes&attribute={server.seeded}")
    idle(page)
    page.get_by_role("dialog").get_by_text("Order", exact=True).click()
    idle(page)
    expect(drag_first_below_last(page)).to_have_text(["Medium", "*Large* <b>", "Small"])
    expect(page.get_by_text("3 values: Medium, *Large* <b>, Small")).to_be_attached()
    page.reload()
    idle(page)
    expect(page.get_by_text("3 values: Medium, *Large* <b>, Small")).to_be_visible()


def test_attributes_are_dragged_into_order(sign_in: SignIn, server: Server[int]) -> None:
    page = sign_in("ada", server)
    page.goto("/settings?section=Attributes")
    idle(page)
    page.get_by_role("button", name="Order").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    idle(page)
    expect(drag_first_below_last(page)).to_have_text(["Plate", "Site", "Size"])
    expect(page.get_by_test_id("stMain").locator("strong").first).to_have_text("Plate")
    page.keyboard.press("Escape")
    idle(page)
    assert page.get_by_test_id("stMain").locator("strong").all_inner_texts() == ["Plate", "Site", "Size"]


def test_a_new_attribute_is_filled_in_at_once(sign_in: SignIn, server: Server[int]) -> None:
    page = sign_in("ada", server)
    page.goto("/settings?section=Attributes")
    idle(page)
    page.get_by_role("button", name="New attribute").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name").fill("Nickname")
    drawer.get_by_role("button", name="Create").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("nickname", exact=True)).to_be_visible()
    bob = sign_in("bob", server)
    bob.goto("/contact?contact=1")
    idle(bob)
    link = bob.get_by_role("link", name="https://example.com/a_b?c=(d)[e]&f=$g$")
    expect(link).to_have_attribute("href", "https://example.com/a_b?c=%28d%29%5Be%5D&f=%24g%24")
    bob.get_by_role("button", name="Edit").first.click()
    form = bob.get_by_role("dialog")
    form.get_by_label("Nickname").fill("Li")
    form.get_by_role("textbox", name="Plate").fill("abc")
    form.get_by_role("combobox", name="Size").click()
    expect(bob.get_by_role("option")).to_have_count(3)
    bob.get_by_role("option", name="*Large* <b>").click()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("“abc” does not fit “Plate”: capitals.")
    form.get_by_role("textbox", name="Plate").fill("ABC")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    for text in ("Li", "ABC", "*Large* <b>"):
        expect(bob.get_by_test_id("stMain").get_by_text(text, exact=True).first).to_be_visible()
