"""Open pages hear of what others change: also of what came while the page was loading, or a connection was lost."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from crm import pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import tokens
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find

OPEN = "() => window.mallardLive?.source?.readyState === EventSource.OPEN && window.mallardLive.heard"

HOLD_THE_MODULE = """
    const texts = new WeakMap(), Own = Blob, make = URL.createObjectURL;
    window.Blob = class extends Own {
      constructor(parts, options) { super(parts, options); texts.set(this, String(parts?.[0])); }
    };
    URL.createObjectURL = (blob) => {
      if (!texts.get(blob)?.includes("new EventSource")) return make.call(URL, blob);
      window.heldModule = texts.get(blob);
      return `${location.origin}/held.js`;
    };
"""
"""A module of a component is a blob, which cannot be slow: this one is asked of the server."""


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, Any]]:
    def seed(store: Store) -> dict[str, Any]:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            pipeline = pipelines.create(tx, "Sales", ["New", "Offer"])
            token = tokens.issue(tx, name="Test", scopes=[tokens.Scope.WRITE], expires_at=None, user_id=people.ana).text
        return {"token": token, "pipeline": pipeline.id}

    return serve(seed)


def made_elsewhere(server: Server[dict[str, Any]], what: str, **fields: Any) -> int:
    """The id of what somebody else made."""
    headers = {"Authorization": f"Bearer {server.seeded['token']}"}
    made = httpx.post(f"{server.url}/api/v1/{what}", json=fields, headers=headers)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def changed_elsewhere(server: Server[dict[str, Any]], what: str, **fields: Any) -> None:
    headers = {"Authorization": f"Bearer {server.seeded['token']}"}
    changed = httpx.patch(f"{server.url}/api/v1/{what}", json=fields, headers=headers)
    assert changed.status_code == 200, changed.text


def new_deal(server: Server[dict[str, Any]], title: str) -> None:
    made_elsewhere(server, "deals", title=title, pipeline_id=server.seeded["pipeline"])


def held_back(page: Page, pattern: str) -> list[Route]:
    """The requests that wait from now on, until the test lets them go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold)
    return held


def let_go(page: Page, held: list[Route]) -> Route:
    """The request that waits, once it has come: a busy machine takes its time."""
    for _ in range(300):
        if held:
            return held.pop()
        page.wait_for_timeout(100)
    raise AssertionError("Nothing was asked for.")


def sent_by(page: Page) -> list[Any]:
    """What the page sends to the server from now on."""
    sent: list[Any] = []

    def keep(frame: Any) -> None:
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", keep))
    return sent


def opened(page: Page) -> Page:
    page.goto("/pipeline")
    idle(page)
    return page


