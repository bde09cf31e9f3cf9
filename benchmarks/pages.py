"""What a visit of each page costs: statements and processor time, warm and cold, beside a bare page of Streamlit.

    python -m benchmarks.pages [--times 10 --rounds 12 --page deal --statements --json FILE]

The bare page draws as many native elements of the same kinds, in a process of its own under the same settings. Warm:
the session has visited the page before, and nothing has changed since. Cold: every table has changed since. Visits of
both sides take turns; figures are medians.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bare_streamlit import PLAN_VARIABLE
from benchmarks.counting import Statement, listed
from benchmarks.instrumented import Instrumented, instrumented
from benchmarks.served import Served, start_process
from benchmarks.visiting import Measured, Place, Visitor, visitor
from crm.demo.fill import fill
from crm.foundation.access import SYSTEM
from crm.platform.people import sessions
from crm.store import Store

WARM_UPS = 2
SETTLED = 0.05
"""Seconds after which a run has put away what it used: that is part of its cost."""

MANY = 120
"""Deals that somebody visits in one session, to see whether a page costs more for those visited before it."""
FEW = 4

AIMS = {"contacts": (30, 60), "companies": (30, 60), "orders": (30, 60), "board": (45, 100), "deal": (40, 80)}
"""{page: milliseconds of processor time that we want to stay under, warm and cold}."""


@dataclass(frozen=True)
class World:
    cookie: str
    pages: dict[str, list[Place]]
    """{name of the page: places to visit in turn}."""
    deals: list[Place]


@dataclass(frozen=True)
class Cost:
    """Of one visit. Statements, and milliseconds of processor time."""

    page: str
    elements: int
    bare: float
    warm: float
    cold: float
    statements_warm: float
    statements_cold: float


@dataclass(frozen=True)
class Side:
    """A server, and somebody's browser at it."""

    server: Served
    visitor: Visitor

    async def visit(self, place: Place) -> float:
        """Milliseconds of processor time that the visit took."""
        before = self.server.busy
        await self.visitor.go(place)
        await asyncio.sleep(SETTLED)
        return 1000 * (self.server.busy - before)


def prepare(folder: Path, times: int) -> World:
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        fill(tx, times=times)
        cookie = sessions.begin(tx, tx.value("SELECT id FROM users WHERE role = 'administrator' ORDER BY id"))
        open_deals = tx.rows(
            "SELECT * FROM deals WHERE status = 'open' AND contact_id IS NOT NULL ORDER BY id LIMIT 200"
        )
        companies = tx.rows("SELECT DISTINCT company_id AS id FROM contacts WHERE company_id > 0 ORDER BY id LIMIT 4")
        pipelines = tx.rows("SELECT id FROM pipelines ORDER BY id")
    store.close()
    deals = [Place("deal", f"deal={deal['id']}") for deal in open_deals]
    pages = {
        "contacts": [Place("contacts", query) for query in ("", "page=3", "q=silva", "sort=name")],
        "companies": [Place("companies", query) for query in ("", "page=2", "sort=name")],
        "orders": [Place("orders", query) for query in ("", "page=2")],
        "board": [Place("pipeline", f"pipeline={pipeline['id']}") for pipeline in pipelines],
        "deal": deals[:6],
        "contact": [Place("contact", f"contact={deal['contact_id']}") for deal in open_deals[:6]],
        "company": [Place("company", f"company={company['id']}") for company in companies],
        "forecast": [Place("forecast")],
        "segments": [Place("segments")],
    }
    return World(cookie, pages, deals)


async def elements_of(visitor: Visitor, place: Place) -> list[str]:
    """The kinds of a page's elements, in the order of their places on it."""
    found: dict[tuple[int, ...], str] = {}
    for message in await visitor.read(place):
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "new_element":
            found[path] = str(delta.new_element.WhichOneof("type"))
        if delta.WhichOneof("type") == "add_block":
            found[path] = f"block:{delta.add_block.WhichOneof('type')}"
    return [found[path] for path in sorted(found)]


