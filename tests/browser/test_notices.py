"""What people are told reaches them while they look at something else; a secret is made, used and seen once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from crm import deals, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.platform.people import tokens
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, str]]:
    def seed(store: Store) -> dict[str, str]:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, Module.ORDERS, True)
            pipeline = pipelines.create(tx, "Sales", ["New", "Offer"])
            deal = deals.create(tx, title="Roof for Silva", pipeline_id=pipeline.id)
            token = tokens.issue(tx, name="Test", scopes=list(tokens.Scope), expires_at=None, user_id=people.marta).text
        return {"token": token, "deal": str(deal.id), "ana": str(people.ana)}

    return serve(seed)


@contextmanager
def slow(page: Page) -> Iterator[None]:
    """As on a slow or busy machine, where a press is not drawn within 50 ms."""
    browser = page.context.new_cdp_session(page)
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    yield
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    browser.detach()


def test_a_deal_that_somebody_gives_one_is_told_at_once_and_leads_to_it(
    sign_in: SignIn, server: Server[dict[str, str]]
) -> None:
    page = sign_in("ana", server)
    page.goto("/contacts")
    idle(page)
    answer = httpx.patch(
        f"{server.url}/api/v1/deals/{server.seeded['deal']}",
        json={"owner_id": int(server.seeded["ana"])},
        headers={"Authorization": f"Bearer {server.seeded['token']}"},
    )
    assert answer.status_code == 200, answer.text
    expect(page.locator(".st-key-notices")).to_contain_text("1")
    idle(page)
    with slow(page):
        page.get_by_role("button", name="Notifications").click()
    told = page.get_by_role("link", name="“Roof for Silva” was given to you by Marta.")
    expect(told).to_be_visible()
    told.click()
    expect(page.get_by_role("heading", name="Roof for Silva")).to_be_visible()


def test_a_secret_is_made_and_what_is_signed_with_it_comes_in(sign_in: SignIn, server: Server[dict[str, str]]) -> None:
    page = sign_in("ada", server)
    page.goto("/settings?section=Webhooks")
    idle(page)
    page.get_by_role("button", name="Create a secret").nth(1).click()
    shown = page.get_by_test_id("stCode").get_by_text("whsec_")
    expect(shown).to_be_visible()
    secret = shown.inner_text().strip()
    assert _sent(server, secret).status_code == 201
    page.reload()
    idle(page)
    expect(page.get_by_role("button", name="New secret")).to_be_visible()
    expect(page.get_by_test_id("stCode").get_by_text("whsec_")).to_have_count(0)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def _sent(server: Server[dict[str, str]], secret: str) -> httpx.Response:
    body = json.dumps(
        {
            "type": "order.created",
            "data": {"external_id": "1", "title": "Lamp", "value": "10", "contact": {"email": "lia@example.com"}},
        }
    )
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    return httpx.post(f"{server.url}/api/v1/hooks/orders", content=body, headers=headers)


def test_what_one_wants_to_be_told_of_is_kept(sign_in: SignIn, server: Server[dict[str, str]]) -> None:
    page = sign_in("bob", server)
    page.goto("/account")
    idle(page)
    by_mail = _box(page)
    expect(by_mail).to_be_checked()
    by_mail.locator("xpath=ancestor::label").click()
    expect(by_mail).not_to_be_checked()
    idle(page)
    page.reload()
    idle(page)
    expect(_box(page)).not_to_be_checked()


def _box(page: Page):
    return page.locator(".st-key-told-assigned-email input")
