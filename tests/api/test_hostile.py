"""What no field can hold is refused with 422 and the field's name, at every route that takes a number, a day or a text:
never a fault of ours, and never a body that takes minutes to read."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from crm import catalog, contacts, orders
from crm.api import rate
from crm.deals import quote
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import attributes, checklists
from crm.reports import scenarios
from crm.reports.assumptions import Assumptions
from crm.store import Store
from crm.webhooks import inbound
from tests.api.conftest import SERVED, Clients
from tests.people import Team

NUMBERS: tuple[Any, ...] = (
    "1e999999999", "-1e999999999", "NaN", "Infinity", "9" * 5000, 10**400, "1e15", float("inf"), True, "\u0661e99",
)  # fmt: skip
DAYS: tuple[Any, ...] = (
    "0001-01-01", "9999-12-31", "2026-02-30", "2026-12-31T00:00:00Z", 10**400, 1e308, "-1", "x" * 5000, True,
)  # fmt: skip
TEXTS: tuple[Any, ...] = ("\0", "half \ud83d", "x" * 100_000, 10**400, 1e308, ["x"])
WHOLES: tuple[Any, ...] = (10**400, -1, 1.5, "1e9", float("nan"), "9" * 5000)

NUMBER, DAY, TEXT, WHOLE = "number", "day", "text", "whole"
HOSTILE = {NUMBER: NUMBERS, DAY: DAYS, TEXT: TEXTS, WHOLE: WHOLES}

ORDER = {"title": "Lamp", "value": "1", "contact_id": 1}
DEAL = {"title": "Chairs", "pipeline_id": 1}
LINE = {"name": "Chair", "unit_price": "1"}
ASSUMED: dict[str, Any] = {
    "win_rate": "0.9",
    "stages": [{"stage_id": 1, "probability": "20"}],
    "shifts": [{"days": 5}],
    "leaving": [{"owner_id": 1, "to_id": 2}],
    "deals": [{"deal_id": 1}],
}
ASSUMED_FIELDS = {
    "win_rate": NUMBER,
    "stages.0.stage_id": WHOLE,
    "stages.0.probability": NUMBER,
    "shifts.0.stage_id": WHOLE,
    "leaving.0.to_id": WHOLE,
    "leaving.0.lost": NUMBER,
    "deals.0.deal_id": WHOLE,
    "deals.0.probability": NUMBER,
    "deals.0.value": NUMBER,
    "deals.0.expected_close": DAY,
}

BODIES: dict[tuple[str, str], tuple[dict[str, Any], dict[str, str]]] = {
    ("POST", "/orders"): (
        ORDER,
        {"value": NUMBER, "ordered_on": DAY, "paid_on": DAY, "title": TEXT, "note": TEXT, "external_id": TEXT,
         "currency": TEXT, "contact_id": WHOLE, "deal_id": WHOLE},
    ),
    ("PATCH", "/orders/1"): ({}, {"value": NUMBER, "ordered_on": DAY, "paid_on": DAY, "title": TEXT, "note": TEXT}),
    ("POST", "/orders/1/status"): ({"status": "paid"}, {"paid_on": DAY}),
    ("POST", "/deals"): (
        DEAL,
        {"value": NUMBER, "own_probability": NUMBER, "expected_close": DAY, "title": TEXT, "identifier": TEXT,
         "source": TEXT, "currency": TEXT,
         "pipeline_id": WHOLE, "stage_id": WHOLE, "attributes.my_number": NUMBER, "attributes.my_currency": NUMBER,
         "attributes.my_percent": NUMBER, "attributes.my_date": DAY, "attributes.my_text": TEXT,
         "attributes.my_link": TEXT, "attributes.my_list": TEXT},
    ),
    ("PATCH", "/deals/1"): (
        {},
        {"value": NUMBER, "own_probability": NUMBER, "expected_close": DAY, "title": TEXT, "attributes.my_date": DAY},
    ),
    ("POST", "/deals/1/move"): ({"stage_id": 1}, {"stage_id": WHOLE, "before": WHOLE, "after": WHOLE}),
    ("POST", "/deals/1/win"): ({}, {"on": DAY, "reason_id": WHOLE, "note": TEXT}),
    ("POST", "/deals/1/lose"): ({"note": "Dear"}, {"on": DAY, "reason_id": WHOLE, "note": TEXT}),
    ("POST", "/deals/1/lines"): (LINE, {"quantity": NUMBER, "unit_price": NUMBER, "name": TEXT, "sku": TEXT}),
    ("PATCH", "/deals/1/lines/1"): (
        {"discount_kind": "fixed"},
        {"quantity": NUMBER, "unit_price": NUMBER, "discount": NUMBER, "name": TEXT},
    ),
    ("POST", "/deals/1/quotes"): ({}, {"valid_until": DAY, "valid_days": WHOLE, "note": TEXT}),
    ("POST", "/products"): (
        {"sku": "A-1", "name": "Chair"},
        {"prices.BRL": NUMBER, "prices.JPY": NUMBER, "sku": TEXT, "name": TEXT, "description": TEXT},
    ),
    ("PATCH", "/products/1"): ({}, {"prices.BRL": NUMBER, "name": TEXT}),
    ("POST", "/pipelines"): ({"name": "New", "stages": [{"name": "One"}]}, {"stages.0.probability": NUMBER}),
    ("POST", "/pipelines/1/stages"): ({"name": "More"}, {"probability": NUMBER, "name": TEXT, "colour": TEXT}),
    ("PATCH", "/pipelines/1/stages/1"): ({}, {"probability": NUMBER, "limit_days": WHOLE, "name": TEXT}),
    ("POST", "/deals/1/checklist"): ({"name": "List"}, {"name": TEXT}),
    ("POST", "/checklists/1/items"): ({"text": "Call"}, {"due_on": DAY, "text": TEXT, "assignee_id": WHOLE}),
    ("PATCH", "/checklist-items/1"): ({}, {"due_on": DAY, "text": TEXT}),
    ("POST", "/checklist-templates"): ({"name": "T", "items": [{"text": "Call"}]}, {"items.0.due_days": WHOLE}),
    ("POST", "/bulk-changes/preview"): (
        {"kind": "deals", "action": "win"},
        {"on": DAY, "reason_id": WHOLE, "note": TEXT},
    ),
    ("POST", "/bulk-changes"): (
        {"kind": "deals", "action": "link", "ids": [1], "linked_kind": "object_1", "linked_id": 1},
        {"linked_on": DAY},
    ),
    ("POST", "/contacts"): (
        {"name": "Lia"},
        {"name": TEXT, "email": TEXT, "phone": TEXT, "identifier": TEXT, "city": TEXT, "country": TEXT,
         "company_id": WHOLE, "attributes.my_number": NUMBER, "attributes.my_date": DAY},
    ),
    ("POST", "/companies"): (
        {"name": "Aurora"},
        {"name": TEXT, "domain": TEXT, "description": TEXT, "attributes.my_number": NUMBER},
    ),
    ("POST", "/contacts/1/notes"): ({"text": "Hello"}, {"text": TEXT}),
    ("POST", "/labels"): ({"name": "vip"}, {"name": TEXT}),
    ("POST", "/sql/queries"): ({"name": "Q", "sql": "SELECT 1"}, {"name": TEXT}),
    ("POST", "/dashboards"): (
        {"name": "D", "tiles": [{"kind": "segment", "width": "half", "source_id": 1}]},
        {"name": TEXT, "tiles.0.source_id": WHOLE, "team_id": WHOLE},
    ),
    ("POST", "/dashboard-schedules"): (
        {"every": "week", "weekday": 1, "recipient_ids": [1]},
        {"hour": WHOLE, "weekday": WHOLE, "month_day": WHOLE, "dashboard_id": WHOLE, "recipient_ids": WHOLE},
    ),
    ("PUT", "/targets"): ({"period": "2026-03", "amount": "100"}, {"amount": NUMBER}),
    ("POST", "/scenarios"): (
        {"name": "Slump", "assumptions": ASSUMED},
        {"name": TEXT, **{f"assumptions.{field}": kind for field, kind in ASSUMED_FIELDS.items()}},
    ),
    ("PATCH", "/scenarios/1"): (
        {"assumptions": ASSUMED}, {f"assumptions.{field}": kind for field, kind in ASSUMED_FIELDS.items()}
    ),
    ("POST", "/reports/what-if/preview"): (ASSUMED, ASSUMED_FIELDS),
    ("POST", "/rates"): (
        {"currency": "USD", "day": "2026-03-02", "rate": "5.12"},
        {"currency": TEXT, "day": DAY, "rate": NUMBER},
    ),
}  # fmt: skip
"""Of each route with such fields: a body that is sound, and the fields."""


@pytest.fixture
def ada(store: Store, team: Team, chairs: Any, client: Clients, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client, in a store with one of each record."""
    monkeypatch.setattr(rate, "take", lambda _: None)
    with store.writing(team.ada) as tx:
        for module in (Module.ORDERS, Module.CATALOG, Module.OBJECTS):
            workspace.switch(tx, module, True)
    with store.writing(team.ada) as tx:
        for model in ("contact", "company", "deal"):
            for kind in attributes.PLAIN:
                attributes.define(tx, model=model, name=f"My {kind.value}", type=kind)
        lia = contacts.create(tx, name="Lia")
        orders.create(tx, title="Lamp", value=1, contact_id=lia.id)
        catalog.create(tx, sku="CHAIR", name="Chair", prices={"BRL": 5})
        quote.add(tx, chairs.id, name="Chair", unit_price=600, quantity=2)
        checklists.add_item(tx, checklists.add(tx, chairs.id, "To do").id, "Call")
        scenarios.create(tx, name="Boom", assumptions=Assumptions(win_rate=Decimal(2)))
    return client(team.ada)


