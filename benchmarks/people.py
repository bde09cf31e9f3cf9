"""People at work: real WebSocket clients over lists, board and deals of the served product, demo data times ten.

    python -m benchmarks.people [--times 10 --seconds 75 --crowd 50:5 --crowd 50:5:writers:pointers --quick --json FILE]

Each one is signed in by a cookie, reads a page, thinks, and goes to another. In a crowd with writers each fifth visit
comes after a change, which moves a deal or adds a note over the API. Measured is the time from asking for a page to the
end of its script, as the client sees it; clients and product share this machine. In a crowd with pointers these rest on
a few deals before each visit, as static/warm.js tells the product, and on the deal that is opened then.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
import websockets

from benchmarks.served import Served, served
from benchmarks.visiting import Measured, Place, visitor
from crm.api.paths import BASE
from crm.demo.fill import fill
from crm.foundation.access import FOREVER, SYSTEM
from crm.platform.people import sessions, tokens
from crm.platform.people import users as accounts
from crm.store import Store

LOG_LINES = 20

AT_ONCE = 8
"""How many people come in at the same moment: nobody's Monday begins with two hundred."""

SHARES = (0.5, 0.95, 0.99)

VISITS_A_CHANGE = 5
"""Of a writer."""
RESTS_A_VISIT = 2
"""Of a pointer, on deals that are not opened."""


class Crowd(NamedTuple):
    people: int
    think: float
    """Seconds between two pages, on average."""
    writers: bool = False
    pointers: bool = False

    @classmethod
    def parse(cls, text: str) -> "Crowd":
        """Of `50:5` or `50:5:writers:pointers`."""
        people, think, *rest = text.split(":")
        if not {*rest} <= {"writers", "pointers"}:
            raise ValueError(text)
        return cls(int(people), float(think), "writers" in rest, "pointers" in rest)


CROWDS = tuple(
    Crowd(people, think, writers)
    for people, think in ((50, 5.0), (100, 10.0), (200, 10.0))
    for writers in (False, True)
)
QUICK = (Crowd(5, 5.0), Crowd(20, 10.0, writers=True))

AIMS = {Crowd(50, 5.0, writers=True): 300, Crowd(200, 10.0, writers=True): 1000}
"""{crowd: milliseconds of which 95 of 100 visits stay under, if all is as we want it}."""


@dataclass(frozen=True)
class World:
    """The places to visit, and a session for each person."""

    cookies: list[str]
    places: list[Place]
    token: str
    deals: list[tuple[int, list[int]]]
    """Open deals, each with the stages that it can be moved to."""


@dataclass(frozen=True)
class Wait:
    """Milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Wait":
        ordered = sorted(1000 * wait for wait in seconds) or [0.0]
        return cls(len(seconds), *(ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in SHARES))


@dataclass(frozen=True)
class Result:
    crowd: Crowd
    pages: int
    pages_a_second: float
    all: Wait
    by_page: dict[str, Wait]
    changes: Wait
    rests: int
    """How often a pointer asked for something to be read ahead."""
    aside: int
    """How often of these the product had no time for it."""
    errors: int
    first_fault: str | None
    cores: float
    """Of processor that the product used."""
    megabytes: float
    megabytes_each: float
    kilobytes_a_page: float


def prepare(folder: Path, times: int, people: int) -> World:
    """A demo store with a session for each person, shared out over everybody who works there."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        fill(tx, times=times)
        users = [row["id"] for row in tx.rows("SELECT id FROM users ORDER BY id")]
        cookies = [sessions.begin(tx, users[n % len(users)]) for n in range(people)]
        pipelines = [row["id"] for row in tx.rows("SELECT id FROM pipelines")]
        deals = tx.rows(
            """
            SELECT deal.id, list(stage.id ORDER BY stage.position) AS stages
            FROM deals AS deal
            JOIN stages AS stage ON stage.pipeline_id = deal.pipeline_id AND stage.kind = 'open'
            WHERE deal.status = 'open'
            GROUP BY deal.id
            ORDER BY deal.id
            LIMIT 200
            """
        )
        administrator = tx.value("SELECT id FROM users WHERE role = 'administrator' ORDER BY id")
    with store.writing(accounts.actor(store, administrator, confirmed_until=FOREVER)) as tx:
        token = tokens.issue(tx, name="Bench", scopes=tuple(tokens.Scope), expires_at=None).text
    store.close()
    lists = [Place("contacts", query) for query in ("", "page=3", "q=silva", "sort=name")]
    boards = [Place("pipeline", f"pipeline={pipeline}") for pipeline in pipelines]
    shown = [Place("deal", f"deal={deal['id']}") for deal in deals[:20]]
    # Repeated, so that lists, boards and deals are visited about equally often.
    places = [*lists * 5, *boards * 7, *shown]
    return World(cookies, places, token, [(deal["id"], deal["stages"]) for deal in deals])


