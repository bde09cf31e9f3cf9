"""Dashboards over the API."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from crm.pipelines import Pipeline
from crm.store import Store
from tests.api.conftest import Clients
from tests.dashboards.conftest import with_deals
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    return with_deals(store, team)


def test_the_overview_answers_with_what_its_caller_may_see(
    client: Clients, store: Store, team: Team, sales: Pipeline
) -> None:
    owner_privacy(store, team)
    for actor, value in ((team.marta, "23000.0000"), (team.bob, "16000.0000"), (team.vera, "0")):
        answer = client(actor).get("/dashboards/overview")
        assert answer.status_code == 200
        tiles = {tile["kind"]: tile["content"] for tile in answer.json()["tiles"]}
        assert float(tiles["open_pipeline"]["metrics"][0]["amount"]) == float(value)


def test_the_overview_takes_the_filters_of_reports(client: Clients, team: Team, sales: Pipeline) -> None:
    marta = client(team.marta)
    for query, won in (({"owner": str(team.ids.bob)}, 300), ({"period": "last-year"}, 0), ({"pipeline": "777"}, 0)):
        tiles = {
            tile["kind"]: tile["content"] for tile in marta.get("/dashboards/overview", params=query).json()["tiles"]
        }
        assert float(tiles["won_target"]["metrics"][0]["amount"]) == won
    for wrong in ({"period": "soon"}, {"owner": "x"}, {"page": "1"}):
        assert marta.get("/dashboards/overview", params=wrong).status_code == 422


def test_a_dashboard_is_made_changed_shared_and_deleted(client: Clients, team: Team, sales: Pipeline) -> None:
    ana, bob = client(team.ana), client(team.bob)
    body = {"name": "Mine", "tiles": [{"kind": "cycle", "width": "third"}], "filters": {"owner": str(team.ids.bob)}}
    made = ana.post("/dashboards", json=body)
    assert made.status_code == 201
    path = f"/dashboards/{made.json()['id']}"
    assert bob.get(path).status_code == bob.get(f"{path}/tiles").status_code == 404
    assert ana.patch(path, json={"shared": True}, headers={"If-Match": made.headers["ETag"]}).status_code == 200
    assert ana.patch(path, json={"name": "x"}, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert [each["name"] for each in bob.get("/dashboards").json()["items"]] == ["Mine"]
    [tile] = bob.get(f"{path}/tiles").json()["tiles"]
    assert tile["title"] == "Sales cycle"
    assert bob.patch(path, json={"name": "x"}).status_code == 403
    assert bob.post(f"{path}/duplicate").json()["user_name"] == "Bob"
    assert bob.delete(path).status_code == 403
    assert ana.delete(path).status_code == 204
    assert ana.get(path).status_code == 404
    assert ana.post("/dashboards", json={"name": "x", "tiles": [{"kind": "x", "width": "third"}]}).status_code == 422


def test_a_dashboard_is_printed_for_its_caller(client: Clients, store: Store, team: Team, sales: Pipeline) -> None:
    body = {"name": "Mine", "tiles": [{"kind": "open_pipeline", "width": "third"}], "shared": True}
    path = f"/dashboards/{client(team.marta).post('/dashboards', json=body).json()['id']}"
    owner_privacy(store, team)
    for actor, amount in ((team.marta, "R$23K"), (team.bob, "R$16K")):
        answer = client(actor).get(f"{path}/pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith('attachment; filename="mine-20')
        assert amount in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert client(team.marta).patch(path, json={"shared": False}).status_code == 200
    assert client(team.bob).get(f"{path}/pdf").status_code == 404
    assert client(team.marta).get("/dashboards/overview/pdf", params={"period": "soon"}).status_code == 422
