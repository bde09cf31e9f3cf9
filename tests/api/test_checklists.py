"""Checklists over the API."""

from crm.deals import Deal
from crm.records import checklists
from crm.records.checklists import TemplateItem
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_checklist_is_made_filled_ordered_and_ticked(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    made = ana.post(f"/deals/{chairs.id}/checklist", json={"name": "Offer"})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/checklists/1")
    body = {"text": "Measure", "due_on": "2026-12-31", "assignee_id": team.ids.bob}
    first = ana.post("/checklists/1/items", json=body)
    assert (first.status_code, first.headers["Location"]) == (201, "/api/v1/checklist-items/1")
    assert (first.json()["due_on"], first.json()["assignee_name"]) == ("2026-12-31", "Bob")
    ana.post("/checklists/1/items", json={"text": "Send"})
    ordered = ana.post(f"/deals/{chairs.id}/checklist/order", json={"lists": [{"id": 1, "items": [2, 1]}]}).json()
    assert [item["text"] for item in ordered["items"][0]["items"]] == ["Send", "Measure"]
    assert ana.post("/checklist-items/1/tick").json()["done_by_name"] == "Ana"
    listed = ana.get(f"/deals/{chairs.id}/checklist").json()
    assert (listed["total"], listed["items"][0]["done"], listed["items"][0]["total"]) == (1, 1, 2)
    assert ana.delete("/checklist-items/2").status_code == 204
    assert ana.delete("/checklists/1").status_code == 204
    assert ana.get(f"/deals/{chairs.id}/checklist").json()["items"] == []


def test_an_edit_of_an_older_item_is_412_and_leaves_it(store: Store, client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    ana.post(f"/deals/{chairs.id}/checklist", json={"name": "Offer"})
    seen = ana.post("/checklists/1/items", json={"text": "Measure"}).headers["ETag"]
    assert ana.patch("/checklist-items/1", json={"text": "Draw"}, headers={"If-Match": seen}).status_code == 200
    refused = ana.patch("/checklist-items/1", json={"text": "Cut"}, headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["current"]["text"]) == (412, "Draw")
    assert ana.get("/checklist-items/1").json()["text"] == "Draw"


def test_the_day_of_an_item_is_emptied_by_null_and_left_by_silence(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    ana.post(f"/deals/{chairs.id}/checklist", json={"name": "Offer"})
    ana.post("/checklists/1/items", json={"text": "Measure", "due_on": "2026-12-31"})
    assert ana.patch("/checklist-items/1", json={"text": "Draw"}).json()["due_on"] == "2026-12-31"
    assert ana.patch("/checklist-items/1", json={"due_on": None}).json()["due_on"] is None


def test_a_template_is_laid_onto_a_deal(store: Store, client: Clients, team: Team, chairs: Deal) -> None:
    marta, ana = client(team.marta), client(team.ana)
    body = {"name": "Handover", "items": [{"text": "Write", "due_days": 0}, {"text": "Wait"}]}
    made = marta.post("/checklist-templates", json=body)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/checklist-templates/1")
    assert ana.get("/checklist-templates").json()["items"] == [made.json()]
    laid = ana.post(f"/deals/{chairs.id}/checklist/apply", json={"template_id": 1})
    assert laid.status_code == 201
    with store.reading(team.ana) as tx:
        (there,) = checklists.of(tx, chairs.id)
        assert [(item.text, item.due_on) for item in there.items] == [("Write", tx.today), ("Wait", None)]
    changed = marta.patch("/checklist-templates/1", json={"items": [{"text": "Sing"}]}).json()
    assert (changed["name"], changed["items"]) == ("Handover", [{"text": "Sing", "due_days": None}])
    with store.reading(team.ana) as tx:
        assert checklists.template(tx, 1).items == (TemplateItem(text="Sing"),)
    bad = marta.post("/checklist-templates", json={"name": "Far", "items": [{"text": "Write", "due_days": -1}]})
    assert bad.status_code == 422
