"""The product as people meet it: `crm serve` in a process of its own, and headless Chromium.

The server's process holds the store, so a test says what is in it before it starts:

    @pytest.fixture(scope="module")
    def server(serve):
        return serve(lambda store: builders.deal(store, …))      # `server.seeded` is what the seed returned

    def test_a_rep_…(sign_in, server):
        page = sign_in("ana", server)                            # a browser without a past, already signed in
        page.goto("/contacts")
        idle(page)
"""

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from benchmarks.served import address_of, forked, serve_here
from crm.foundation.access import SYSTEM
from crm.platform.people import sessions
from crm.store import Store
from tests.people import ROLES, find

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # for `Contexts`
]
SECONDS_TO_STOP = 60
PATIENCE = 90_000
"""Long, since waiting costs nothing where all is well, and a machine that is busy with ten others needs it."""
QUIET = 250
"""Milliseconds."""

T = TypeVar("T")

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser, a server and their tests share two cores: one that fails is tried once more, over the store as it was
    seeded, and named."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass
class Server(Generic[T]):
    """A running product. `cookies` holds a session id for each of the people; `seeded` what the seed returned."""

    url: str
    folder: Path
    process: BaseProcess
    seeded: T
    cookies: dict[str, str]
    target: Callable[..., None]
    """What the process runs."""

    @property
    def said(self) -> str:
        """Everything it printed so far."""
        return _log(self.folder).read_text()

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        self.process.terminate()
        self.process.join(SECONDS_TO_STOP)
        code = self.process.exitcode
        self.process.kill()
        assert code is not None, f"it did not end in {SECONDS_TO_STOP} s: {self.said}"
        return code

    def begin_anew(self) -> None:
        """On the store as it was seeded."""
        self.stop()
        shutil.rmtree(self.folder)
        shutil.copytree(_seeded(self.folder), self.folder)
        self.start_again()

    def start_again(self) -> None:
        """On the same store and at the same address."""
        port = self.url.rpartition(":")[2].strip("/")
        self.process, _ = _run(self.target, self.folder, port)


class Serve(Protocol):
    def __call__(
        self, seed: Callable[[Store], T], *, hired: bool = True, target: Callable[..., None] = serve_here
    ) -> Server[T]: ...


class SignIn(Protocol):
    def __call__(self, name: str | None, server: Server[Any], **context: Any) -> Page: ...


class Contexts:
    """Browser contexts, each lent to one test at a time and without anything of the tests before.

    A new context compiles all of Streamlit's scripts anew: its first page takes 3 s of processor, one in the process of
    another page of the same context 2 s. So each context has a page that stays open and shows nothing. What cannot be
    taken back from a context, a test does to its page: `page.add_init_script`, not `page.context.add_init_script`.
    """

    def __init__(self, chrome: Browser) -> None:
        self._chrome = chrome
        self._free: dict[str, list[BrowserContext]] = {}
        self._lent: list[tuple[str, BrowserContext]] = []

    def lend(self, url: str, **options: Any) -> tuple[BrowserContext, Page]:
        """A context for the server at this address, and a new page in it."""
        of = repr((url, sorted(options.items())))
        free = self._free.setdefault(of, [])
        context = free.pop() if free else self._begin(url, **options)
        self._lent.append((of, context))
        page = context.new_page()
        # Here and not where it is taken back: a page that is closed may write until it is gone.
        context.clear_cookies()
        session = context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": url.rstrip("/"), "storageTypes": "all"})
        session.detach()
        return context, page

    def take_back(self) -> None:
        """All that are lent."""
        while self._lent:
            of, context = self._lent.pop()
            for page in context.pages[1:]:
                page.close()
            context.unroute_all(behavior="ignoreErrors")
            context.clear_permissions()
            self._free[of].append(context)

    def close(self) -> None:
        """All of them: the next to be lent is new."""
        self.take_back()
        for context in itertools.chain.from_iterable(self._free.values()):
            context.close()
        self._free.clear()

    def _begin(self, url: str, **options: Any) -> BrowserContext:
        context = self._chrome.new_context(base_url=url, **options)
        context.new_page().goto("/_stcore/health")
        return context


