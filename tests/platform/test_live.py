"""What the stream of an open page begins with, and what it goes on with."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from crm import companies, contacts
from crm.platform.live import Hub
from crm.records import feed
from crm.store import Committed, Store
from tests.people import Team


@asynccontextmanager
async def fed_by(store: Store) -> AsyncIterator[Hub]:
    hub = Hub(store, feed.kinds_changed)
    store.listeners.append(hub.publish)
    yield hub
    hub.close()
    store.listeners.remove(hub.publish)


def with_hub(store: Store, work: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        async with fed_by(store) as hub:
            await work(hub)

    asyncio.run(all_of_it())


def new_company(store: Store, team: Team, name: str) -> int:
    with store.writing(team.ana) as tx:
        companies.create(tx, name=name)
    return store.seq


class Page:
    """The reading end of a stream."""

    def __init__(self, hub: Hub, after: str) -> None:
        self.stream = hub.open_stream(after)
        self._events = self.stream.events()

    async def told(self) -> tuple[str, dict[str, Any]]:
        """Id and data of the next event."""
        event = await asyncio.wait_for(anext(self._events), 5)
        assert event is not None
        lines = dict(line.split(": ", 1) for line in event.splitlines() if line)
        return lines["id"], json.loads(lines["data"])

    async def is_told_nothing(self) -> bool:
        await asyncio.sleep(0)  # what was published comes now
        return not self.stream.pending.is_set()

    async def close(self) -> None:
        await self._events.aclose()


def test_a_stream_that_opens_after_a_change_begins_with_it(store: Store, team: Team) -> None:
    async def work(hub: Hub) -> None:
        read_at = store.seq
        changed = new_company(store, team, "Globex")
        await asyncio.sleep(0)
        _, data = await Page(hub, str(read_at)).told()
        assert data == {"seq": changed, "kinds": {"company": changed}}

    with_hub(store, work)


def test_a_change_that_the_hub_is_yet_to_hear_of_comes_after_the_opening(store: Store, team: Team) -> None:
    async def work(hub: Hub) -> None:
        read_at = store.seq
        changed = new_company(store, team, "Globex")
        page = Page(hub, str(read_at))
        await asyncio.sleep(0)
        _, data = await page.told()
        assert data["kinds"] == {"company": changed}

    with_hub(store, work)


def test_each_kind_comes_with_its_own_place_so_that_a_page_read_since_then_is_left_alone(
    store: Store, team: Team
) -> None:
    async def work(hub: Hub) -> None:
        read_at = store.seq
        company_at = new_company(store, team, "Globex")
        with store.writing(team.ana) as tx:
            contacts.create(tx, name="Lia Prado")
        await asyncio.sleep(0)
        _, data = await Page(hub, str(read_at)).told()
        assert data["kinds"] == {"company": company_at, "contact": store.seq}
        _, data = await Page(hub, str(store.seq)).told()
        assert all(last <= store.seq for last in data["kinds"].values())
        assert "company" not in data["kinds"]

    with_hub(store, work)


def test_a_lost_connection_goes_on_where_it_was_lost(store: Store, team: Team) -> None:
    async def work(hub: Hub) -> None:
        page = Page(hub, str(store.seq))
        await page.told()
        new_company(store, team, "Globex")
        await asyncio.sleep(0)
        last_id, _ = await page.told()
        await page.close()
        with store.writing(team.ana) as tx:
            contacts.create(tx, name="Lia Prado")
        await asyncio.sleep(0)
        _, data = await Page(hub, last_id).told()
        assert data["kinds"]["contact"] == store.seq

    with_hub(store, work)


def test_a_change_is_told_once(store: Store, team: Team) -> None:
    async def work(hub: Hub) -> None:
        page = Page(hub, str(store.seq))
        await page.told()
        assert await page.is_told_nothing()
        new_company(store, team, "Globex")
        await asyncio.sleep(0)
        await page.told()
        assert await page.is_told_nothing()

    with_hub(store, work)


def test_of_two_commits_that_come_in_the_wrong_order_none_is_lost_to_a_connection_between_them(
    store: Store, team: Team
) -> None:
    async def work(hub: Hub) -> None:
        store.listeners.remove(hub.publish)
        commits: list[Committed] = []
        store.listeners.append(commits.append)
        page = Page(hub, str(store.seq))
        await page.told()
        new_company(store, team, "Globex")
        with store.writing(team.ana) as tx:
            contacts.create(tx, name="Lia Prado")
        store.listeners.append(hub.publish)
        first, second = (one for one in commits if one.events)
        hub.publish(second)
        await asyncio.sleep(0)
        last_id, data = await page.told()
        assert list(data["kinds"]) == ["contact"]
        await page.close()
        hub.publish(first)
        await asyncio.sleep(0)
        _, data = await Page(hub, last_id).told()
        assert data["kinds"]["company"] == store.seq

    with_hub(store, work)


def test_who_was_here_before_this_process_is_told_that_anything_may_have_changed(store: Store, team: Team) -> None:
    ids: list[str] = []

    async def before(hub: Hub) -> None:
        ids.append((await Page(hub, str(store.seq)).told())[0])

    with_hub(store, before)
    read_at = store.seq
    new_company(store, team, "Globex")

    async def now(hub: Hub) -> None:
        for after in (ids[0], str(read_at), str(store.seq + 1)):
            assert (await Page(hub, after).told())[1] == {"seq": store.seq, "kinds": None}, after
        for after in ("", "x", "1" * 30, "-1", "٣"):
            assert (await Page(hub, after).told())[1] == {"seq": store.seq, "kinds": {}}, after

    with_hub(store, now)
