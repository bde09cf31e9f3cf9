"""The routes of each record type and their description: a field or a verb that the API forgets fails here by name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from crm.api import app, bodies, rate
from crm.api.paths import BASE, list_path, words
from crm.platform import process
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope
from crm.records.declaration import RecordType, Trait
from crm.records.fields import FieldKind
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team


@pytest.fixture
def ada(store: Store, team: Team, of: RecordType[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The administrator before an API that was built while `of` was registered."""
    process.use(store)
    monkeypatch.setattr(rate, "_buckets", {})
    with store.writing(team.ada) as tx:
        token = tokens.issue(tx, name="Test", scopes=tuple(Scope), expires_at=None).text
    served = Starlette(routes=[Mount(BASE, app=app.built())])
    with TestClient(served, base_url=f"http://mallard.test{BASE}", raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def as_json(given: Any) -> Any:
    return json.loads(json.dumps(given, default=str))


def held(of: RecordType[Any], answer: Any, keys: Any) -> dict[str, Any]:
    found = of.record(**answer)
    return {key: getattr(found, key) for key in keys}


def test_each_field_is_made_read_changed_and_refused(
    ada: TestClient, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    given, other = samples.record(0), samples.record(1)
    made = ada.post(list_path(of), json=as_json({**given, **apart}))
    assert made.status_code == 201, made.text
    one = f"{list_path(of)}/{made.json()['id']}"
    assert made.headers["Location"] == f"{BASE}{one}"
    assert held(of, made.json(), given) == given
    assert ada.get(one).json() == made.json()
    assert made.json()["id"] in [row["id"] for row in ada.get(list_path(of)).json()["items"]]
    for key, value in other.items():
        now = ada.get(one)
        changed = ada.patch(one, json=as_json({key: value}), headers={"If-Match": now.headers["ETag"]})
        assert changed.status_code == 200, f"{of.key}.{key}: {changed.text}"
        assert held(of, changed.json(), [key]) == {key: value}
        stale = ada.patch(one, json=as_json({key: given[key]}), headers={"If-Match": now.headers["ETag"]})
        assert stale.status_code == 412
    for key, field in of.edited.items():
        for value in (samples.wrong(field), *((None,) if field.required else ())):
            refused = ada.patch(one, json=as_json({key: value}))
            assert refused.status_code == 422, f"{of.key}.{key} takes {value}"
            assert [error["field"] for error in refused.json()["errors"]] == [key]
    assert ada.patch(one, json={"colour": "red"}).json()["errors"][0]["field"] == "colour"


def test_a_new_record_needs_what_its_declaration_requires(
    ada: TestClient, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    needed = {key for key, field in of.edited.items() if field.required and field.default is None}
    for key in needed:
        given = {**samples.record(0), **apart}
        del given[key]
        refused = ada.post(list_path(of), json=as_json(given))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, key)
    least = {key: value for key, value in samples.record(0).items() if key in needed | {"contact_id"}} | apart
    made = ada.post(list_path(of), json=as_json(least | ({} if needed else {"name": "Lia"})))
    assert made.status_code == 201, made.text


def test_what_its_traits_promise_has_routes(
    ada: TestClient, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    first, second = (
        ada.post(list_path(of), json=as_json({**samples.record(which), **apart})).json() for which in (0, 1)
    )
    one = f"{list_path(of)}/{first['id']}"
    if of.has(Trait.LABELS):
        assert ada.patch(one, json={"labels": ["vip"]}).json()["labels"] == ["vip"]
    if of.has(Trait.MERGE):
        planned = ada.post(f"{one}/merge/preview", json={"absorbed_id": second["id"]})
        assert planned.json()["result"]["id"] == first["id"]
        merged = ada.post(f"{one}/merge", json={"absorbed_id": second["id"]})
        assert (merged.status_code, merged.json()["id"]) == (200, first["id"])
        merge = ada.get(f"{one}/merges").json()["items"][0]
        parted = ada.post(f"{one}/unmerge", json={"merge_id": merge["id"]}).json()
        assert (parted["survivor"]["id"], parted["absorbed"]["id"]) == (first["id"], second["id"])
    if of.has(Trait.BIN):
        assert ada.delete(one).status_code == 204
        assert ada.get(one).status_code == 404
        assert ada.post(f"{one}/restore").json()["id"] == first["id"]
    else:
        assert ada.delete(one).status_code == 405


def test_the_description_tells_of_each_field(ada: TestClient, of: RecordType[Any]) -> None:
    described = ada.get("/openapi.json").json()
    schemas, name = described["components"]["schemas"], of.record.__name__
    answered = described["paths"][f"{list_path(of)}/{{id}}"]["get"]["responses"]["200"]["content"]["application/json"]
    answer = schemas[answered["schema"]["$ref"].rpartition("/")[2]]
    assert set(answer["properties"]) == set(of.record.model_fields)
    change, given = schemas[f"{name}Change"], schemas[f"{name}Given"]
    assert set(change["properties"]) >= set(of.edited)
    assert not change.get("required")
    assert set(given["properties"]) >= {*of.edited, *of.extra_arguments}
    for key, field in of.edited.items():
        for body in (given, change):
            said = body["properties"][key]
            kinds = {one.get("type") for one in said.get("anyOf", [said])}
            if body is change or key != "ordered_on":  # a null in a new order is today
                assert ("null" in kinds) != bool(field.required), f"{of.key}.{key}"
            assert said.get("description") == field.described or not field.described
        assert (key in given.get("required", ())) == (bool(field.required) and field.default is None), f"{of.key}.{key}"
    names = {said["operationId"] for methods in described["paths"].values() for said in methods.values()}
    one, many = words(of)
    assert {f"list_{many}", f"create_{one}", f"get_{one}", f"edit_{one}"} <= names


def test_every_kind_of_field_has_a_type_in_bodies() -> None:
    assert set(bodies.TYPES) == set(FieldKind)


def test_a_type_whose_module_is_off_has_no_routes(
    ada: TestClient, store: Store, team: Team, of: RecordType[Any]
) -> None:
    if of.module is None:
        pytest.skip(f"{of.plural} are always there")
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = module <> $off", off=of.module.value)
    assert ada.get(list_path(of)).status_code == 404
    paths = ada.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path.split("/")[1] == list_path(of).split("/")[1]]
