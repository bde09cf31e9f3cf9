"""Attributes in files: the rules of forms and API, for whole columns."""

from typing import Any

import pytest

from crm import contacts, exports, imports
from crm.contacts import ListQuery
from crm.foundation.errors import Invalid
from crm.records import attributes
from crm.store import Store
from tests.imports.conftest import Bring, counts, reasons
from tests.people import Team


def held(store: Store, team: Team) -> dict[str, Any]:
    with store.reading(team.ada) as tx:
        return {row["name"]: row["attributes"] for row in contacts.find(tx, ListQuery()).items}


@pytest.fixture
def shaped(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="list", values=["Small", "Large"])
        attributes.define(
            tx, model="contact", name="Plate", type="text", pattern="[A-Z]{3}-[0-9]+", hint="three letters, a number"
        )
        attributes.define(tx, model="contact", name="Site", type="link", pattern="https://example[.]com/.*")


@pytest.mark.usefixtures("shaped")
def test_a_file_is_held_to_patterns_and_lists(store: Store, team: Team, bring: Bring) -> None:
    found = bring(
        team.ada,
        "contacts",
        "Name,Size,Plate,Site\nA, small ,ABC-1,https://example.com/a\nB,Huge,,\nC,,abc,\nD,,,https://example.org/\nE,,,\n",
    )
    assert counts(found) == (2, 0, 0, 0, 3)
    assert held(store, team) == {
        "A": {"size": "Small", "plate": "ABC-1", "site": "https://example.com/a"},
        "E": {},
    }
    said = dict(reasons(store, team.ada, found))
    assert said[3] == "“Huge” is not a value of the list “Size”. It takes “Small”, “Large”."
    assert said[4] == "“abc” does not fit “Plate”: three letters, a number."
    assert "does not fit “Site”" in said[5]


@pytest.mark.usefixtures("shaped")
def test_a_file_may_bring_new_values_of_a_list(store: Store, team: Team, bring: Bring) -> None:
    content = "Name,Size,Plate\nA,huge,\nB,HUGE,\nC,LARGE,\nD,Tiny,bad\n"
    planned = bring(team.ada, "contacts", content, new_list_values=True, dry_run=True)
    assert counts(planned) == (3, 0, 0, 0, 1)
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "size").values == ("Small", "Large")
    bring(team.ada, "contacts", content, new_list_values=True)
    assert held(store, team) == {"A": {"size": "huge"}, "B": {"size": "huge"}, "C": {"size": "Large"}}
    with store.reading(team.ada) as tx:  # a rejected row brings nothing
        assert attributes.find(tx, "contact", "size").values == ("Small", "Large", "huge")


def test_a_list_made_of_a_column_takes_what_the_column_holds(store: Store, team: Team, bring: Bring) -> None:
    bring(
        team.ada,
        "contacts",
        "Name,Tier\nA,Gold\nB,silver\nC,GOLD\n",
        new_attributes={"Tier": "list"},
        mapping={"Tier": "attribute:tier"},
    )
    assert held(store, team) == {"A": {"tier": "Gold"}, "B": {"tier": "silver"}, "C": {"tier": "Gold"}}
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "tier").values == ("Gold", "silver")


CANONICAL = {
    "text": ["a", " b ", "x" * 5_000],
    "number": ["12.5", "-3", "1000000000000000"],
    "currency": ["12.5", "99999999999999"],
    "percent": ["7", "12.5"],
    "link": ["https://example.com/?a=1", "ftp://example.com", "example.com"],
    "date": ["2026-12-31", "2026-02-30"],
    "list": ["Small", "LARGE", "Huge"],
}


@pytest.mark.parametrize(("type", "text"), [(kind, text) for kind, texts in CANONICAL.items() for text in texts])
def test_a_cell_is_kept_or_refused_as_the_form_would(
    store: Store, team: Team, bring: Bring, type: str, text: str
) -> None:
    with store.writing(team.ada) as tx:
        values = ["Small", "Large"] if type == "list" else []
        attributes.define(tx, model="contact", name="Thing", type=type, values=values)
    try:
        with store.writing(team.ada) as tx:
            wanted = contacts.create(tx, name="By form", attributes={"thing": text}).attributes
    except Invalid:
        wanted = None
    bring(team.ada, "contacts", f"Name,Thing\nBy file,{text}\n", decimal=".", date_patterns={"*": "%Y-%m-%d"})
    assert held(store, team).get("By file") == wanted


@pytest.mark.usefixtures("shaped")
def test_the_template_has_the_attributes_of_now_and_imports_as_it_stands(
    store: Store, team: Team, bring: Bring
) -> None:
    with store.reading(team.ada) as tx:
        template = imports.template_csv(tx, "contacts")
    assert b"Size,Plate,Site" in template
    assert counts(bring(team.ada, "contacts", template, leave_unknown=True)) == (1, 0, 0, 0, 0)
    with store.writing(team.ada) as tx:
        attributes.delete(tx, attributes.find(tx, "contact", "size").id)
        assert b"Size" not in imports.template_csv(tx, "contacts")
        assert b"Size" not in exports.export(tx, "contacts", "csv", ListQuery())


@pytest.mark.usefixtures("shaped")
def test_a_column_of_a_deleted_attribute_is_left_out(store: Store, team: Team, bring: Bring) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, attributes.find(tx, "contact", "size").id)
    found = bring(team.ada, "contacts", "Name,Size\nA,Small\n")
    assert (counts(found), found.found["mapping"]) == ((1, 0, 0, 0, 0), {"Name": "name", "Size": ""})
    assert held(store, team) == {"A": {}}
