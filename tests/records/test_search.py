"""Search over all types: what it finds, in which order, and for whom."""

import pytest

from crm import catalog, companies, contacts, deals, orders, pipelines
from crm.contacts import Contact
from crm.foundation.access import SYSTEM, Actor, Module
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import search
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture(autouse=True)
def modules_on(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for module in (Module.ORDERS, Module.CATALOG, Module.COMPANIES, Module.CRM):
            workspace.switch(tx, module, True)


def titles(store: Store, actor: Actor, query: str, **options: object) -> list[str]:
    with store.reading(actor) as tx:
        return [match.title for match in search.find(tx, query, **options)]  # type: ignore[arg-type]


def contact(store: Store, team: Team, name: str, **fields: object) -> Contact:
    with store.writing(team.marta) as tx:
        return contacts.create(tx, name=name, **fields)  # type: ignore[arg-type]


def test_every_type_is_found_with_what_tells_it_from_others(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        company = companies.create(tx, name="Lumen", domain="lumen.example")
        person = contacts.create(tx, name="Lumen Prado", email="lia@lumen.example", company_id=company.id)
        sales = pipelines.create(tx, "Sales", ["New", "Offer"])
        deals.create(tx, title="Lumen licences", pipeline_id=sales.id, contact_id=person.id)
        orders.create(tx, title="Lumen lamp", value=10, contact_id=person.id, external_id="B-7", source="commerce")
        catalog.create(tx, sku="LUM-1", name="Lumen one")
    with store.reading(team.ada) as tx:
        found = {match.kind: match for match in search.find(tx, "lumen")}
    assert {kind: match.title for kind, match in found.items()} == {
        "company": "Lumen",
        "contact": "Lumen Prado",
        "deal": "Lumen licences",
        "order": "Lumen lamp",
        "product": "Lumen one",
    }
    assert found["contact"].detail == "Lumen · lia@lumen.example"
    assert found["deal"].detail.startswith("Lumen Prado · ")
    assert found["order"].detail.startswith("Lumen Prado · B-7 · ")
    assert found["product"].detail == "LUM-1"


def test_the_best_match_comes_first_and_among_equals_the_last_changed(store: Store, team: Team) -> None:
    for name in ("Mariana", "Ana Lima", "Joana", "Lia Anastácio", "Ana"):
        contact(store, team, name)
    assert titles(store, team.marta, "ana") == ["Ana", "Ana Lima", "Lia Anastácio", "Joana", "Mariana"]
    contact(store, team, "Ana Zuleica")
    assert titles(store, team.marta, "ana", limit=3) == ["Ana", "Ana Zuleica", "Ana Lima"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("d'avila", "Maria D’Ávila"),
        ("soren", "Søren Ø"),
        ("o-brien", "Pat O\u2011Brien"),
        ("avila maria", "Maria Ávila"),
    ],
)
def test_any_word_is_found_however_it_is_written(store: Store, team: Team, typed: str, stored: str) -> None:
    contact(store, team, stored)
    contact(store, team, "Somebody Else")
    assert titles(store, team.marta, typed) == [stored]


@pytest.mark.parametrize("typed", ["(11) 98765-4321", "11 98765 4321", "011 98765-4321", "+55 11 98765-4321", "98765"])
def test_a_phone_is_found_in_any_notation(store: Store, team: Team, typed: str) -> None:
    contact(store, team, "Lia", phone="+5511987654321")
    contact(store, team, "Rui", phone="+5511912345678")
    assert titles(store, team.marta, typed) == ["Lia"]


def test_a_rep_finds_their_own_customers_only(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    contact(store, team, "Silva of Ana", owner_id=team.ids.ana)
    contact(store, team, "Silva of Bob", owner_id=team.ids.bob)
    assert titles(store, team.ana, "silva") == ["Silva of Ana"]
    assert titles(store, team.marta, "silva") == ["Silva of Bob", "Silva of Ana"]


def test_what_is_deleted_or_of_a_module_that_is_off_is_not_found(store: Store, team: Team) -> None:
    gone = contact(store, team, "Silva gone")
    with store.writing(team.ada) as tx:
        contacts.delete(tx, gone.id)
        companies.create(tx, name="Silva Ltda")
    assert titles(store, team.ada, "silva") == ["Silva Ltda"]
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    assert titles(store, team.ada, "silva") == []


def test_types_can_be_chosen(store: Store, team: Team) -> None:
    contact(store, team, "Silva")
    with store.writing(team.ada) as tx:
        companies.create(tx, name="Silva Ltda")
    assert titles(store, team.ada, "silva", kinds=("company",)) == ["Silva Ltda"]
    with pytest.raises(Invalid, match="fish"):
        titles(store, team.ada, "silva", kinds=("fish",))


def test_one_type_does_not_crowd_out_the_others(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        companies.create(tx, name="Casa Silva")
    for name in ("Silva A", "Silva B", "Silva C"):
        contact(store, team, name)
    assert titles(store, team.ada, "silva", limit=3, each=2) == ["Silva C", "Silva B", "Casa Silva"]


@pytest.mark.parametrize("query", ["", " ", "a", "-", "\0", "%", "'"])
def test_too_little_to_search_for_finds_nothing(store: Store, team: Team, query: str) -> None:
    contact(store, team, "Ana % ' -")
    assert titles(store, team.marta, query) == []


def test_a_search_beyond_the_limits_is_refused(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="200 characters"):
        titles(store, team.marta, "a" * 201)
    with pytest.raises(Invalid, match="1 to 50"):
        titles(store, team.marta, "silva", limit=51)