def placed(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """The body with the value at a place such as `stages.0.probability`."""
    made = json.loads(json.dumps(body))
    *way, last = field.split(".")
    at = made
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    at[last] = value
    return made


def sent(client: TestClient, method: str, path: str, body: dict[str, Any]) -> Any:
    content = json.dumps(body)
    return client.request(method, path, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("kind", [NUMBER, DAY, TEXT, WHOLE])
def test_what_no_field_can_hold_is_refused_by_its_name(ada: TestClient, kind: str) -> None:
    wrong = []
    for (method, path), (body, fields) in BODIES.items():
        for field in (field for field, of in fields.items() if of == kind):
            for value in HOSTILE[kind]:
                answer = sent(ada, method, path, placed(body, field, value))
                named = [one["field"] for one in answer.json().get("errors", ())]
                said = field.removeprefix("attributes.") if kind != TEXT else ""
                if answer.status_code != 422 or not any(said.partition(".")[0] in one for one in named):
                    wrong.append((method, path, field, str(value)[:30], answer.status_code, answer.text[:200]))
                assert len(answer.content) < 10_000
    assert wrong == []


def test_every_number_and_day_of_the_description_is_in_the_table(ada: TestClient) -> None:
    described = ada.get("/openapi.json").json()
    missing = []
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            shape = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            known = {way for way, fields in places() if same(way[1], path) and way[0] == method.upper()}
            fields = {field for way, of in places() if way in known for field in of}
            told = {one.split(".")[-1] for one in fields} | SAME_AS
            wanted = bounded(shape, described["components"]["schemas"]) if path not in NO_COLUMNS else set()
            missing += [(method, path, field) for field in sorted(wanted - told)]
    assert missing == []


NO_COLUMNS = {"/hooks/orders", "/sql/queries", "/sql/queries/{id}"}
"""A message that is read by hand; and values of parameters, which no column holds: see tests/workbench."""

SAME_AS = {"prices", "attributes", "due_days", "my_date", "my_number", "my_percent", "my_currency"}
"""Maps, whose values the table has by key; attributes, which are one shape for every record; and a template's days."""


def places() -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    for way, (_, fields) in BODIES.items():
        yield way, fields
    for path in ("/bulk-changes", "/bulk-changes/preview"):  # one shape
        yield ("POST", path), BODIES["POST", "/bulk-changes/preview"][1]
        yield ("POST", path), BODIES["POST", "/bulk-changes"][1]


def same(asked: str, described: str) -> bool:
    ours, theirs = asked.split("/"), described.split("/")
    return len(ours) == len(theirs) and all(a == b or b.startswith("{") for a, b in zip(ours, theirs, strict=True))


def bounded(shape: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The names of the fields of a shape, at any depth, that take a day or a number that need not be whole."""
    if "$ref" in shape:
        return bounded(schemas[shape["$ref"].rpartition("/")[2]], schemas)
    found: set[str] = set()
    for name, said in shape.get("properties", {}).items():
        kinds = [said, *said.get("anyOf", [])]
        if any(one.get("format") == "date" or one.get("type") == "number" for one in kinds):
            found.add(name)
        for one in kinds:
            found |= bounded(one, schemas) | bounded(one.get("items", {}), schemas)
    return found


def rule(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"kind": "rule", "field": field, "op": op, "value": value}


FILTERS = {
    "contacts": [
        *(rule("attribute:my_number", "more_than", value) for value in NUMBERS if value != "1e15"),
        *(rule("attribute:my_date", "is", value) for value in DAYS),
        *(rule("created_at", "before", value) for value in DAYS),
        rule("name", "is", "x" * 501),
        rule("name", "is", "\0"),
        rule("owner_id", "is", 10**40),
        rule("created_at", "in_last_days", 10**40),
        {"kind": "related", "relation": "deals", "of": [], "measure": {"figure": "sum", "field": "value",
         "currency": "BRL", "op": "more_than", "value": "1e999999999"}},
    ],
    "orders": [
        rule("value", "between", ["1", "1e999999999"]),
        rule("ordered_on", "between", ["0001-01-01", "2026-01-01"]),
    ],
    "deals": [rule("value", "is", "9" * 5000), rule("expected_close", "after", "9999-12-31")],
}  # fmt: skip


def test_a_filter_beyond_all_bounds_is_refused_in_an_address_and_in_a_body(ada: TestClient) -> None:
    wrong = []
    for kind, asked in FILTERS.items():
        for one in asked:
            text = json.dumps(one)
            answers = [
                ada.get(f"/{kind}", params={"filter": text}),
                ada.get(f"/exports/{kind}.csv", params={"filter": text}),
                sent(ada, "POST", "/bulk-changes/preview", {"kind": kind, "action": "set_owner", "filter": one}),
                *([sent(ada, "POST", "/segments/count", {"kind": kind, "filter": one})] if kind == "contacts" else []),
            ]
            wrong += [
                (kind, text[:120], str(answer.request.url)[:60], answer.text[:200])
                for answer in answers
                if answer.status_code != 422 or not answer.json()["errors"]
            ]
    assert wrong == []


CURSORS = [
    json.dumps(parts)
    for parts in (
        ["-created_at", "0001-01-01 BC", 1], ["-created_at", "infinity", 1], ["-created_at", "9" * 900, 1],
        ["value", "1e999999999", 1], ["value", "NaN", 1], ["value", None, 2**80], ["value", "1", -1],
        ["value", "1", 1.5],
    )
] + ["[" * 1400, "\0", "9" * 1400]  # fmt: skip


def test_the_parameters_of_an_address_are_bounded(ada: TestClient) -> None:
    """Every query parameter of every GET, and every id in a path."""
    described = ada.get("/openapi.json").json()
    faults = []
    for path, methods in described["paths"].items():
        told = methods.get("get", {}).get("parameters", [])
        sound = path.replace("{kind}", "contacts").replace("{format}", "csv").replace("{subjects}", "contacts")
        for number in ("9" * 30, "9" * 5000):
            answer = ada.get(_filled(sound, number)) if "get" in methods else None
            if answer is not None and answer.status_code >= 500:
                faults.append((path, number[:40], answer.text[:100]))
        for one in (one for one in told if one["in"] == "query"):
            for value in ("9" * 5000, "1e999999999", "0001-01-01/0001-02-01", "\0"):
                answer = ada.get(_filled(sound, "1"), params={one["name"]: value})
                if answer.status_code >= 500:
                    faults.append((path, one["name"], value[:40], answer.text[:100]))
    for cursor in CURSORS:
        sort = "-created_at" if "created_at" in cursor else "value"
        given = {"sort": sort, "cursor": base64.urlsafe_b64encode(cursor.encode()).decode()[:2000]}
        answer = ada.get("/deals", params=given)
        if answer.status_code >= 500:
            faults.append(("cursor", cursor[:40], answer.text[:100]))
    for cell in ("won:0001-01-01", f"lost::{'9' * 80}", f"reached:{'9' * 80}", "open:9999-12-31"):
        report = {"w": "closings", "l": "closings", "r": "conversion", "o": "forecast"}[cell[0]]
        answer = ada.get(f"/reports/{report}/deals", params={"cell": cell, "pipeline": "1"})
        assert answer.status_code == 422, (cell, answer.text)
    assert faults == []


def _filled(path: str, number: str) -> str:
    return "/".join(number if part.startswith("{") else part for part in path.split("/"))


def test_a_version_or_key_beyond_all_bounds_is_refused(ada: TestClient) -> None:
    answer = ada.patch("/deals/1", json={"title": "x"}, headers={"If-Match": '"' + "9" * 50 + '"'})
    assert answer.status_code == 422
    answer = ada.post("/labels", json={"name": "x"}, headers={"Idempotency-Key": "k" * 5000})
    assert answer.status_code in (400, 422)


def test_a_body_nested_too_deep_or_with_an_endless_integer_is_refused(ada: TestClient) -> None:
    for content in ("[" * 100_000, '{"value": ' + "9" * 5000 + "}", '{"title": ' + "[" * 5_000 + "]" * 5_000 + "}"):
        answer = ada.patch("/deals/1", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), (content[:20], answer.text)


MESSAGES: list[tuple[dict[str, Any], str | None]] = [
    *(({"value": value}, "value") for value in NUMBERS if value not in (10**400, float("inf"))),
    *(({"ordered_on": day}, "ordered_on") for day in ("0001-01-01", "9999-12-31")),
    ({"title": "\0"}, "title"),
    ({"title": "x" * 5000}, "title"),
    ({"contact_id": None, "contact": {"email": "x" * 5000}}, "email"),
    ({"contact_id": 2**64}, "data.contact_id"),
]


def test_a_signed_message_that_cannot_be_kept_is_refused_and_logged(store: Store, team: Team, ada: TestClient) -> None:
    """It is answered for good, with what to mend, and the log of deliveries says so: nobody has to send it for ever."""
    with store.writing(team.ada) as tx:
        secret = inbound.make(tx, "commerce")
    lamp = {"external_id": "1", "title": "Lamp", "value": "1", "contact_id": 1}
    bodies = [({"type": "order.created", "data": {**lamp, **wrong}}, field) for wrong, field in MESSAGES]
    bodies += [({"type": "order.created", "timestamp": when, "data": lamp}, "timestamp") for when in (
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300)]  # fmt: skip
    with TestClient(SERVED, base_url=ada.base_url, raise_server_exceptions=False) as anyone:
        for number, (body, field) in enumerate(bodies):
            content = json.dumps(body).encode()
            moment = datetime.now(UTC)
            headers = {
                "webhook-id": f"msg_{number}",
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": Webhook(secret).sign(f"msg_{number}", moment, content.decode()),
            }
            answer = anyone.post("/hooks/orders", content=content, headers=headers)
            assert answer.status_code == 422, (body, answer.text)
            with store.reading(team.ada) as tx:
                kept = inbound.recent(tx, limit=1)[0]
            assert (kept.message_id, kept.status) == (f"msg_{number}", 422)
            assert kept.reason
            assert field is None or (kept.field or "").endswith(field), (body, kept)
