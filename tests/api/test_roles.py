"""Who may do what: every verb, asked for by every role. A refusal leaves the store as it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from crm import catalog, companies, contacts, deals, orders, pipelines
from crm.dashboards import saved as dashboards
from crm.dashboards import schedules
from crm.dashboards.recurrence import Every
from crm.deals import Deal, quote, saved_views
from crm.foundation.access import SYSTEM, Module, Role
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.records import attributes, checklists, labels, notes, segments
from crm.records.checklists import TemplateItem
from crm.reports import scenarios
from crm.reports.assumptions import Assumptions
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

SELLERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.REP})
SHAPERS = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Verb:
    method: str
    path: str
    may: frozenset[Role]
    body: dict[str, object] | None = None


# In an order in which one who may do all of them can do them one after the other.
VERBS = [
    Verb("POST", "/contacts", SELLERS, {"name": "Lia"}),
    Verb("PATCH", "/contacts/{contact}", SELLERS, {"city": "Recife"}),
    Verb("POST", "/contacts/{contact}/block", SELLERS),
    Verb("POST", "/contacts/{contact}/unblock", SELLERS),
    Verb("DELETE", "/contacts/{contact}", SELLERS),
    Verb("POST", "/contacts/{contact}/restore", SELLERS),
    Verb("POST", "/companies", SELLERS, {"name": "Farol"}),
    Verb("PATCH", "/companies/{company}", SELLERS, {"description": "Lamps"}),
    Verb("DELETE", "/companies/{company}", SELLERS),
    Verb("POST", "/companies/{company}/restore", SELLERS),
    Verb("POST", "/deals", SELLERS, {"title": "Tables", "pipeline_id": 1}),
    Verb("PATCH", "/deals/{deal}", SELLERS, {"title": "Red chairs"}),
    Verb("POST", "/deals/{deal}/move", SELLERS, {"stage_id": 2}),
    Verb("POST", "/deals/{deal}/win", SELLERS),
    Verb("POST", "/deals/{deal}/reopen", SELLERS),
    Verb("POST", "/deals/{deal}/lose", SELLERS, {"note": "No answer"}),
    Verb("PUT", "/deals/{deal}/following", frozenset(Role)),
    Verb("DELETE", "/deals/{deal}/following", frozenset(Role)),
    Verb("DELETE", "/deals/{deal}", SELLERS),
    Verb("POST", "/deals/{deal}/restore", SELLERS),
    Verb("POST", "/orders", SELLERS, {"title": "Lamp", "value": 1, "contact_id": 1}),
    Verb("PATCH", "/orders/{order}", SELLERS, {"title": "Red lamp"}),
    Verb("POST", "/orders/{order}/status", SELLERS, {"status": "paid"}),
    Verb("DELETE", "/orders/{order}", SELLERS),
    Verb("POST", "/orders/{order}/restore", SELLERS),
    Verb("POST", "/contacts/{contact}/notes", SELLERS, {"text": "Hello"}),
    Verb("POST", "/companies/{company}/notes", SELLERS, {"text": "Hello"}),
    Verb("POST", "/deals/{deal}/notes", SELLERS, {"text": "Hello"}),
    Verb("POST", "/deals/{deal}/checklist", SELLERS, {"name": "Before the offer"}),
    Verb("POST", "/deals/{deal}/checklist/apply", SELLERS, {"template_id": 1}),
    Verb(
        "POST", "/deals/{deal}/checklist/order", SELLERS, {"lists": [{"id": 2, "items": []}, {"id": 1, "items": [1]}]}
    ),
    Verb("PATCH", "/checklists/{checklist}", SELLERS, {"name": "After the offer"}),
    Verb("POST", "/checklists/{checklist}/items", SELLERS, {"text": "Call"}),
    Verb("PATCH", "/checklist-items/{item}", SELLERS, {"due_on": "2026-12-31"}),
    Verb("POST", "/checklist-items/{item}/tick", SELLERS),
    Verb("POST", "/checklist-items/{item}/untick", SELLERS),
    Verb("DELETE", "/checklist-items/{item}", SELLERS),
    Verb("DELETE", "/checklists/{checklist}", SELLERS),
    Verb("POST", "/checklist-templates", SHAPERS, {"name": "Handover", "items": [{"text": "Write", "due_days": 2}]}),
    Verb("PATCH", "/checklist-templates/{template}", SHAPERS, {"name": "Kick-off"}),
    Verb("DELETE", "/checklist-templates/{template}", SHAPERS),
    Verb("POST", "/notes/{note}/pin", SELLERS),
    Verb("POST", "/notes/{note}/unpin", SELLERS),
    Verb("POST", "/bin/restore", SELLERS, {"records": [{"kind": "contact", "id": 1}]}),
    Verb("POST", "/labels", SELLERS, {"name": "New"}),
    Verb("PATCH", "/labels/{label}", ADMINISTRATORS, {"name": "Gold"}),
    Verb("POST", "/labels/{label}/merge", ADMINISTRATORS, {"into": 2}),
    Verb("DELETE", "/labels/{other_label}", ADMINISTRATORS),
    Verb("POST", "/pipelines", SHAPERS, {"name": "Partners", "stages": [{"name": "Talk"}]}),
    Verb("PATCH", "/pipelines/{pipeline}", SHAPERS, {"name": "Sales 2"}),
    Verb("POST", "/pipelines/{pipeline}/stages", SHAPERS, {"name": "Trial"}),
    Verb("PATCH", "/pipelines/{pipeline}/stages/{stage}", SHAPERS, {"name": "New"}),
    Verb("PATCH", "/pipelines/{pipeline}/stages/{stage}", SHAPERS, {"limit_days": 9}),
    Verb("PUT", "/pipelines/{pipeline}/stages/{spare}/requirements", SHAPERS, {"fields": ["value"]}),
    Verb("PUT", "/pipelines/{pipeline}/health", SHAPERS, {"weights": {"idle": 30}}),
    Verb("PUT", "/pipelines/{pipeline}/winners", SHAPERS, {"who": "managers"}),
    Verb("DELETE", "/pipelines/{pipeline}/stages/{spare}", SHAPERS),
    Verb("DELETE", "/pipelines/{empty}", SHAPERS),
    Verb("POST", "/products", SHAPERS, {"sku": "DESK", "name": "Desk"}),
    Verb("PATCH", "/products/{product}", SHAPERS, {"prices": {"BRL": "12.00"}}),
    Verb("POST", "/deals/{deal}/lines", SELLERS, {"product_id": 1, "quantity": "2"}),
    Verb("PATCH", "/deals/{deal}/lines/{line}", SELLERS, {"quantity": "3"}),
    Verb("PUT", "/deals/{deal}/lines/order", SELLERS, {"line_ids": [2, 1]}),
    Verb("DELETE", "/deals/{deal}/lines/{line}", SELLERS),
    Verb("PUT", "/targets", SHAPERS, {"period": "2026-03", "amount": "1000"}),
    Verb("DELETE", "/targets/1", SHAPERS),
    Verb("POST", "/rates", ADMINISTRATORS, {"currency": "USD", "day": "2026-03-02", "rate": "5.12"}),
    Verb("DELETE", "/rates/USD/2026-03-02", ADMINISTRATORS),
    Verb("POST", "/attributes", SHAPERS, {"model": "deal", "name": "Product", "type": "text"}),
]
TRACES = ("events", "sessions", "tokens", "idempotency_keys", "migrations")


@pytest.fixture
def ids(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> dict[str, int]:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ana) as tx:
        contact = contacts.create(tx, name="Caio", email="caio@example.com")
        company = companies.create(tx, name="Lanterna")
        note = notes.add(tx, "contact", contact.id, "Of Ana")
        order = orders.create(tx, title="Lamp", value=250, contact_id=contact.id)
        first, second = (labels.create(tx, name) for name in ("First", "Second"))
        line = quote.add(tx, chairs.id, name="Delivery", unit_price=30)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, True)
    with store.writing(team.marta) as tx:
        empty = pipelines.create(tx, "Empty", ["Only"])
        product = catalog.create(tx, sku="CHAIR", name="Chair", prices={"BRL": 10})
        template = checklists.create_template(tx, "Start", [TemplateItem(text="Call")])
    with store.writing(team.ana) as tx:
        checklist = checklists.add(tx, chairs.id, "Offer")
        item = checklists.add_item(tx, checklist.id, "Measure the room")
    return {
        "contact": contact.id,
        "company": company.id,
        "deal": chairs.id,
        "pipeline": sales.id,
        "stage": sales.open_stages[0].id,
        "spare": sales.open_stages[2].id,
        "empty": empty.id,
        "note": note.id,
        "order": order.id,
        "line": line.id,
        "product": product.id,
        "label": first.id,
        "other_label": second.id,
        "checklist": checklist.id,
        "item": item.id,
        "template": template.id,
    }


def everything(store: Store) -> dict[str, list[object]]:
    """Every row of every table, but for the traces of having asked."""
    with store.reading(SYSTEM) as tx:
        tables = [
            row["name"] for row in tx.rows("SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'base'")
        ]
        return {name: tx.rows(f"SELECT * FROM base.{name} ORDER BY ALL") for name in tables if name not in TRACES}


def ask(client: TestClient, verb: Verb, ids: dict[str, int]) -> int:
    answer = client.request(verb.method, verb.path.format(**ids), json=verb.body)
    return answer.status_code


@pytest.mark.parametrize("name", ["ada", "marta", "ana", "rui", "vera"])
def test_each_role_can_do_its_own_verbs_and_no_other(
    store: Store, client: Clients, team: Team, ids: dict[str, int], name: str
) -> None:
    actor = getattr(team, name)
    caller = client(actor)
    before = everything(store)
    for verb in VERBS:
        status = ask(caller, verb, ids)
        if actor.role in verb.may:
            assert status in (200, 201, 204), f"{name} may {verb.method} {verb.path}"
            before = everything(store)
        else:
            assert status == 403, f"{name} may not {verb.method} {verb.path}"
            assert everything(store) == before, f"{verb.method} {verb.path} was refused and yet did something"


@pytest.fixture
def addresses(store: Store, team: Team, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """By its path in the description, where there is one of each thing that can be edited. None of it is Vera's."""
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="list", values=["Small"])
        small = attributes.list_values(tx, size.id)[0].id
    with store.writing(team.ana) as tx:
        segment = segments.create(tx, kind="contacts", name="Caios", search="caio", shared=True)
        view = saved_views.create(tx, pipeline_id=ids["pipeline"], name="Chairs", search="chairs", shared=True)
        scenario = scenarios.create(tx, name="Slump", assumptions=Assumptions(win_rate=Decimal("0.8")), shared=True)
        board = dashboards.create(tx, name="Chairs", shared=True)
        monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
        schedule = schedules.create(tx, every=Every.DAY, recipient_ids=[team.ids.ana], dashboard_id=board.id)
    return {
        "/attributes/{id}": f"/attributes/{size.id}",
        "/attributes/{id}/values/{value_id}": f"/attributes/{size.id}/values/{small}",
        "/checklist-items/{id}": f"/checklist-items/{ids['item']}",
        "/checklist-templates/{id}": f"/checklist-templates/{ids['template']}",
        "/checklists/{id}": f"/checklists/{ids['checklist']}",
        "/companies/{id}": f"/companies/{ids['company']}",
        "/contacts/{id}": f"/contacts/{ids['contact']}",
        "/deals/{id}": f"/deals/{ids['deal']}",
        "/deals/{id}/lines/{line_id}": f"/deals/{ids['deal']}/lines/{ids['line']}",
        "/labels/{id}": f"/labels/{ids['label']}",
        "/notes/{id}": f"/notes/{ids['note']}",
        "/orders/{id}": f"/orders/{ids['order']}",
        "/pipelines/{id}": f"/pipelines/{ids['pipeline']}",
        "/pipelines/{id}/stages/{stage_id}": f"/pipelines/{ids['pipeline']}/stages/{ids['stage']}",
        "/products/{id}": f"/products/{ids['product']}",
        "/segments/{id}": f"/segments/{segment.id}",
        "/saved-views/{id}": f"/saved-views/{view.id}",
        "/scenarios/{id}": f"/scenarios/{scenario.id}",
        "/dashboards/{id}": f"/dashboards/{board.id}",
        "/dashboard-schedules/{id}": f"/dashboard-schedules/{schedule.id}",
    }


