"""Deals over the API: made, moved, won, lost, reopened, and what was said about it."""

import pytest

from crm import deals
from crm.deals import Deal
from crm.pipelines import Pipeline
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_deal_goes_from_its_first_stage_to_won(client: Clients, team: Team, sales: Pipeline) -> None:
    ana = client(team.ana)
    made = ana.post(
        "/deals",
        json={"title": "Lamps", "pipeline_id": sales.id, "value": "1250.505", "expected_close": "2027-01-31"},
    )
    assert made.status_code == 201, made.text
    deal = made.json()
    assert made.headers["Location"] == f"/api/v1/deals/{deal['id']}"
    assert (deal["stage_name"], deal["value"], deal["currency"]) == ("Lead", "1250.5000", "BRL")
    assert (deal["owner_name"], deal["status"], deal["expected_close"]) == ("Ana", "open", "2027-01-31")

    offer = sales.open_stages[2]
    moved = ana.post(f"/deals/{deal['id']}/move", json={"stage_id": offer.id})
    assert (moved.status_code, moved.json()["stage_name"]) == (200, "Offer")

    reason = ana.get("/close-reasons?kind=won").json()["items"][0]
    won = ana.post(f"/deals/{deal['id']}/win", json={"reason_id": reason["id"], "note": "They liked them"}).json()
    assert (won["status"], won["close_reason"], won["close_note"]) == ("won", reason["name"], "They liked them")
    assert won["closed_on"]

    reopened = ana.post(f"/deals/{deal['id']}/reopen").json()
    assert (reopened["status"], reopened["stage_name"], reopened["closed_on"]) == ("open", "Offer", None)

    history = ana.get(f"/deals/{deal['id']}/history").json()
    assert [(step["kind"], step["to_stage"]) for step in history["items"]] == [
        ("create", "Lead"),
        ("move", "Offer"),
        ("won", "Won"),
        ("reopen", "Offer"),
    ]


