"""A dashboard of one's own in a browser: its tiles are dragged into order, and stay so."""

import pytest
from playwright.sync_api import expect

from crm import pipelines
from crm.dashboards import saved
from crm.dashboards.model import Tile
from crm.dashboards.tiles import Width
from crm.foundation.access import SYSTEM
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def _fill(store: Store) -> int:
    with store.reading(SYSTEM) as tx:
        marta = next(person.id for person in users.everyone(tx) if person.name == "Marta")
    with store.writing(users.actor(store, marta)) as tx:
        pipelines.create(tx, "Sales", ["Lead"])
        tiles = tuple(Tile(kind=kind, width=Width.THIRD) for kind in ("cycle", "win_rate", "open_pipeline"))
        return saved.create(tx, name="My week", tiles=tiles).id


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[int]:
    return serve(_fill)


def test_a_tile_that_was_dragged_stays_where_it_was_dropped(sign_in: SignIn, server: Server[int]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/dashboards?dashboard={server.seeded}")
    idle(page)
    page.get_by_role("button", name="Dashboards").click()
    page.get_by_role("button", name="Change its tiles").click()
    items = page.frame_locator("iframe").locator(".sortable-item")
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
    expect(items).to_have_text(["1. Win rate", "2. Open pipeline", "3. Sales cycle"])
    page.reload()
    idle(page)
    titles = page.locator('[class*="st-key-tile-"] strong')
    expect(titles).to_have_text(["Win rate", "Open pipeline", "Sales cycle"])
