"""What was typed and not saved: two people on one deal, and a connection, a server or a page that goes away."""

from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Page, expect

from crm import deals, pipelines
from crm.foundation.access import FOREVER, SYSTEM
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find


@dataclass(frozen=True)
class Seeded:
    pipeline: int
    deals: dict[str, int]
    token: str


def seed(store: Store) -> Seeded:
    people = find(store)
    with store.writing(SYSTEM) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        made = {
            name: deals.create(tx, title=name, pipeline_id=sales.id, source="Fair", owner_id=people.ana).id
            for name in ("Chairs", "Desks", "Lamps", "Shelves", "Stools", "Doors")
        }
    with store.writing(users.actor(store, people.bob, confirmed_until=FOREVER)) as tx:
        token = tokens.issue(tx, name="Test", scopes=tuple(Scope), expires_at=None).text
    return Seeded(sales.id, made, token)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    return serve(seed)


def opened(sign_in: SignIn, server: Server[Seeded], name: str, title: str) -> Page:
    """The deal's page with the drawer of its form."""
    page = sign_in(name, server)
    page.goto(f"/deal?deal={server.seeded.deals[title]}")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Title")).to_have_value(title)
    idle(page)
    return page


def bob_changes(server: Server[Seeded], deal: str, **fields: object) -> None:
    answer = httpx.patch(
        f"{server.url}/api/v1/deals/{server.seeded.deals[deal]}",
        json=fields,
        headers={"Authorization": f"Bearer {server.seeded.token}"},
    )
    assert answer.is_success, answer.text


def held(server: Server[Seeded], title: str) -> dict[str, object]:
    found: dict[str, object] = httpx.get(
        f"{server.url}/api/v1/deals/{server.seeded.deals[title]}",
        headers={"Authorization": f"Bearer {server.seeded.token}"},
    ).json()
    return found


KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('mallard-draft:')).length"


def kept(page: Page) -> int:
    """How many drafts there are in this browser."""
    return int(page.evaluate(KEPT))


def nothing_kept(page: Page) -> None:
    """Wait for it: a form that was saved, discarded or left at the sign-out."""
    page.wait_for_function(f"() => {KEPT} === 0")


def test_of_two_on_one_deal_what_does_not_clash_merges_and_what_does_is_chosen(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = opened(sign_in, server, "ana", "Chairs")
    page.get_by_label("Source").fill("Web")
    page.get_by_label("Source").press("Tab")
    idle(page)
    bob_changes(server, "Chairs", source="Phone", title="Red chairs")
    expect(page.get_by_text("Source · it was Fair")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Red chairs")
    expect(page.get_by_text("Web", exact=True)).to_be_visible()
    expect(page.get_by_text("Phone", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("Source · it was Fair")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    nothing_kept(page)
    now = held(server, "Chairs")
    assert (now["source"], now["title"]) == ("Web", "Red chairs")


def test_what_is_being_typed_is_not_overwritten_by_anothers_change(sign_in: SignIn, server: Server[Seeded]) -> None:
    """The server does not know of it yet: a box tells it when it is left."""
    page = opened(sign_in, server, "ana", "Desks")
    page.get_by_label("Title").press("End")
    page.get_by_label("Title").press_sequentially(" and chairs")
    bob_changes(server, "Desks", title="Red desks")
    expect(page.get_by_text("Title · it was Desks")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Desks and chairs")
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Title")).to_have_value("Red desks")


def test_a_draft_is_offered_after_the_server_was_stopped_and_started_again(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = sign_in("ana", server)
    page.goto(f"/deal?deal={server.seeded.deals['Lamps']}")
    idle(page)
    page.get_by_label("New note").press_sequentially("They like **blue**")
    page.get_by_role("button", name="Edit").click()
    idle(page)
    page.get_by_label("Source").fill("Web")
    page.get_by_label("Source").press("Tab")
    idle(page)
    page.get_by_label("Title").press("End")
    page.get_by_label("Title").press_sequentially(" for reading")
    server.stop()
    server.start_again()
    page.reload()
    form = page.get_by_role("dialog").get_by_role("status").filter(has_text="You have unsaved changes from")
    expect(form).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Lamps")
    form.get_by_role("button", name="Restore").click()
    expect(page.get_by_label("Title")).to_have_value("Lamps for reading")
    expect(page.get_by_label("Source")).to_have_value("Web")
    idle(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page)
    page.get_by_role("status").filter(has_text="unsaved changes").get_by_role("button", name="Restore").click()
    expect(page.get_by_label("New note")).to_have_value("They like **blue**")
    idle(page)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("tabpanel").locator("strong", has_text="blue")).to_be_visible()
    idle(page)
    nothing_kept(page)
    now = held(server, "Lamps")
    assert (now["title"], now["source"]) == ("Lamps for reading", "Web")
    nothing_kept(page)


def test_a_restored_draft_meets_what_others_changed_meanwhile_side_by_side(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = opened(sign_in, server, "ana", "Shelves")
    page.get_by_label("Source").fill("Web")
    page.get_by_label("Source").press("Tab")
    idle(page)
    page.goto("about:blank")
    bob_changes(server, "Shelves", source="Phone")
    page.goto(f"/deal?deal={server.seeded.deals['Shelves']}&edit=1")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Source · it was Fair")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Source")).to_have_value("Phone")
    expect(page.get_by_role("button", name="Save")).to_be_enabled()


def test_a_draft_is_nobody_elses_at_the_same_computer_and_goes_at_the_sign_out(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = opened(sign_in, server, "ana", "Stools")
    page.get_by_label("Source").fill("Secret")
    page.get_by_label("Source").press("Tab")
    idle(page)
    assert kept(page) == 1
    mine, theirs = ({"name": "mallard", "value": server.cookies[who], "url": server.url} for who in ("ana", "bob"))
    page.context.add_cookies([theirs])
    page.reload()
    expect(page.get_by_label("Source")).to_have_value("Fair")
    idle(page)
    expect(page.get_by_text("unsaved changes")).to_have_count(0)
    page.context.add_cookies([mine])
    page.reload()
    expect(page.get_by_text("unsaved changes")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page)
    page.get_by_role("button", name="Ana", exact=True).click()
    page.get_by_text("Sign out", exact=True).click()
    expect(page.get_by_text("Welcome back.")).to_be_visible()
    nothing_kept(page)


def test_what_the_drawer_saved_is_not_offered_again_and_what_is_discarded_is_gone(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = sign_in("marta", server)
    page.goto(f"/pipeline?deal={server.seeded.deals['Doors']}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Title").fill("Blue doors")
    drawer.get_by_label("Title").press("Tab")
    idle(page)
    assert kept(page) == 1
    page.reload()
    drawer.get_by_role("button", name="Discard").click()
    expect(drawer.get_by_text("unsaved changes")).to_have_count(0)
    nothing_kept(page)
    drawer.get_by_label("Title").fill("Green doors")
    drawer.get_by_role("button", name="Save").click()
    expect(page.locator(".card").get_by_text("Green doors")).to_be_visible()
    nothing_kept(page)