def test_a_viewer_may_edit_nothing_of_others_not_even_by_naming_no_field(
    client: Clients, team: Team, addresses: dict[str, str]
) -> None:
    vera, ada = client(team.vera), client(team.ada)
    described = ada.get("/openapi.json").json()
    edits = {path: methods["patch"] for path, methods in described["paths"].items() if "patch" in methods}
    del edits["/sql/queries/{id}"]  # of those who may run SQL: tests/api/test_sql.py
    assert edits.keys() == addresses.keys()
    for path, said in edits.items():
        name = said["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        asked = dict.fromkeys(described["components"]["schemas"][name].get("required", ()), "New")
        assert vera.get(addresses[path]).status_code in (200, 405), f"she sees {path}, where it can be seen by itself"
        answer = vera.patch(addresses[path], json=asked)
        assert answer.status_code in (403, 404), f"PATCH {path} with {asked}: {answer.text}"


@pytest.mark.parametrize(
    "path",
    ["/attributes/{id}", "/labels/{id}", "/pipelines/{id}", "/pipelines/{id}/stages/{stage_id}", "/products/{id}"],
)
def test_a_change_that_names_no_field_is_refused_to_a_rep_where_others_are(
    client: Clients, team: Team, addresses: dict[str, str], path: str
) -> None:
    assert client(team.ana).patch(addresses[path], json={}).status_code == 403
    assert client(team.ada).patch(addresses[path], json={}).status_code == 200


@pytest.mark.parametrize("scopes", [(Scope.READ,), (Scope.READ, Scope.EXPORT, Scope.IMPORT)])
def test_a_token_without_the_scope_to_write_changes_nothing(
    store: Store, client: Clients, team: Team, ids: dict[str, int], scopes: tuple[Scope, ...]
) -> None:
    caller = client(team.ada, *scopes)
    before = everything(store)
    may = SHAPERS if Scope.IMPORT in scopes else frozenset()
    for verb in VERBS:
        if verb.path == "/attributes" and may:
            continue  # those who import may bring attributes
        assert ask(caller, verb, ids) == 403, f"{verb.method} {verb.path}"
    assert everything(store) == before


def test_nothing_of_another_reps_can_be_seen_or_changed_under_owner_privacy(
    store: Store, client: Clients, team: Team, ids: dict[str, int], private: None
) -> None:
    bob = client(team.bob)
    before = everything(store)
    for verb in VERBS:
        if any(
            key in verb.path
            for key in ("{contact}", "{company}", "{deal}", "{note}", "{order}", "{checklist}", "{item}")
        ):
            assert ask(bob, verb, ids) == 404, f"{verb.method} {verb.path}"
    for path in (
        "/contacts/{contact}",
        "/companies/{company}",
        "/deals/{deal}",
        "/deals/{deal}/history",
        "/deals/{deal}/checklist",
        "/orders/{order}",
    ):
        assert bob.get(path.format(**ids)).status_code == 404, path
    assert everything(store) == before


def test_what_was_deleted_stays_its_owners(
    store: Store, client: Clients, team: Team, ids: dict[str, int], private: None
) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, ids["deal"])
        orders.delete(tx, ids["order"])
        contacts.delete(tx, ids["contact"])
        companies.delete(tx, ids["company"])
    bob = client(team.bob)
    for path in ("/contacts/{contact}", "/companies/{company}", "/deals/{deal}", "/orders/{order}"):
        assert bob.post(f"{path}/restore".format(**ids)).status_code == 404, path


