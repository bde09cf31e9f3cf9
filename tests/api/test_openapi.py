"""The description of the API is valid, complete, and what the API does."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.routing import Mount
from starlette.testclient import TestClient

from crm.api.app import api
from crm.deals import Deal
from crm.platform.people.tokens import Scope
from tests.api.conftest import SERVED, Clients
from tests.people import Team

RUNS_OF_SQL = {"/sql", "/sql/{id}/cancel", "/sql/queries/{id}/run"}
"""They change nothing."""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return TestClient(SERVED).get("/api/v1/openapi.json").json()


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, said) for path, methods in described["paths"].items() for method, said in methods.items()]


def test_it_is_valid_openapi(described: dict[str, Any]) -> None:
    validate(described)


def test_it_says_where_the_api_is(described: dict[str, Any]) -> None:
    assert isinstance(SERVED.routes[0], Mount)
    assert [server["url"] for server in described["servers"]] == [SERVED.routes[0].path]


def test_every_route_is_in_it(described: dict[str, Any]) -> None:
    nouns = {path.split("/")[1] for path in described["paths"]}
    assert nouns == {
        "contacts", "companies", "deals", "orders", "pipelines", "pipeline-templates", "close-reasons", "imports",
        "exports", "reports", "attributes", "users", "healthz", "segments", "saved-views", "bulk-changes", "criteria",
        "duplicates", "erasures", "notes", "files", "labels", "bin", "{subjects}",
        "checklists", "checklist-items", "checklist-templates", "products", "hooks", "notices", "objects", "rates",
        "sql", "targets", "dashboards", "dashboard-schedules", "scenarios",
    }  # fmt: skip


def test_every_route_but_health_asks_for_the_token(described: dict[str, Any]) -> None:
    without = [path for path, _, said in operations(described) if not said.get("security")]
    assert without == ["/healthz"]
    scheme = described["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert all(scope in scheme["description"] for scope in Scope)


def test_every_route_documents_its_problems(described: dict[str, Any]) -> None:
    for path, method, said in operations(described):
        if path == "/healthz":
            continue
        statuses = set(said["responses"])
        assert statuses >= {"401", "403", "404", "422", "429", "503"}, (method, path)
        if method != "get":
            assert statuses >= {"400", "409", "413"}, (method, path)
        takes_version = any(given["name"] == "If-Match" for given in said.get("parameters", ()))
        assert ("412" in statuses) == takes_version, (method, path)
    for response in described["components"]["responses"].values():
        assert response["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_operation_has_a_name_of_its_own(described: dict[str, Any]) -> None:
    names = [said["operationId"] for _, _, said in operations(described)]
    assert len(names) == len(set(names))
    assert {"list_deals", "create_contact", "move_deal", "get_forecast"} <= set(names)


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", str(described))):
        found: Any = described
        for step in reference.split("/"):
            found = found[step]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_write_takes_an_idempotency_key(described: dict[str, Any]) -> None:
    for path, method, said in operations(described):
        names = {given["name"] for given in said.get("parameters", ())}
        only_looks = method == "get" or path.endswith(("/preview", "/count")) or path in RUNS_OF_SQL
        if path.startswith("/hooks/"):
            continue  # a message has an id of its own
        assert ("Idempotency-Key" in names) != only_looks, (method, path)


def test_money_is_described_as_text_and_times_as_times(described: dict[str, Any]) -> None:
    deal = described["components"]["schemas"]["Deal"]["properties"]
    assert {one["type"] for one in deal["value"]["anyOf"]} == {"string", "null"}
    assert deal["created_at"]["format"] == "date-time"
    assert {one.get("format") for one in deal["expected_close"]["anyOf"]} == {"date", None}


def test_what_is_answered_is_what_is_described(
    client: Clients, team: Team, chairs: Deal, described: dict[str, Any]
) -> None:
    """A record has the fields that its schema names, no more and no fewer."""
    ana = client(team.ana)
    for noun, schema in (
        ("deals", "Deal"),
        ("contacts", "Contact"),
        ("companies", "Company"),
        ("pipelines", "Pipeline"),
    ):
        ana.post(f"/{noun}", json={"name": "Lia"})
        record = ana.get(f"/{noun}").json()["items"][0]
        assert set(record) == set(described["components"]["schemas"][schema]["properties"]), noun
    for report, schema in (
        ("forecast", "ForecastShown"),
        ("conversion?pipeline=1", "ConversionShown"),
        ("closings", "ClosingsShown"),
        ("velocity", "VelocityShown"),
        ("board?pipeline=1", "BoardShown"),
        ("breakdown?pipeline=1&split=owner", "BreakdownShown"),
    ):
        answer = ana.get(f"/reports/{report}")
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == set(described["components"]["schemas"][schema]["properties"]), report


def test_nothing_in_it_calls_out(described: dict[str, Any]) -> None:
    assert not re.search(r"https?://(?!.*example\.com)", str(described))
    assert api.docs_url is None
    assert api.redoc_url is None
