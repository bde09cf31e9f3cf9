"""Exports over the API: the whole list as a file, and nobody else's rows in it."""

import io
import json
from itertools import product

import polars as pl
import pytest

from crm import contacts
from crm.deals import Deal
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

BEGINNINGS = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK\x03\x04", "parquet": b"PAR1"}


def test_every_list_leaves_in_every_format(
    subtests: pytest.Subtests, client: Clients, team: Team, chairs: Deal
) -> None:
    ana = client(team.ana)
    for kind, form in product(("contacts", "companies", "deals"), BEGINNINGS):
        with subtests.test(kind=kind, form=form):
            found = ana.get(f"/exports/{kind}.{form}")
            assert found.status_code == 200, found.text
            assert found.headers["Content-Disposition"] == f'attachment; filename="{kind}.{form}"'
            assert found.content.startswith(BEGINNINGS[form])


def test_an_export_follows_filter_and_sort(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ana) as tx:
        for name, city in (("A", "Recife"), ("B", "Natal"), ("C", "Recife")):
            contacts.create(tx, name=name, city=city)
    asked = {"kind": "rule", "field": "city", "op": "is", "value": "Recife"}
    found = client(team.ana).get("/exports/contacts.csv", params={"filter": json.dumps(asked), "sort": "-name"})
    assert pl.read_csv(io.BytesIO(found.content))["Name"].to_list() == ["C", "A"]


def test_without_the_permission_or_the_scope_nothing_leaves(client: Clients, team: Team, chairs: Deal) -> None:
    assert client(team.vera).get("/exports/deals.csv").status_code == 403
    assert client(team.ana, Scope.READ, Scope.WRITE).get("/exports/deals.csv").status_code == 403
    assert client(team.ana, Scope.EXPORT).get("/exports/deals.csv").status_code == 200


def test_an_export_holds_what_one_sees_and_no_more(client: Clients, team: Team, chairs: Deal, private: None) -> None:
    assert b"Chairs" in client(team.ana).get("/exports/deals.csv").content
    assert b"Chairs" not in client(team.bob).get("/exports/deals.csv").content
    assert b"Chairs" in client(team.marta).get("/exports/deals.csv").content


def test_what_cannot_be_exported_is_refused(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ada = client(team.ada)
    for path in ("/exports/users.csv", "/exports/deals.json", "/exports/deals", "/exports/deals.csv?limit=1"):
        with subtests.test(path=path):
            assert ada.get(path).status_code in (404, 422)


def test_a_cell_that_a_spreadsheet_would_run_leaves_defused(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ana) as tx:
        for city in ("x;=cmd|'/C calc'!A0;y", "＝1+1"):
            contacts.create(tx, name="Lia", city=city)
    found = client(team.ana).get("/exports/contacts.csv", params={"sort": "name"})
    assert sorted(pl.read_csv(io.BytesIO(found.content))["City"]) == ["'＝1+1", "x;'=cmd|'/C calc'!A0;y"]


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=x", "bytes=99999999999-", "lines=1-2"])
def test_nothing_of_an_export_stays_behind_whatever_part_is_asked_for(
    store: Store, client: Clients, team: Team, asked: str
) -> None:
    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia")
    for path in ("/exports/contacts.csv", f"/contacts/{lia.id}/personal-data"):
        assert client(team.ada).get(path, headers={"Range": asked}).status_code in (206, 400, 416)
    assert list((store.folder / "outgoing").iterdir()) == []