def test_a_lost_deal_says_why(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    refused = ana.post(f"/deals/{chairs.id}/lose", json={})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason_id")
    assert ana.get(f"/deals/{chairs.id}").json()["status"] == "open"
    lost = ana.post(f"/deals/{chairs.id}/lose", json={"note": "No answer since May", "on": "2026-11-20"})
    assert lost.status_code == 422, "it was opened today, so it cannot have been lost before"
    assert ana.post(f"/deals/{chairs.id}/lose", json={"note": "No answer since May"}).json()["status"] == "lost"


def test_won_without_a_body_is_won_today(client: Clients, team: Team, chairs: Deal) -> None:
    assert client(team.ana).post(f"/deals/{chairs.id}/win").json()["status"] == "won"


def test_a_move_names_the_deal_that_it_goes_above(
    store: Store, client: Clients, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        tables = deals.create(tx, title="Tables", pipeline_id=sales.id)
    ana = client(team.ana)
    stage_id = sales.open_stages[0].id
    moved = ana.post(f"/deals/{tables.id}/move", json={"stage_id": stage_id, "after": chairs.id}).json()
    assert moved["rank"] > chairs.rank
    moved = ana.post(f"/deals/{tables.id}/move", json={"stage_id": stage_id, "before": chairs.id}).json()
    assert moved["rank"] < chairs.rank


def test_an_edit_of_an_older_version_is_412_and_shows_what_the_deal_holds_now(
    client: Clients, team: Team, chairs: Deal
) -> None:
    ana, marta = client(team.ana), client(team.marta)
    seen = ana.get(f"/deals/{chairs.id}").headers["ETag"]
    assert marta.patch(f"/deals/{chairs.id}", json={"value": "900"}, headers={"If-Match": seen}).status_code == 200
    refused = ana.patch(f"/deals/{chairs.id}", json={"value": "1500"}, headers={"If-Match": seen})
    problem = refused.json()
    assert refused.status_code == 412
    assert problem["type"] == "urn:mallard:problem:stale"
    assert problem["seen"] == chairs.version
    assert (problem["current"]["value"], problem["current"]["version"]) == ("900.0000", chairs.version + 1)
    assert "Marta changed “Chairs”: value." in problem["detail"]
    assert ana.get(f"/deals/{chairs.id}").json()["value"] == "900.0000"


@pytest.mark.parametrize(("action", "body"), [("move", {"stage_id": 2}), ("win", {}), ("lose", {"note": "x"})])
def test_moving_and_closing_mind_the_version_too(
    client: Clients, team: Team, chairs: Deal, action: str, body: dict[str, object]
) -> None:
    marta = client(team.marta)
    marta.patch(f"/deals/{chairs.id}", json={"title": "Red chairs"})
    before = marta.get(f"/deals/{chairs.id}").json()
    refused = marta.post(f"/deals/{chairs.id}/{action}", json=body, headers={"If-Match": f'"{chairs.version}"'})
    assert refused.status_code == 412
    assert marta.get(f"/deals/{chairs.id}").json() == before


def test_if_match_is_read_as_clients_write_it(
    subtests: pytest.Subtests, client: Clients, team: Team, chairs: Deal
) -> None:
    ana = client(team.ana)
    for version in ('"1"', "1", 'W/"1"', "*", ' "1" '):
        with subtests.test(version=version):
            same = ana.patch(f"/deals/{chairs.id}", json={"title": "Chairs"}, headers={"If-Match": version})
            assert same.status_code == 200


def test_an_if_match_that_is_no_version_is_refused(
    subtests: pytest.Subtests, client: Clients, team: Team, chairs: Deal
) -> None:
    ana = client(team.ana)
    for version in ("x", '"1', '"1", "2"', "-1", "99999999999999999999", "1.0", ""):
        with subtests.test(version=version):
            edited = ana.patch(f"/deals/{chairs.id}", json={"title": "Red"}, headers={"If-Match": version})
            assert (edited.status_code, edited.json()["errors"][0]["field"]) == (422, "If-Match")
    assert ana.get(f"/deals/{chairs.id}").json()["title"] == "Chairs"


def test_a_deal_goes_to_the_bin_and_comes_back(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    assert ana.delete(f"/deals/{chairs.id}").status_code == 204
    assert ana.get(f"/deals/{chairs.id}").status_code == 404
    assert ana.post(f"/deals/{chairs.id}/restore").json()["title"] == "Chairs"


def test_a_patch_sets_what_it_names_and_nothing_else(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    before = ana.get(f"/deals/{chairs.id}").json()
    edited = ana.patch(f"/deals/{chairs.id}", json={"priority": "high", "owner_id": None}).json()
    changed = {field for field in before if before[field] != edited[field]}
    assert changed == {"priority", "owner_id", "owner_name", "version", "updated_at"}


NOT_VALID: list[tuple[dict[str, object], str]] = [
    ({"title": None}, "title"),
    ({"currency": None}, "currency"),
    ({"value": "-1"}, "value"),
    ({"value": "NaN"}, "value"),
    ({"value": "1e30"}, "value"),
    ({"value": True}, "value"),
    ({"expected_close": 20260101}, "expected_close"),
    ({"expected_close": "2026-02-30"}, "expected_close"),
    ({"expected_close": "2026-01-01T00:00:00"}, "expected_close"),
    ({"priority": "urgent"}, "priority"),
    ({"contact_id": "1"}, "contact_id"),
    ({"contact_id": True}, "contact_id"),
    ({"contact_id": 2**63}, "contact_id"),
    ({"contact_id": 777}, "contact_id"),
    ({"title": "a\0b"}, "title"),
    ({"stage_id": 1}, "stage_id"),
    ({"attributes": {"no_such": 1}}, "attribute:no_such"),
    ({"attributes": []}, "attributes"),
]


def test_what_is_not_valid_is_422_and_leaves_the_deal_as_it_was(
    subtests: pytest.Subtests, client: Clients, team: Team, chairs: Deal
) -> None:
    ana = client(team.ana)
    before = ana.get(f"/deals/{chairs.id}").json()
    for body, field in NOT_VALID:
        with subtests.test(body=body):
            refused = ana.patch(f"/deals/{chairs.id}", json=body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert ana.get(f"/deals/{chairs.id}").json() == before


def test_the_deals_are_gone_while_their_module_is_off(store: Store, client: Clients, team: Team, chairs: Deal) -> None:
    from crm.foundation.access import Module
    from crm.platform import workspace

    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    ana = client(team.ana)
    for path in ("/deals", f"/deals/{chairs.id}", "/pipelines", "/reports/forecast", "/close-reasons?kind=won"):
        assert ana.get(path).status_code == 404, path
    assert ana.post(f"/deals/{chairs.id}/win").status_code == 404


def test_labels_are_given_with_a_deal_and_changed_with_it(client: Clients, team: Team, sales: Pipeline) -> None:
    ana = client(team.ana)
    deal = ana.post("/deals", json={"title": "Lamps", "pipeline_id": sales.id, "labels": ["Hot", "tender"]}).json()
    assert deal["labels"] == ["Hot", "tender"]
    assert ana.patch(f"/deals/{deal['id']}", json={"title": "Six lamps"}).json()["labels"] == ["Hot", "tender"]
    assert ana.patch(f"/deals/{deal['id']}", json={"labels": []}).json()["labels"] == []
    assert client(team.vera).patch(f"/deals/{deal['id']}", json={"labels": ["x"]}).status_code == 403
    assert ana.get("/deals").json()["items"][0]["labels"] == []


def test_a_deal_says_how_it_is_and_a_list_is_filtered_and_sorted_by_it(
    client: Clients, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    ana = client(team.ana)
    found = ana.get(f"/deals/{chairs.id}/health").json()["health"]
    assert (found["status"], found["score"], found["idle_days"]) == ("healthy", 85, 0)
    assert (found["last_touch"]["kind"], found["last_touch"]["by_name"]) == ("moved", "Ana")
    assert {one["penalty"]: one["points"] for one in found["reasons"]} == {
        **dict.fromkeys(("idle", "long_in_stage", "overdue", "pushed", "no_value"), 0),
        "no_next_step": 10,
        "nobody": 5,
    }
    healthy = ana.get('/deals?sort=health&filter={"kind":"rule","field":"health","op":"is","value":"healthy"}').json()
    assert [deal["id"] for deal in healthy["items"]] == [chairs.id]
    ana.post(f"/deals/{chairs.id}/win")
    assert ana.get(f"/deals/{chairs.id}/health").json() == {"health": None}
    assert ana.get("/deals/99/health").status_code == 404


def test_a_day_before_the_last_movement_is_refused_with_both_days(client: Clients, team: Team, chairs: Deal) -> None:
    refused = client(team.ana).post(f"/deals/{chairs.id}/win", json={"on": "2020-01-01"})
    assert refused.status_code == 422
    assert "it cannot have been won on 2020-01-01, before that" in refused.text
    assert f"{chairs.created_at:%Y-%m}" in refused.text


def test_a_corrected_value_leaves_the_closing_as_it_was(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    ana.post(f"/deals/{chairs.id}/win")
    assert ana.patch(f"/deals/{chairs.id}", json={"value": "5000"}).json()["value"] == "5000.0000"
    last = ana.get(f"/deals/{chairs.id}/history").json()["items"][-1]
    assert (last["kind"], last["value"], last["currency"]) == ("won", "1200.0000", "BRL")
    assert last["closed_on"]
