"""A browser context that is lent again knows nothing of the test before."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Contexts, Server

WRITE = """async () => {
    localStorage.setItem("draft", "Secret");
    sessionStorage.setItem("draft", "Secret");
    await (await caches.open("drafts")).put("/draft", new Response("Secret"));
    const request = indexedDB.open("drafts");
    await new Promise(done => { request.onsuccess = done; });
    await navigator.serviceWorker.register("/worker.js");
}"""
READ = """async () => [
    localStorage.length,
    sessionStorage.length,
    (await caches.keys()).length,
    (await indexedDB.databases()).length,
    (await navigator.serviceWorker.getRegistrations()).length,
    (await navigator.permissions.query({name: "geolocation"})).state,
]"""


def opened(context: BrowserContext, page: Page) -> Page:
    def answer(route: Any) -> None:
        script = route.request.url.endswith(".js")
        route.fulfill(body="" if script else "<p>Hello", content_type="text/javascript" if script else "text/html")

    context.route("**", answer)
    page.goto("/")
    return page


def test_what_one_test_left_the_next_does_not_find(chrome: Browser, server: Server[None]) -> None:
    contexts = Contexts(chrome)
    first, page = contexts.lend(server.url)
    first.add_cookies([{"name": "mallard", "value": "ana", "url": server.url}])
    first.grant_permissions(["geolocation"])
    opened(first, page).evaluate(WRITE)
    assert page.evaluate(READ) == [1, 1, 1, 1, 1, "granted"]
    first.new_page()
    contexts.take_back()

    second, page = contexts.lend(server.url)
    assert second is first
    assert second.pages[1:] == [page]
    assert second.cookies() == []
    assert opened(second, page).evaluate(READ) == [0, 0, 0, 0, 0, "prompt"]
    contexts.close()


def test_a_route_ends_with_its_test(chrome: Browser, server: Server[None]) -> None:
    contexts = Contexts(chrome)
    page = opened(*contexts.lend(server.url))
    assert page.get_by_text("Hello").count() == 1
    contexts.take_back()
    _, page = contexts.lend(server.url)
    page.goto("/_stcore/health")
    assert page.get_by_text("Hello").count() == 0
    contexts.close()


def test_a_context_is_lent_again_only_for_the_same_wishes_and_to_one_at_a_time(
    chrome: Browser, server: Server[None]
) -> None:
    contexts = Contexts(chrome)
    dark, _ = contexts.lend(server.url, color_scheme="dark")
    beside, _ = contexts.lend(server.url, color_scheme="dark")
    assert beside is not dark
    contexts.take_back()
    light, page = contexts.lend(server.url, color_scheme="light")
    assert light not in (dark, beside)
    assert page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches") is False
    contexts.close()
    new, page = contexts.lend(server.url, color_scheme="dark")
    assert new not in (dark, beside)
    assert page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches") is True
    contexts.close()