@pytest.fixture
def counted(client: Clients) -> Callable[[TestClient], Iterator[int]]:
    def of(caller: TestClient) -> Iterator[int]:
        yield caller.get("/contacts").json()["total"]
        yield caller.get("/contacts", params={"search": "caio"}).json()["total"]
        yield caller.get(
            "/contacts", params={"filter": '{"kind":"rule","field":"name","op":"is","value":"Caio"}'}
        ).json()["total"]
        yield caller.get("/companies", params={"search": "lanterna"}).json()["total"]
        yield caller.get("/deals").json()["total"]
        yield caller.get("/deals", params={"search": "chairs"}).json()["total"]
        yield caller.get("/orders").json()["total"]
        yield caller.get("/orders", params={"search": "lamp"}).json()["total"]
        about = '{"kind":"related","relation":"orders","of":[{"kind":"rule","field":"title","op":"is","value":"Lamp"}]}'
        yield caller.get("/contacts", params={"filter": about}).json()["total"]
        forecast = caller.get("/reports/forecast").json()
        yield forecast["undated"]["count"]
        yield len(caller.get("/reports/forecast/deals", params={"cell": "undated"}).json()["items"])
        yield caller.get("/reports/conversion", params={"pipeline": "1"}).json()["entered"]
        yield caller.get("/reports/customers").json()["customers"]
        yield caller.get("/reports/customers/people", params={"cell": "rfm:1:1"}).json()["count"]

    return of