class Run:
    """A crowd at work."""

    def __init__(self, server: Served, world: World, crowd: Crowd, api: httpx.AsyncClient) -> None:
        self._server = server
        self._world = world
        self._crowd = crowd
        self._api = api
        self._process = psutil.Process(server.process.pid)
        self._measured = Measured()
        self._changes: list[float] = []
        self._rests = self._aside = 0
        self._entrance = asyncio.Semaphore(AT_ONCE)
        self._inside = asyncio.Semaphore(0)
        self._begin = asyncio.Event()

    async def work_for(self, seconds: float) -> Result:
        """Everybody comes in; then they work, and the clock runs."""
        await self._visit_all()
        memory = self._process.memory_info().rss
        at_work = [asyncio.create_task(self._person(number)) for number in range(self._crowd.people)]
        for _ in at_work:
            await self._inside.acquire()
        self._measured.bytes = 0
        busy, started = self._server.busy, time.perf_counter()
        self._begin.set()
        await asyncio.sleep(seconds)
        elapsed, busy = time.perf_counter() - started, self._server.busy - busy
        held = self._process.memory_info().rss
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        return self._result(elapsed, busy, held, (held - memory) / self._crowd.people)

    async def _visit_all(self) -> None:
        """Visit every place once: what the product loads at first use is not counted as anybody's memory."""
        async with visitor(self._server, self._measured, self._world.cookies[0]) as browser:
            for place in dict.fromkeys(self._world.places):
                await browser.go(place)

    async def _person(self, number: int) -> None:
        chance = random.Random(number)
        heard_again = 0.0
        try:
            async with visitor(self._server, self._measured, self._world.cookies[number]) as browser:
                async with self._entrance:
                    await browser.go(chance.choice(self._world.places))
                self._inside.release()
                await self._begin.wait()
                for visit in count(number):
                    await asyncio.sleep(chance.expovariate(1 / self._crowd.think))
                    if self._crowd.writers and visit % VISITS_A_CHANGE == 0:
                        await self._change(chance)
                    place = chance.choice(self._world.places)
                    if self._crowd.pointers and time.monotonic() >= heard_again:
                        heard_again = time.monotonic() + await self._rest(number, chance, place)
                    self._measured.waited(place.page, await browser.go(place))
        except (OSError, websockets.WebSocketException, httpx.TransportError) as error:
            self._measured.faults.append(f"{type(error).__name__}: {error}")
            self._inside.release()

    async def _change(self, chance: random.Random) -> None:
        """Move a deal that others look at, or note something on it."""
        deal_id, stages = chance.choice(self._world.deals)
        started = time.perf_counter()
        if chance.random() < 0.5:
            answer = await self._api.post(f"deals/{deal_id}/move", json={"stage_id": chance.choice(stages)})
        else:
            answer = await self._api.post(f"deals/{deal_id}/notes", json={"text": "They call back next week."})
        self._changes.append(time.perf_counter() - started)
        if not answer.is_success:
            self._measured.faults.append(f"a change was refused: {answer.text}")

    async def _rest(self, number: int, chance: random.Random, place: Place) -> float:
        """The pointer rests on a few deals, and on the one that is opened next; the seconds for which it is not heard
        then."""
        shown = [place.query.removeprefix("deal=")] if place.page == "deal" else []
        passed = [str(deal_id) for deal_id, _ in chance.choices(self._world.deals, k=RESTS_A_VISIT)]
        for deal_id in (*passed, *shown):
            self._rests += 1
            answer = await self._api.get(
                f"{self._server.url}/warm/deal/{deal_id}?maybe",
                headers={"Cookie": f"mallard={self._world.cookies[number]}", "Authorization": ""},
            )
            if answer.status_code != 204:
                self._measured.faults.append(f"nothing was read ahead: {answer.status_code}")
            if "retry-after" in answer.headers:
                self._aside += 1
                return float(answer.headers["retry-after"])
        return 0.0

    def _result(self, elapsed: float, busy: float, memory: float, memory_each: float) -> Result:
        waits = [wait for page in self._measured.waits.values() for wait in page]
        return Result(
            crowd=self._crowd,
            pages=len(waits),
            pages_a_second=len(waits) / elapsed,
            all=Wait.of(waits),
            by_page={page: Wait.of(waits) for page, waits in sorted(self._measured.waits.items())},
            changes=Wait.of(self._changes),
            rests=self._rests,
            aside=self._aside,
            errors=len(self._measured.faults),
            first_fault=next(iter(self._measured.faults), None),
            cores=busy / elapsed,
            megabytes=memory / 1e6,
            megabytes_each=memory_each / 1e6,
            kilobytes_a_page=self._measured.bytes / 1000 / max(len(waits), 1),
        )


