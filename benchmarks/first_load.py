"""The first board in a fresh browser, which has nothing of the product yet: requests, bytes and milliseconds.

    python -m benchmarks.first_load [--times 1 --rounds 5 --json FILE]

Each round opens a new context of headless Chromium, whose caches are empty. It ends when the first card can be seen.
The bytes are those that came over the wire. The bare page is Streamlit alone, with as many native elements.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages import World, bare_pages, elements_of, prepare
from benchmarks.served import Served, served
from benchmarks.visiting import Measured, visitor

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
AIM = 1500
"""Milliseconds that we want to stay under."""


@dataclass
class Load:
    requests: int = 0
    kilobytes: float = 0
    milliseconds: float = 0


@dataclass(frozen=True)
class Site:
    address: str
    cookie: str
    drawn: str
    """A selector of what is drawn last."""


def load(browser: Browser, site: Site) -> Load:
    """Open the page in a fresh context."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "mallard", "value": site.cookie, "url": site.address}])
    page = context.new_page()
    found = Load()
    _count(page, found)
    started = time.perf_counter()
    page.goto(site.address, wait_until="commit")
    page.locator(site.drawn).first.wait_for(timeout=120_000)
    found.milliseconds = 1000 * (time.perf_counter() - started)
    context.close()
    return found


def _count(page: Page, found: Load) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")

    def finished(event: dict[str, float]) -> None:
        found.requests += 1
        found.kilobytes += event["encodedDataLength"] / 1000

    devtools.on("Network.loadingFinished", finished)


def measure(ours: Site, bare: Site, rounds: int) -> tuple[Load, Load]:
    """The medians of both."""
    loads: dict[Site, list[Load]] = {ours: [], bare: []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=CHROMIUM)
        load(browser, bare)  # the browser's own start
        for _ in range(rounds):
            for site, found in loads.items():
                found.append(load(browser, site))
        browser.close()
    return _median(loads[ours]), _median(loads[bare])


def _median(loads: list[Load]) -> Load:
    return Load(
        round(statistics.median(each.requests for each in loads)),
        statistics.median(each.kilobytes for each in loads),
        statistics.median(each.milliseconds for each in loads),
    )


async def _elements(server: Served, world: World) -> list[str]:
    async with visitor(server, Measured(), world.cookie) as browser:
        return await elements_of(browser, world.pages["board"][0])


def run(times: int, rounds: int) -> dict[str, Load]:
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as name:
        folder = Path(name)
        world = prepare(folder / "store", times)
        with served(folder / "store") as server:
            plan = folder / "plan.json"
            kinds = asyncio.run(_elements(server, world))
            plan.write_text(json.dumps({"board": kinds}))
            with bare_pages(plan) as alone:
                ours = Site(f"{server.url}/pipeline", world.cookie, ".card")
                last = max(place for place, kind in enumerate(kinds) if kind == "button")
                bare = Site(f"{alone.url}/?page=board", world.cookie, f"text=board-{last}")
                product, streamlit = measure(ours, bare, rounds)
    return {"product": product, "bare": streamlit}


def show(loads: dict[str, Load]) -> None:
    for name, each in loads.items():
        print(f"{name:10} {each.requests:4} requests {each.kilobytes:6.0f} kB {each.milliseconds:6.0f} ms")
    product, bare = loads["product"].milliseconds, loads["bare"].milliseconds
    print(f"{product / bare:.2f}× the bare page; {'≤' if product <= AIM else '>'} {AIM} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1, help="of the demo's customers and deals")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    loads = run(args.times, args.rounds)
    show(loads)
    if args.json:
        args.json.write_text(json.dumps({name: asdict(each) for name, each in loads.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