@pytest.fixture(scope="module")
def running() -> Iterator[list[Server[Any]]]:
    """The servers of the module. They end with it."""
    servers: list[Server[Any]] = []
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def serve(
    tmp_path_factory: pytest.TempPathFactory, running: list[Server[Any]], new_store: Path, staffed_store: Path
) -> Serve:
    """Start the product, or another `target`, over a store that `seed` has filled."""

    def start(seed: Callable[[Store], T], *, hired: bool = True, target: Callable[..., None] = serve_here) -> Server[T]:
        template = staffed_store if hired else new_store
        folder = shutil.copytree(template, tmp_path_factory.mktemp("served") / "store")
        server = _start(folder, seed, hired=hired, target=target)
        running.append(server)
        return server

    return start


@pytest.fixture(autouse=True)
def anew(request: pytest.FixtureRequest, running: list[Server[Any]]) -> None:
    """A test that is tried again does not meet what it had done before it failed."""
    if request.node.execution_count > 1:
        for server in running:
            server.begin_anew()


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    """A product with the six people and nothing else."""
    return serve(lambda _: None)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """It ends with the module: for as long as Playwright runs, no other test in this thread can use asyncio."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(chrome: Browser) -> Contexts:
    return Contexts(chrome)


@pytest.fixture
def sign_in(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[SignIn]:
    """A page in a browser without a past, signed in as one of the people (None: as nobody).

    The test fails where a page raised an error; requests that would leave this machine are aborted and fail it too.
    """
    if request.node.execution_count > 1:
        contexts.close()
    faults: list[str] = []

    def abroad(route: Any) -> None:
        faults.append(f"asked for {route.request.url}")
        route.abort()

    def enter(name: str | None, server: Server[Any], **options: Any) -> Page:
        context, page = contexts.lend(server.url, **{"viewport": {"width": 1440, "height": 900}, **options})
        context.route(re.compile(r"^(?!blob:|data:|https?://127\.0\.0\.1[:/]|ws://127\.0\.0\.1[:/])"), abroad)
        if name:
            cookie = {"name": "mallard", "value": server.cookies[name], "url": server.url}
            context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield enter
    contexts.take_back()
    assert not faults, faults


def idle(page: Page) -> None:
    """Wait until Streamlit has run the page to its end and drawn it, and nothing begins anew for a moment.

    What was clicked reaches the server a moment later, a row that was picked 150 ms later: a page that is quiet at one
    glance may be about to run.
    """
    page.evaluate("() => { window.quietSince = null }")
    page.wait_for_function(
        """quiet => {
            const app = document.querySelector("[data-testid=stApp]");
            const busy = app?.dataset.testScriptState !== "notRunning" || document.querySelector("[data-stale=true]");
            window.quietSince = busy ? null : window.quietSince ?? performance.now();
            return !busy && performance.now() - window.quietSince > quiet;
        }""",
        arg=QUIET,
        polling=20,
        timeout=PATIENCE,
    )


def insist(act: Callable[[], None], outcome: Locator) -> None:
    """Do it until its outcome is seen: a canvas that is just being drawn does not hear a click, and a person who sees
    nothing come of it clicks again. Each time has long enough, since a second click on a box would untick it."""
    for _ in range(2):
        act()
        with suppress(AssertionError):
            expect(outcome).to_be_visible(timeout=PATIENCE / 6)
            return
    act()
    expect(outcome).to_be_visible()


def _start(folder: Path, seed: Callable[[Store], T], *, hired: bool, target: Callable[..., None]) -> Server[T]:
    store = Store(folder, threads=1)
    cookies = {}
    if hired:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            cookies = {name: sessions.begin(tx, getattr(people, name)) for name in ROLES}
            # However long the tests of a module take: none of them is asked for a password that nobody has.
            tx.run("UPDATE base.sessions SET confirmed_at = confirmed_at + INTERVAL 1 DAY")
    seeded = seed(store)
    store.close()
    shutil.copytree(folder, _seeded(folder))
    process, url = _run(target, folder, "0")
    return Server(url, folder, process, seeded, cookies, target)


def _run(target: Callable[..., None], folder: Path, port: str) -> tuple[BaseProcess, str]:
    """The product at work, and its address, where it answers."""
    log = _log(folder)
    log.unlink(missing_ok=True)
    process = forked(target, folder, log, port)
    try:
        return process, address_of(log, process.is_alive)
    except RuntimeError:
        process.kill()
        raise


def _seeded(folder: Path) -> Path:
    return folder.with_name("seeded")


def _log(folder: Path) -> Path:
    return folder.with_suffix(".log")
