"""The description of the API tells a team of its own types, and nobody else."""

from typing import Any

import pytest
from fastapi.openapi.utils import get_openapi
from openapi_spec_validator import validate

from crm import objects
from crm.api import object_records, openapi
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

RECORDS = "/objects/course/records"


@pytest.fixture
def described(client: Clients, team: Team, courses: ObjectType) -> dict[str, Any]:
    found: dict[str, Any] = client(team.vera).get("/openapi.json").json()
    return found


def test_it_is_valid_and_each_operation_has_a_name_of_its_own(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    with store.writing(team.ada) as tx:
        # Called as schemas and operations that are there already would be.
        for singular, plural in (("Label", "Many labels"), ("Course merges", "Many merges"), ("Course given", "Gifts")):
            objects.create(tx, singular=singular, plural=plural)
    found = client(team.vera).get("/openapi.json").json()
    validate(found)
    names = [said["operationId"] for methods in found["paths"].values() for said in methods.values()]
    assert len(names) == len(set(names))
    assert set(found["components"]["schemas"]["Label"]["properties"]) >= {"name", "colour"}
    assert set(found["components"]["schemas"]["LabelObject"]["properties"]) >= {"name", "external_id"}


def test_the_types_routes_and_fields_are_in_it(described: dict[str, Any]) -> None:
    operations = {
        said["operationId"]
        for path, methods in described["paths"].items()
        for said in methods.values()
        if path.startswith(RECORDS)
    }
    assert operations >= {
        "list_object_course", "create_object_course", "get_object_course", "edit_object_course",
        "delete_object_course", "restore_object_course", "merge_object_course", "upsert_object_course",
    }  # fmt: skip
    assert described["paths"][RECORDS]["get"]["summary"] == "List Courses"
    schemas = described["components"]["schemas"]
    given, shown = schemas["CourseGiven"], schemas["Course"]
    assert given["required"] == ["name"]
    assert {tuple(one["enum"]) for one in given["properties"]["level"]["anyOf"] if "enum" in one} == {
        ("Beginner", "Advanced")
    }
    assert shown["properties"]["level"]["enum"] == ["Beginner", "Advanced", None]
    assert shown["properties"]["starts_on"]["title"] == "Starts on"
    assert "Unique in its type." in given["properties"]["code"]["description"]
    assert "`[A-Z]+-[0-9]+`" in given["properties"]["code"]["description"]
    assert not schemas["CourseChange"].get("required")


def test_where_a_kind_is_named_its_slug_is_one(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert {"contacts", "course", "objects_1"} <= set(schemas["SegmentGiven"]["properties"]["kind"]["enum"])
    (kind,) = [
        one["schema"]["enum"]
        for one in described["paths"]["/exports/{kind}.{format}"]["get"]["parameters"]
        if one["name"] == "kind"
    ]
    assert {"deals", "course"} <= set(kind)


def test_passers_by_and_a_team_without_the_module_are_told_nothing(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    ada = client(team.ada)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    off = ada.get("/openapi.json")
    del ada.headers["Authorization"]
    for answer in (off, ada.get("/openapi.json")):
        assert answer.status_code == 200
        assert not [word for word in ("/objects/course", "CourseGiven", "objects_1") if word in answer.text]


def test_a_request_waits_for_a_description_only_where_it_needs_one(
    client: Clients, team: Team, courses: ObjectType, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def counted(**given: Any) -> Any:
        made.append(given["title"])
        return get_openapi(**given)

    monkeypatch.setattr(openapi, "get_openapi", counted)
    object_records._app.cache_clear()  # another test may have made the same type
    ana = client(team.ana)
    assert ana.post(RECORDS, json={"name": "Chess"}).status_code == 201
    assert ana.get(RECORDS).json()["total"] == 1
    assert made == []
    assert ana.get(RECORDS, params={"nam": "Chess"}).status_code == 422
    assert ana.get(RECORDS, params={"search": "Chess"}).status_code == 200
    assert made == ["Courses"]
