"""What is pressed looks pressed at once, however long its outcome takes."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def one_deal(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        deals.create(tx, title="Chairs", pipeline_id=pipeline.id, value=1200)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(one_deal)


def background(shown: Locator) -> str:
    return str(shown.evaluate("element => getComputedStyle(element).backgroundColor"))


def pressed(page: Page, shown: Locator) -> bool:
    """Whether it changes its colour while the button of the mouse is down on it."""
    shown.hover()
    before = background(shown)
    page.mouse.down()
    during = background(shown)
    page.mouse.up()
    return before != during


def test_a_card_and_a_page_of_the_sidebar_look_pressed(server: Server[None], sign_in: SignIn) -> None:
    page = sign_in("ana", server)
    page.goto("/pipeline")
    idle(page)
    assert pressed(page, page.locator(".card").first)
    idle(page)
    page.keyboard.press("Escape")
    idle(page)
    assert pressed(page, page.locator("[data-testid=stSidebarNavLink]", has_text="Contacts"))


EACH_FRAME = """name => {
    const main = () => document.querySelector("[data-testid=stMainBlockContainer]");
    const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
    const link = links.find(one => one.innerText.includes(name));
    const before = getComputedStyle(link).backgroundColor;
    window.frames_seen = [];
    const look = () => {
        const held = main() && getComputedStyle(main(), "::after").content !== "none";
        window.frames_seen.push([getComputedStyle(link).backgroundColor !== before, held]);
        if (window.frames_seen.length < 6000) requestAnimationFrame(look);
    };
    link.focus();
    link.click();
    requestAnimationFrame(look);
}"""


def test_a_page_that_was_chosen_is_marked_in_the_next_frame_and_holds_its_room_until_it_comes(
    server: Server[None], sign_in: SignIn
) -> None:
    page = sign_in("ana", server)
    page.goto("/pipeline")
    idle(page)
    page.evaluate(EACH_FRAME, "Contacts")
    expect(page.get_by_role("heading", name="Contacts", exact=True)).to_be_visible()
    idle(page)
    frames = page.evaluate("window.frames_seen")
    assert frames[0][0], "the link does not look chosen"
    assert any(held for _, held in frames), "nothing holds the room of the page"
    assert not frames[-1][1], "the placeholder stays"


def test_what_the_pointer_rests_on_is_read_before_the_click(server: Server[None], sign_in: SignIn) -> None:
    page = sign_in("ana", server)
    page.goto("/pipeline")
    idle(page)
    card = page.locator(".card")
    with page.expect_response(re.compile(r"/warm/drawer/1\?maybe$")) as answer:
        card.hover()
    assert answer.value.status == 204
    idle(page)
    card.click()
    link = page.get_by_role("dialog").get_by_role("link", name="Open the whole deal")
    expect(link).to_be_visible()
    idle(page)
    with page.expect_response(re.compile(r"/warm/deal/1(\?maybe)?$")) as answer:
        link.click()
    assert answer.value.status == 204
    expect(page.get_by_role("heading", name="Chairs")).to_be_visible()
