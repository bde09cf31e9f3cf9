"""Saved views over the API: made, listed, changed, copied, deleted, by whom they may be."""

from crm.foundation.access import Module
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

OPEN = {"kind": "rule", "field": "status", "op": "is", "value": "open"}


def test_a_view_is_made_changed_copied_and_deleted(client: Clients, team: Team, sales: Pipeline) -> None:
    ana, bob = client(team.ana), client(team.bob)
    made = ana.post(
        "/saved-views",
        json={"name": "Open", "pipeline_id": sales.id, "filter": OPEN, "kind": "calendar", "columns": ["title"]},
    )
    assert (made.status_code, made.json()["kind"], made.json()["columns"]) == (201, "calendar", ["title"])
    path = f"/saved-views/{made.json()['id']}"
    assert bob.get(path).status_code == 404
    assert ana.patch(path, json={"shared": True}, headers={"If-Match": made.headers["ETag"]}).status_code == 200
    assert ana.patch(path, json={"name": "x"}, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert [one["name"] for one in bob.get(f"/saved-views?pipeline_id={sales.id}").json()["items"]] == ["Open"]
    assert bob.patch(path, json={"name": "x"}).status_code == 403
    assert bob.post(f"{path}/duplicate").json()["user_name"] == "Bob"
    assert bob.post(f"{path}/default").json()["name"] == "Open"
    assert ana.get(f"{path}/broken").json() == {"broken": []}
    assert bob.delete(path).status_code == 403
    assert ana.delete(path).status_code == 204
    assert ana.get(path).status_code == 404


def test_a_period_that_is_none_is_refused(client: Clients, team: Team, sales: Pipeline) -> None:
    answer = client(team.ana).post("/saved-views", json={"name": "x", "pipeline_id": sales.id, "period": "someday"})
    assert answer.status_code == 422


def test_a_token_that_may_only_read_makes_no_view(client: Clients, team: Team, sales: Pipeline) -> None:
    answer = client(team.ana, Scope.READ).post("/saved-views", json={"name": "x", "pipeline_id": sales.id})
    assert answer.status_code == 403


def test_there_are_none_where_the_module_is_off(client: Clients, store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    assert client(team.ana).get("/saved-views").status_code == 404
