"""Pipelines over the API: made from stages or from a template, changed, and emptied before they go."""

from crm.deals import Deal
from crm.pipelines import Pipeline
from tests.api.conftest import Clients
from tests.people import Team


def stage_names(pipeline: dict[str, list[dict[str, str]]]) -> list[str]:
    return [stage["name"] for stage in pipeline["stages"]]


def test_a_pipeline_is_made_of_stages(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    made = marta.post(
        "/pipelines", json={"name": "Partners", "stages": [{"name": "Talk", "probability": "35"}, {"name": "Trial"}]}
    )
    pipeline = made.json()
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/pipelines/{pipeline['id']}")
    assert [(stage["name"], stage["kind"]) for stage in pipeline["stages"]] == [
        ("Talk", "open"),
        ("Trial", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
    ]
    assert pipeline["stages"][0]["probability"] == "35.00"
    assert marta.get(f"/pipelines/{pipeline['id']}").json() == pipeline
    assert marta.get("/pipelines").json() == {"items": [pipeline], "total": 1, "next": None}


def test_a_pipeline_is_made_from_a_template(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    template = marta.get("/pipeline-templates").json()["items"][0]
    made = marta.post("/pipelines", json={"template": template["key"], "name": "Ours"}).json()
    assert made["name"] == "Ours"
    assert stage_names(made)[:-2] == stage_names(template)


def test_a_pipeline_needs_either_stages_or_a_template(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    for body in ({"name": "A"}, {"name": "A", "stages": [{"name": "x"}], "template": "b2b"}):
        assert marta.post("/pipelines", json=body).status_code == 422
    assert marta.post("/pipelines", json={"template": "no-such"}).status_code == 404


def test_stages_are_added_changed_ordered_and_removed(client: Clients, team: Team, sales: Pipeline) -> None:
    marta = client(team.marta)
    where = f"/pipelines/{sales.id}"
    assert stage_names(marta.post(f"{where}/stages", json={"name": "Trial"}).json())[:4] == [
        "Lead",
        "Talk",
        "Offer",
        "Trial",
    ]
    lead = sales.open_stages[0].id
    changed = marta.patch(
        f"{where}/stages/{lead}", json={"name": "New", "colour": "#112233", "probability": "5", "category": "commit"}
    ).json()
    first = changed["stages"][0]
    assert (first["name"], first["colour"], first["probability"]) == ("New", "#112233", "5.00")
    assert first["category"] == "commit"
    order = [stage["id"] for stage in changed["stages"] if stage["kind"] == "open"][::-1]
    ordered = marta.patch(where, json={"stage_order": order}).json()
    assert stage_names(ordered)[:4] == ["Trial", "Offer", "Talk", "New"]
    removed = marta.delete(f"{where}/stages/{lead}").json()
    assert stage_names(removed) == ["Trial", "Offer", "Talk", "Won", "Lost"]


def test_a_stage_that_holds_deals_goes_when_it_is_said_where_they_go(
    client: Clients, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    marta = client(team.marta)
    lead, talk = sales.open_stages[0].id, sales.open_stages[1].id
    refused = marta.delete(f"/pipelines/{sales.id}/stages/{lead}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "deals_to")
    assert marta.delete(f"/pipelines/{sales.id}/stages/{lead}?deals_to={talk}").status_code == 200
    assert marta.get(f"/deals/{chairs.id}").json()["stage_name"] == "Talk"


def test_a_stage_is_found_under_its_own_pipeline_alone(client: Clients, team: Team, sales: Pipeline) -> None:
    marta = client(team.marta)
    other = marta.post("/pipelines", json={"name": "Other", "stages": [{"name": "Only"}]}).json()
    stage_id = sales.open_stages[0].id
    assert marta.patch(f"/pipelines/{other['id']}/stages/{stage_id}", json={"name": "x"}).status_code == 404
    assert marta.delete(f"/pipelines/{other['id']}/stages/{stage_id}").status_code == 404
    assert stage_names(marta.get(f"/pipelines/{sales.id}").json())[0] == "Lead"


def test_a_pipeline_changed_since_is_412(client: Clients, team: Team, sales: Pipeline) -> None:
    marta = client(team.marta)
    seen = marta.get(f"/pipelines/{sales.id}").headers["ETag"]
    marta.post(f"/pipelines/{sales.id}/stages", json={"name": "Trial"})
    refused = marta.patch(f"/pipelines/{sales.id}", json={"name": "Mine"}, headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["current"]["name"]) == (412, "Sales")


def test_a_pipeline_that_holds_deals_stays(client: Clients, team: Team, sales: Pipeline, chairs: Deal) -> None:
    marta = client(team.marta)
    assert marta.delete(f"/pipelines/{sales.id}").status_code == 422
    assert marta.get(f"/pipelines/{sales.id}").status_code == 200


def test_close_reasons_are_listed_by_kind(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    assert {reason["kind"] for reason in ana.get("/close-reasons?kind=lost").json()["items"]} == {"lost"}
    assert ana.get("/close-reasons").status_code == 422
