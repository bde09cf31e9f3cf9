"""A module that is off leaves no field behind: not in answers, descriptions, filters, files or imports."""

import csv
import io
import json
from typing import Any

import pytest

from crm import companies, contacts, deals, exports, imports, orders
from crm.contacts.declaration import CONTACT
from crm.deals import Deal
from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.imports import Options
from crm.imports.fields import targets
from crm.imports.mapping.column_mapping import choose
from crm.platform import workspace
from crm.records.listing import ListQuery
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

FIELDS = {
    Module.COMPANIES: {"company_id", "company_name"},
    Module.CRM: {"deal_id", "deal_title"},
    Module.CATALOG: {"product_id"},
}


@pytest.fixture
def acme(store: Store, team: Team, chairs: Deal) -> int:
    """A company with a contact, a deal and an order."""
    with store.writing(team.ada) as tx:
        for module in (Module.COMPANIES, Module.CRM, Module.ORDERS, Module.CATALOG):
            workspace.switch(tx, module, True)
    with store.writing(team.ada) as tx:
        acme = companies.create(tx, name="Acme")
        lia = contacts.create(tx, name="Lia", company_id=acme.id)
        deals.edit(tx, chairs.id, company_id=acme.id)
        orders.create(tx, title="Lamp", value=1, currency="BRL", contact_id=lia.id, deal_id=chairs.id)
    return acme.id


def off(store: Store, team: Team, module: Module) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, module, False)


def keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(keys, value)) if value else set()
    return set(value) | set().union(*map(keys, value.values())) if isinstance(value, dict) and value else set()


@pytest.mark.parametrize("module", list(FIELDS))
def test_no_answer_and_no_description_of_the_api_has_its_fields(
    store: Store, client: Clients, team: Team, acme: int, module: Module
) -> None:
    ada = client(team.ada)
    looks = ["/contacts", "/contacts/1", "/deals", "/deals/1", "/orders", "/orders/1", "/deals/1/lines"]
    assert FIELDS[module] & (keys([ada.get(path).json() for path in looks]) | keys(ada.get("/openapi.json").json()))
    off(store, team, module)
    answers = [ada.get(path) for path in looks]
    assert 200 in {answer.status_code for answer in answers}
    assert not FIELDS[module] & keys([answer.json() for answer in answers])
    described = ada.get("/openapi.json").json()
    assert not FIELDS[module] & keys(described["components"]["schemas"])
    own = {Module.CRM: "deals", Module.CATALOG: "products", Module.COMPANIES: "companies"}[module]
    assert not [path for path in described["paths"] if path.split("/")[1] == own]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"company\\u005fid": null}'),
        ("application/JSON", b'{"company_id": null}'),
        ("Application/Merge-Patch+JSON", b'{"company_id": null}'),
    ],
)
def test_its_field_is_found_however_the_request_is_written(
    store: Store, client: Clients, team: Team, acme: int, media_type: str, body: bytes
) -> None:
    ada = client(team.ada)
    off(store, team, Module.COMPANIES)
    refused = ada.patch("/contacts/1", content=body, headers={"Content-Type": media_type})
    assert (refused.status_code, refused.json()["detail"]) == (422, "There is no field “company_id” here.")
    with store.reading(team.ada) as tx:
        assert tx.value("SELECT company_id FROM base.contacts WHERE id = 1") == acme


def test_a_request_that_names_its_field_is_refused_as_one_that_never_was(
    store: Store, client: Clients, team: Team, acme: int
) -> None:
    ada = client(team.ada)
    off(store, team, Module.COMPANIES)
    for method, path, body in (
        ("POST", "/contacts", {"name": "Bia", "company_id": acme}),
        ("PATCH", "/contacts/1", {"company_id": None}),
        ("PATCH", "/deals/1", {"company_id": acme}),
    ):
        refused = ada.request(method, path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "company_id")
    assert ada.patch("/contacts/1", json={"city": "Recife"}).status_code == 200
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, True)
    assert ada.get("/contacts/1").json()["company_name"] == "Acme"


@pytest.mark.parametrize(
    ("kind", "module", "header"),
    [
        ("contacts", Module.COMPANIES, "Company"),
        ("deals", Module.COMPANIES, "Company"),
        ("orders", Module.CRM, "Deal"),
    ],
)
def test_no_file_has_its_column_and_no_import_its_field(
    store: Store, team: Team, acme: int, kind: str, module: Module, header: str
) -> None:
    def headers() -> tuple[list[str], list[str], list[str]]:
        with store.reading(team.ada) as tx:
            files = (exports.export(tx, kind, "csv", ListQuery()), imports.template_csv(tx, kind))
            exported, template = (next(csv.reader(io.StringIO(one.decode("utf-8-sig")))) for one in files)
            return exported, template, [target.label for target in targets(imports.type_of(kind), tx.actor.modules)]

    assert header in headers()[0]
    assert header in headers()[2]
    off(store, team, module)
    assert not any(header in found for found in headers())


@pytest.mark.parametrize("kind", ["contacts", "deals"])
def test_no_list_is_sorted_by_its_name(client: Clients, store: Store, team: Team, acme: int, kind: str) -> None:
    ada = client(team.ada)
    assert ada.get(f"/{kind}?sort=-company").status_code == 200
    off(store, team, Module.COMPANIES)
    refused = ada.get(f"/{kind}?sort=-company")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sort")
    assert "company" not in refused.json()["detail"].split("only by")[1]


@pytest.mark.parametrize(
    ("kind", "module", "words"),
    [
        ("contacts", Module.COMPANIES, ("company",)),
        ("deals", Module.COMPANIES, ("company",)),
        ("contacts", Module.CRM, ("deal",)),
        ("contacts", Module.ORDERS, ("order",)),
        ("orders", Module.CRM, ("deal",)),
        ("deals", Module.CATALOG, ("product",)),
    ],
)
def test_no_filter_asks_for_its_fields(
    client: Clients, store: Store, team: Team, acme: int, kind: str, module: Module, words: tuple[str, ...]
) -> None:
    ada = client(team.ada)
    assert any(word in json.dumps(ada.get(f"/criteria/{kind}").json()).lower() for word in words)
    off(store, team, module)
    told = json.dumps(ada.get(f"/criteria/{kind}").json()).lower()
    assert not [word for word in words if f'"{word}' in told]


def test_a_mapping_to_its_field_is_refused_and_its_column_left_out(store: Store, client: Clients, team: Team) -> None:
    on = frozenset(Module) - {Module.COMPANIES}
    assert choose(CONTACT, ["Name", "Company"], Options(), [], on).columns == {"Name": "name", "Company": ""}
    with pytest.raises(Invalid, match="no field “company”"):
        choose(CONTACT, ["Name", "X"], Options(mapping={"X": "company"}), [], on)
