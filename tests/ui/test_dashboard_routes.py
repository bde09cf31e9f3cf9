"""/dashboards/<id>.pdf: to those who may see the dashboard, with their own figures."""

from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm.dashboards import saved
from crm.dashboards.model import Tile
from crm.dashboards.tiles import Width
from crm.foundation.access import SYSTEM, Actor
from crm.platform import process
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes.dashboard_routes import ROUTES
from tests.dashboards.conftest import with_deals
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


def test_a_dashboard_is_shown_as_a_pdf_with_the_readers_figures(store: Store, team: Team, browser: Browser) -> None:
    with_deals(store, team)
    with store.writing(team.marta) as tx:
        tiles = (Tile(kind="open_pipeline", width=Width.HALF),)
        made = saved.create(tx, name='The "week"', tiles=tiles, shared=True)
    owner_privacy(store, team)
    path = f"/dashboards/{made.id}.pdf"
    answer = browser(team.bob).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('inline; filename="the-week-20')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "R$16K" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert browser(None).get(path).status_code == 403
    assert browser(team.bob).get(f"/dashboards/{made.id + 1}.pdf").status_code == 404
    assert browser(team.bob).get("/dashboards/overview.pdf", params={"period": "soon"}).status_code == 422
    with store.writing(team.marta) as tx:
        saved.edit(tx, made.id, shared=False)
    assert browser(team.bob).get(path).status_code == 404