def test_no_count_search_filter_or_report_tells_of_another_reps_records(
    client: Clients, team: Team, ids: dict[str, int], private: None, counted: Callable[[TestClient], Iterator[int]]
) -> None:
    assert set(counted(client(team.ana))) == {1}
    assert set(counted(client(team.bob))) == {0}
    assert set(counted(client(team.marta))) == {1}


def test_a_double_of_a_hidden_contact_does_not_say_whose_it_is(
    client: Clients, team: Team, ids: dict[str, int], private: None
) -> None:
    refused = client(team.bob).post("/contacts", json={"email": "caio@example.com"})
    assert refused.status_code == 409
    assert "holder" not in refused.json()
    assert "Caio" not in refused.text


@pytest.mark.parametrize("field", ["contact_id", "company_id"])
def test_a_deal_cannot_point_to_a_hidden_record(
    client: Clients, team: Team, ids: dict[str, int], private: None, field: str
) -> None:
    hidden = ids[field.removesuffix("_id")]
    bob = client(team.bob)
    answers = [bob.post("/deals", json={"title": "Mine", "pipeline_id": 1, field: number}) for number in (hidden, 777)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text, "hidden and missing are not told apart"


def test_a_move_beside_a_hidden_deal_tells_nothing(
    client: Clients, team: Team, ids: dict[str, int], private: None
) -> None:
    bob = client(team.bob)
    mine = bob.post("/deals", json={"title": "Mine", "pipeline_id": 1}).json()
    answers = [
        bob.post(f"/deals/{mine['id']}/move", json={"stage_id": 2, "before": number}) for number in (ids["deal"], 777)
    ]
    assert answers[0].status_code == answers[1].status_code