class Bench:
    def __init__(self, product: Instrumented, plan: Path, stack: AsyncExitStack, world: World) -> None:
        self._product = product
        self._plan = plan
        self._stack = stack
        self._world = world
        self._faults = Measured()

    async def costs(self, pages: list[str], rounds: int, *, list_statements: bool) -> list[Cost]:
        elements = {page: await self._elements(self._world.pages[page][0]) for page in pages}
        self._plan.write_text(json.dumps(elements))
        ours = await self._side(self._product.server)
        bare = await self._side(self._stack.enter_context(bare_pages(self._plan)))
        return [await self._cost(page, elements[page], ours, bare, rounds, list_statements) for page in pages]

    async def growth(self, rounds: int) -> tuple[float, float]:
        """What a visit costs in a session that has seen few deals, and when it has seen many."""
        ours = await self._side(self._product.server)
        few = self._world.deals[:FEW]
        before = await self._median(ours, few, rounds)
        for place in self._world.deals:
            await ours.visitor.go(place)
        return before, await self._median(ours, few, rounds)

    async def _side(self, server: Served) -> Side:
        return Side(server, await self._stack.enter_async_context(visitor(server, self._faults, self._world.cookie)))

    async def _elements(self, place: Place) -> list[str]:
        # A browser of its own: what another page has sent already would come as a reference alone.
        async with visitor(self._product.server, self._faults, self._world.cookie) as browser:
            return await elements_of(browser, place)

    async def _median(self, side: Side, places: list[Place], rounds: int) -> float:
        for place in places * WARM_UPS:
            await side.visitor.go(place)
        return statistics.median([await side.visit(places[turn % len(places)]) for turn in range(rounds)])

    async def _cost(
        self, page: str, elements: list[str], ours: Side, bare: Side, rounds: int, list_statements: bool
    ) -> Cost:
        places, alike = self._world.pages[page], Place("", f"page={page}")
        for place in places * WARM_UPS:
            await ours.visitor.go(place)
            await bare.visitor.go(alike)
        spent: dict[str, list[float]] = {"bare": [], "warm": [], "cold": []}
        sent: dict[str, Counter[Statement]] = {"warm": Counter(), "cold": Counter()}
        for turn in range(rounds):
            # In turn: whatever else the machine does falls on all alike.
            place = places[turn % len(places)]
            spent["bare"].append(await bare.visit(alike))
            for state in ("cold", "warm"):
                if state == "cold":
                    self._product.outdate()
                else:
                    await ours.visitor.go(place)
                self._product.statements()
                spent[state].append(await ours.visit(place))
                sent[state] += self._product.statements()
        if list_statements:
            for state, statements in sent.items():
                print(f"{page}, {state}, in {rounds} visits:\n{listed(statements)}")
        assert not self._faults.faults, self._faults.faults[0]
        return Cost(
            page,
            len(elements),
            **{state: statistics.median(each) for state, each in spent.items()},
            statements_warm=sent["warm"].total() / rounds,
            statements_cold=sent["cold"].total() / rounds,
        )


@contextmanager
def bare_pages(plan: Path) -> Iterator[Served]:
    """Streamlit alone, serving the pages of the plan."""
    environment = {**os.environ, PLAN_VARIABLE: str(plan)}
    server = start_process(["-m", "benchmarks.bare_streamlit"], plan.with_suffix(".log"), env=environment)
    try:
        yield server
    finally:
        server.stop()


def show(costs: list[Cost]) -> None:
    print(f"{'':10} {'':8} {'bare':>8}   {'warm':>33}   {'cold':>33}")
    for each in costs:
        warm_aim, cold_aim = AIMS.get(each.page, (None, None))
        warm = _figures(each.statements_warm, each.warm, each.bare, warm_aim)
        cold = _figures(each.statements_cold, each.cold, each.bare, cold_aim)
        print(f"{each.page:10} {each.elements:4} el. {each.bare:5.1f} ms   {warm}   {cold}")


def _figures(statements: float, spent: float, bare: float, aim: float | None) -> str:
    missed = "" if aim is None else f"≤ {aim:3} ms" if spent <= aim else f"> {aim:3} ms"
    return f"{statements:4.1f} st. {spent:6.1f} ms {spent / bare:5.2f}× {missed:8}"


async def run(times: int, rounds: int, pages: list[str], *, list_statements: bool) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as name:
        folder = Path(name)
        world = prepare(folder / "store", times)
        with instrumented(folder / "store") as product:
            async with AsyncExitStack() as stack:
                bench = Bench(product, folder / "plan.json", stack, world)
                costs = await bench.costs(pages or list(world.pages), rounds, list_statements=list_statements)
                show(costs)
                few, many = await bench.growth(rounds)
                print(f"a deal after {FEW} deals {few:.1f} ms, after {MANY} {many:.1f} ms: {many / few:.2f}×")
    return {"pages": [asdict(cost) for cost in costs], "growth": {"few": few, "many": many}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="of the demo's customers and deals")
    parser.add_argument("--rounds", type=int, default=12, help="visits of each page, of each kind")
    parser.add_argument("--page", action="append", default=[], help="only this one")
    parser.add_argument("--statements", action="store_true", help="list the statements of each page")
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    found = asyncio.run(run(args.times, args.rounds, args.page, list_statements=args.statements))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
