"""The first board in a fresh browser."""

import re

import httpx
import pytest
from playwright.sync_api import Response, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def one_deal(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        deals.create(tx, title="Chairs", pipeline_id=pipeline.id, value=1200)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(one_deal)


def test_the_board_needs_no_script_that_its_page_did_not_load_ahead(server: Server[None], sign_in: SignIn) -> None:
    answers: list[Response] = []

    def keep(answer: Response) -> None:  # Playwright takes no built-in function
        answers.append(answer)

    page = sign_in("ada", server)
    page.on("response", keep)
    page.goto("/pipeline")
    idle(page)
    expect(page.locator(".card")).to_be_visible()
    assert [answer.url for answer in answers if answer.status >= 400] == []
    html = httpx.get(f"{server.url}/pipeline", cookies={"mallard": server.cookies["ada"]}).text
    scripts = {
        re.sub(r".*(/static/js/)", r"\1", answer.url): answer for answer in answers if "/static/js/" in answer.url
    }
    assert len(scripts) > 50
    assert [path for path in scripts if f".{path}" not in html] == []
    assert {answer.headers["cache-control"] for answer in scripts.values()} == {"public, max-age=31536000, immutable"}
    large = [answer for answer in scripts.values() if len(answer.body()) > 10_000]
    assert {answer.headers.get("content-encoding") for answer in large} == {"br"}
