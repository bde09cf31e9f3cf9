"""/quotes/<deal>/<id>.pdf: to those who may see the deal, and nothing else runs or is guessed from it."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import deals, pipelines
from crm.deals import quote
from crm.deals.quote import Quote
from crm.foundation.access import SYSTEM, Actor
from crm.platform import process
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes.quote_routes import ROUTES
from tests.owner_privacy import owner_privacy
from tests.people import Team

Browser = Callable[[Actor | None], TestClient]


@pytest.fixture
def browser(store: Store) -> Browser:
    def open_as(actor: Actor | None) -> TestClient:
        process.use(store)
        if actor is None:
            return TestClient(Starlette(routes=ROUTES))
        with store.writing(SYSTEM) as tx:
            session_id = sessions.begin(tx, actor.id)
        return TestClient(Starlette(routes=ROUTES), headers={TRUSTED_HEADER.decode(): sessions.hashed(session_id)})

    return open_as


@pytest.fixture
def quoted(store: Store, team: Team) -> Quote:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title='Chairs"; x=\r\n', pipeline_id=sales.id)
        quote.add(tx, deal.id, name="Chair", unit_price=10)
        return quote.issue(tx, deal.id)


def test_a_quote_is_shown_as_a_pdf_under_a_safe_name(team: Team, browser: Browser, quoted: Quote) -> None:
    answer = browser(team.vera).get(f"/quotes/{quoted.deal_id}/{quoted.id}.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="quote-1.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_nobody_and_who_may_not_see_the_deal_get_nothing(
    store: Store, team: Team, browser: Browser, quoted: Quote
) -> None:
    path = f"/quotes/{quoted.deal_id}/{quoted.id}.pdf"
    assert browser(None).get(path).status_code == 403
    owner_privacy(store, team)
    assert browser(team.bob).get(path).status_code == 404
    assert browser(team.ana).get(path).status_code == 200
    assert browser(team.ana).get(f"/quotes/{quoted.deal_id + 1}/{quoted.id}.pdf").status_code == 404
    assert browser(team.ana).get(f"/quotes/{quoted.deal_id}/{quoted.id + 1}.pdf").status_code == 404