def test_what_changed_before_the_stream_opened_is_shown_and_nothing_is_drawn_for_what_is_not(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = sign_in("ana", server)
    sent, held = sent_by(page), held_back(page, "**/events*")
    opened(page)
    somebody = {"kind": "rule", "field": "name", "op": "is_not_empty"}
    made_elsewhere(server, "segments", kind="contacts", name="Nobody looks at segments here", filter=somebody)
    sent.clear()
    let_go(page, held).continue_()
    page.wait_for_function(OPEN)
    page.wait_for_timeout(1000)
    idle(page)
    assert not sent, "what the page shows is as it was"
    page.reload()
    idle(page)
    new_deal(server, "While the page was loading")
    let_go(page, held).continue_()
    expect(page.get_by_text("While the page was loading")).to_be_visible()


def test_a_drawing_that_another_overtook_while_the_module_was_loading_leaves_that_one_listening(
    sign_in: SignIn, server: Server[dict[str, Any]]
) -> None:
    page = sign_in("ana", server)
    page.add_init_script(f"(() => {{ {HOLD_THE_MODULE} }})()")
    held = held_back(page, "**/held.js")
    opened(page)
    asked_for = let_go(page, held)
    made_elsewhere(server, "companies", name="So that the page is of another moment")
    page.get_by_placeholder("Search deals").fill("late")
    page.get_by_placeholder("Search deals").press("Enter")
    idle(page)
    for route in (asked_for, *held):
        route.fulfill(body=page.evaluate("() => window.heldModule"), content_type="text/javascript")
    page.wait_for_function(OPEN)
    new_deal(server, "Not too late")
    expect(page.get_by_text("Not too late")).to_be_visible(timeout=20_000)


def test_a_rerun_whose_message_was_lost_is_asked_for_again(sign_in: SignIn, server: Server[dict[str, Any]]) -> None:
    page = sign_in("ana", server)
    lost: list[Any] = []
    losing = [False]

    def pass_on(socket: WebSocketRoute) -> None:
        beyond = socket.connect_to_server()
        socket.on_message(lambda message: lost.append(message) if losing[0] else beyond.send(message))

    page.route_web_socket("**/_stcore/stream", pass_on)
    opened(page)
    page.wait_for_function(OPEN)
    losing[0] = True
    new_deal(server, "Asked for twice")
    page.wait_for_timeout(1500)
    losing[0] = False
    assert lost
    expect(page.get_by_text("Asked for twice")).to_be_visible(timeout=30_000)


def test_a_page_that_was_left_listens_no_more(sign_in: SignIn, server: Server[dict[str, Any]]) -> None:
    page = opened(sign_in("ana", server))
    page.wait_for_function(OPEN)
    page.get_by_role("link", name="Contacts").click()
    kinds = "() => [...window.mallardLive.listeners].flatMap((own) => own.kinds)"
    page.wait_for_function(f"() => ({kinds})().includes('contact') && !({kinds})().includes('pipeline')")


def test_no_open_page_is_left_with_what_others_changed(sign_in: SignIn, server: Server[dict[str, Any]]) -> None:
    """Lists, board, records, counts and menus: what they read is kept, and each hears of every change."""
    made_elsewhere(server, "companies", name="Pampa")
    lia = made_elsewhere(server, "contacts", name="Lia Prado")
    plan = made_elsewhere(server, "deals", title="Annual plan", pipeline_id=server.seeded["pipeline"], contact_id=lia)
    everybody = {"kind": "rule", "field": "name", "op": "is_not_empty"}
    made_elsewhere(server, "segments", kind="contacts", name="All of them", filter=everybody, shared=True)
    first = sign_in("bob", server)
    page_of = {}
    for path in ("contacts", "companies", "pipeline", f"deal?deal={plan}", f"contact?contact={lia}"):
        page_of[path.partition("?")[0]] = page = first.context.new_page()
        page.goto(f"/{path}")
        idle(page)
    sidebar = page_of["contacts"].get_by_test_id("stSidebar")
    before = int(re.findall(r"All of them\s*(\d+)", sidebar.inner_text())[0])

    made_elsewhere(server, "deals", title="Second plan", pipeline_id=server.seeded["pipeline"], contact_id=lia)
    changed_elsewhere(server, f"deals/{plan}", title="Biennial plan")
    for title in ("Second plan", "Biennial plan"):
        expect(page_of["pipeline"].get_by_text(title)).to_be_visible()
    expect(page_of["deal"].get_by_role("heading", name="Biennial plan")).to_be_visible()
    expect(page_of["contact"].get_by_text("Second plan").first).to_be_attached()

    changed_elsewhere(server, f"contacts/{lia}", name="Lia Prado Nunes")
    expect(page_of["pipeline"].get_by_text("Lia Prado Nunes").first).to_be_visible()
    expect(page_of["deal"].get_by_text("Lia Prado Nunes").first).to_be_visible()
    expect(page_of["contact"].get_by_role("heading", name="Lia Prado Nunes")).to_be_visible()

    made_elsewhere(server, "contacts", name="Rui Alves")
    expect(sidebar).to_contain_text(re.compile(rf"All of them\s*{before + 1}"))
    expect(page_of["contacts"].get_by_text(f"{before + 1} contacts", exact=True)).to_be_visible()
    companies = int(page_of["companies"].get_by_text(re.compile(r"^\d+ compan")).inner_text().split()[0])
    made_elsewhere(server, "companies", name="Serra")
    expect(page_of["companies"].get_by_text(f"{companies + 1} companies", exact=True)).to_be_visible()
