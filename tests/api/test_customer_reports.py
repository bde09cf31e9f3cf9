"""Customers over the API and as files: figures, people of a cell, refusals."""

import pytest

from crm import contacts, orders
from crm.foundation.access import Module
from crm.platform import workspace
from crm.reports import customer_sheets
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def sold(store: Store, team: Team) -> None:
    """Ana's Lia bought twice today."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="=Lia")
        for value in (100, 50):
            orders.create(tx, title="Thing", contact_id=lia.id, value=value, status="paid", currency="BRL")


def test_the_report_and_the_people_of_a_cell(client: Clients, team: Team, sold: None) -> None:
    marta = client(team.marta)
    report = marta.get("/reports/customers", params={"period": "this-month"}).json()
    assert (report["customers"], report["repeaters"], report["repeat_rate"]) == (1, 1, 1)
    assert report["total"] == {"orders": 2, "revenue": "150.0000"}
    (bucket,) = report["buckets"]
    assert (bucket["new"]["revenue"], bucket["returning"]["revenue"]) == ("100.0000", "50.0000")
    (cohort,) = report["cohorts"]
    assert cohort["cells"] == [
        {"number": 0, "customers": 1, "share": 1.0, "revenue": "150.0000", "kept": 1.0, "over": False}
    ]
    (cell,) = report["rfm"]
    query = {"cell": f"rfm:{cell['recency']}:{cell['frequency']}"}
    people = marta.get("/reports/customers/people", params=query).json()
    assert (people["count"], people["spent"], people["items"][0]["name"]) == (1, "150.0000", "=Lia")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {"of": "planets"}),
        ("", {"source": "heaven"}),
        ("", {"of": "companies", "label": "1"}),
        ("", {"label": "x"}),
        ("", {"by": "week"}),
        ("", {"as_of": "2026-01-01"}),
        ("/people", {"cell": "rfm:9:9"}),
        ("/people", {"cell": "cohort:1999-01-01:0"}),
        ("/people", {}),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: Clients, team: Team, sold: None, path: str, query: dict[str, str]
) -> None:
    assert client(team.marta).get(f"/reports/customers{path}", params=query).status_code == 422


def test_another_persons_segment_is_not_found(client: Clients, team: Team, sold: None) -> None:
    assert client(team.marta).get("/reports/customers", params={"segment": "99"}).status_code == 404


def test_without_the_module_there_is_none(client: Clients, store: Store, team: Team) -> None:
    assert client(team.marta).get("/reports/customers").status_code == 404


def test_the_files_hold_the_figures_and_no_names(store: Store, team: Team, sold: None) -> None:
    with store.reading(team.rui) as tx:
        files = {name: customer_sheets.sheet(tx, name, {"period": "this-month"}) for name in customer_sheets.SHEETS}
    texts = {name: content.decode("utf-8-sig") for name, content in files.items()}
    assert "100.0000,50.0000,0,150.0000,1,1,0,2" in texts["customers"]
    assert texts["customer-cohorts"].splitlines()[1].endswith(",0,1,1.0,BRL,150.0000,1.0,False")
    header, row = texts["customer-rfm"].splitlines()
    assert header == "customer_id,first_on,last_on,orders,spent,recency,frequency,monetary"
    assert row.startswith("1,")
    assert row.endswith(",2,150.0000,1,1,1")
