"""People at work: real WebSocket clients over lists, board and deals of the served product, demo data times ten.

    python -m benchmarks.people [--times 10 --seconds 75 --json FILE]

Each one is signed in by a cookie, reads a page, thinks, and goes to another. Measured is the time from asking for a
page to the end of its script, as the client sees it; clients and product share this machine.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import websockets

from benchmarks.served import Served, served
from benchmarks.visiting import Measured, Place, visitor
from crm.demo.fill import fill
from crm.foundation.access import SYSTEM
from crm.platform.people import sessions
from crm.store import Store

LOG_LINES = 20

AT_ONCE = 8
"""How many people come in at the same moment: nobody's Monday begins with two hundred."""

SHARES = (0.5, 0.95, 0.99)

CROWDS = ((50, 5.0), (200, 10.0))
"""People, and the seconds that each thinks between two pages, on average."""


@dataclass(frozen=True)
class World:
    """The places to visit, and a session for each person."""

    cookies: list[str]
    places: list[Place]


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
    people: int
    think: float
    pages: int
    pages_a_second: float
    all: Wait
    by_page: dict[str, Wait]
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
        deals = [row["id"] for row in tx.rows("SELECT id FROM deals WHERE status = 'open' ORDER BY id LIMIT 200")]
    store.close()
    lists = [Place("contacts", query) for query in ("", "page=3", "q=silva", "sort=name")]
    boards = [Place("pipeline", f"pipeline={pipeline}", path="") for pipeline in pipelines]
    # Repeated, so that lists, boards and deals are visited about equally often.
    return World(cookies, [*lists * 5, *boards * 7, *(Place("deal", f"deal={deal}") for deal in deals[:20])])


class Crowd:
    def __init__(self, server: Served, world: World, people: int, think: float) -> None:
        self._server = server
        self._world = world
        self._people = people
        self._think = think
        self._process = psutil.Process(server.process.pid)
        self._measured = Measured()
        self._entrance = asyncio.Semaphore(AT_ONCE)
        self._inside = asyncio.Semaphore(0)
        self._begin = asyncio.Event()

    async def work_for(self, seconds: float) -> Result:
        """Everybody comes in; then they work, and the clock runs."""
        await self._visit_all()
        memory = self._process.memory_info().rss
        at_work = [asyncio.create_task(self._person(number)) for number in range(self._people)]
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
        return self._result(elapsed, busy, held, (held - memory) / self._people)

    async def _visit_all(self) -> None:
        """Visit every place once: what the product loads at first use is not counted as anybody's memory."""
        async with visitor(self._server, self._measured, self._world.cookies[0]) as browser:
            for place in dict.fromkeys(self._world.places):
                await browser.go(place)

    async def _person(self, number: int) -> None:
        chance = random.Random(number)
        try:
            async with visitor(self._server, self._measured, self._world.cookies[number]) as browser:
                async with self._entrance:
                    await browser.go(chance.choice(self._world.places))
                self._inside.release()
                await self._begin.wait()
                while True:
                    await asyncio.sleep(chance.expovariate(1 / self._think))
                    place = chance.choice(self._world.places)
                    self._measured.waited(place.page, await browser.go(place))
        except (OSError, websockets.WebSocketException) as error:
            self._measured.faults.append(f"{type(error).__name__}: {error}")
            self._inside.release()

    def _result(self, elapsed: float, busy: float, memory: float, memory_each: float) -> Result:
        waits = [wait for page in self._measured.waits.values() for wait in page]
        return Result(
            people=self._people,
            think=self._think,
            pages=len(waits),
            pages_a_second=len(waits) / elapsed,
            all=Wait.of(waits),
            by_page={page: Wait.of(waits) for page, waits in sorted(self._measured.waits.items())},
            errors=len(self._measured.faults),
            first_fault=next(iter(self._measured.faults), None),
            cores=busy / elapsed,
            megabytes=memory / 1e6,
            megabytes_each=memory_each / 1e6,
            kilobytes_a_page=self._measured.bytes / 1000 / max(len(waits), 1),
        )


def show(result: Result) -> None:
    print(f"{result.people} people, {result.think:.0f} s to think: {result.pages_a_second:.1f} pages/s")
    for page, wait in {"all pages": result.all, **result.by_page}.items():
        print(f"  {page:12} p50 {wait.p50:6.0f} ms   p95 {wait.p95:6.0f} ms   p99 {wait.p99:6.0f} ms   {wait.count:5}×")
    print(
        f"  {result.errors} errors, {result.cores:.2f} cores, {result.megabytes:.0f} MB in all, "
        f"{result.megabytes_each:.2f} MB a person, {result.kilobytes_a_page:.0f} kB a page"
    )
    if result.first_fault:
        print(f"  first error: {result.first_fault}")


def run(times: int, seconds: float, crowds: Iterable[tuple[int, float]] = CROWDS) -> list[Result]:
    results = []
    for people, think in crowds:
        with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
            world = prepare(Path(folder) / "store", times, people)
            with served(Path(folder) / "store") as server:
                results.append(asyncio.run(Crowd(server, world, people, think).work_for(seconds)))
            show(results[-1])
            if results[-1].errors:
                print("\n".join(server.log.read_text().splitlines()[-LOG_LINES:]))
    return results


def _crowd(text: str) -> tuple[int, float]:
    people, think = text.split(":")
    return int(people), float(think)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="of the demo's customers and deals")
    parser.add_argument("--seconds", type=float, default=75, help="that each crowd works")
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    parser.add_argument("--crowd", action="append", type=_crowd, help="people:seconds to think, such as 50:5")
    args = parser.parse_args()
    results = run(args.times, args.seconds, args.crowd or CROWDS)
    if args.json:
        args.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