def show(result: Result) -> None:
    people, think, writers, pointers = result.crowd
    kinds = ", with writers" * writers + ", with pointers" * pointers
    print(f"{people} people, {think:.0f} s to think{kinds}: {result.pages_a_second:.1f} pages/s")
    for page, wait in {"all pages": result.all, **result.by_page, "changes": result.changes}.items():
        if wait.count:
            shares = "   ".join(f"{name} {getattr(wait, name):6.0f} ms" for name in ("p50", "p95", "p99"))
            print(f"  {page:12} {shares}   {wait.count:5}×")
    print(
        f"  {result.errors} errors, {result.cores:.2f} cores, {result.megabytes:.0f} MB in all, "
        f"{result.megabytes_each:.2f} MB a person, {result.kilobytes_a_page:.0f} kB a page"
    )
    if result.rests:
        print(f"  {result.rests} pointers rested, {result.aside} times the product stepped aside")
    if aim := AIMS.get(result.crowd._replace(pointers=False)):
        print(f"  p95 {'≤' if result.all.p95 <= aim else '>'} {aim} ms, which is the aim")
    if result.first_fault:
        print(f"  first error: {result.first_fault}")


async def work(server: Served, world: World, crowd: Crowd, seconds: float) -> Result:
    api = httpx.AsyncClient(
        base_url=f"{server.url}{BASE}/", headers={"Authorization": f"Bearer {world.token}"}, timeout=60
    )
    async with api:
        return await Run(server, world, crowd, api).work_for(seconds)


def run(times: int, seconds: float, crowds: Iterable[Crowd] = CROWDS) -> list[Result]:
    results = []
    for crowd in crowds:
        with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
            world = prepare(Path(folder) / "store", times, crowd.people)
            # All of them come from this machine, whose connections would else be limited.
            os.environ["CRM_CONNECTIONS_PER_ADDRESS"] = "700"
            with served(Path(folder) / "store") as server:
                results.append(asyncio.run(work(server, world, crowd, seconds)))
            show(results[-1])
            if results[-1].errors:
                print("\n".join(server.log.read_text().splitlines()[-LOG_LINES:]))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="of the demo's customers and deals")
    parser.add_argument("--seconds", type=float, default=75, help="that each crowd works")
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    parser.add_argument("--crowd", action="append", type=Crowd.parse, help="people:seconds to think[:writers]")
    parser.add_argument("--quick", action="store_true", help="small crowds: does everything still run?")
    args = parser.parse_args()
    results = run(args.times, args.seconds, args.crowd or (QUICK if args.quick else CROWDS))
    if args.json:
        args.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
