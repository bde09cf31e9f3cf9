"""Contacts by their deals, notes and company; companies by their contacts and deals; deals by whom they are with."""

from dataclasses import dataclass

import pytest

from crm import companies, contacts, deals, pipelines
from crm.contacts import ListQuery
from crm.foundation.access import Actor, Module
from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.records import filtering, notes
from crm.records.filters import All, Filter, Measure, Not, Related, Rule, broken, describe
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team

OPEN, WON = (Rule(field="status", op="is", value=kind) for kind in ("open", "won"))
LARGE = Rule(field="value", op="more_than", value=1000)


@dataclass(frozen=True)
class Sales:
    lead: int
    offer: int


@pytest.fixture
def sales(store: Store, team: Team) -> Sales:
    """Ana Lima has a large won deal and a small open one, Bia a large open one; Caio has none, and a note."""
    with store.writing(team.marta) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        aurora = companies.create(tx, name="Aurora", domain="aurora.example")
        ana = contacts.create(tx, name="Ana Lima", company_id=aurora.id)
        bia = contacts.create(tx, name="Bia", owner_id=team.ids.bob)
        caio = contacts.create(tx, name="Caio")
        lead, offer = pipeline.open_stages
        large = deals.create(tx, title="Large", pipeline_id=pipeline.id, contact_id=ana.id, value=5000, currency="BRL")
        deals.win(tx, large.id, on=tx.today)
        deals.create(
            tx,
            title="Small",
            pipeline_id=pipeline.id,
            contact_id=ana.id,
            company_id=aurora.id,
            value=10,
            currency="BRL",
            stage_id=offer.id,
        )
        deals.create(tx, title="Other", pipeline_id=pipeline.id, contact_id=bia.id, value=2000, currency="USD")
        notes.add(tx, "contact", caio.id, "Wants a *quote*")
    return Sales(lead.id, offer.id)


def names(store: Store, actor: Actor, asked: Filter) -> list[str]:
    with store.reading(actor) as tx:
        return [row["name"] for row in contacts.find(tx, ListQuery(asked, sort="name")).items]


def having(*of: Filter) -> Related:
    return Related(relation="deals", of=of)


def figure(figure: str, op: str, value: object = None, *of: Filter, **more: str) -> Related:
    given = {"figure": figure, "op": op, "value": value, **more}
    return Related(relation="deals", of=of, measure=Measure.model_validate(given))


@pytest.mark.usefixtures("sales")
def test_two_conditions_are_met_by_the_same_deal(store: Store, team: Team) -> None:
    assert names(store, team.marta, having(OPEN, LARGE)) == ["Bia"]
    assert names(store, team.marta, All(of=(having(OPEN), having(LARGE)))) == ["Ana Lima", "Bia"]
    assert names(store, team.marta, Not(of=having())) == ["Caio"]


def test_a_stage_of_the_deal_is_asked_about_by_its_name(store: Store, team: Team, sales: Sales) -> None:
    asked = having(Rule(field="stage_id", op="is", value=sales.offer))
    assert names(store, team.marta, asked) == ["Ana Lima"]
    with store.reading(team.marta) as tx:
        assert describe(asked, contacts.fields(tx)) == "has a deal where Stage is Sales: Offer"


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (figure("count", "at_least", 2), ["Ana Lima"]),
        (figure("count", "is", 0), ["Caio"]),
        (figure("count", "less_than", 2), ["Bia", "Caio"]),
        (figure("count", "is_not", 0, WON), ["Ana Lima"]),
        (figure("sum", "more_than", 100, field="value", currency="BRL"), ["Ana Lima"]),
        (figure("sum", "at_most", 0, field="value", currency="BRL"), ["Bia", "Caio"]),
        (figure("average", "is", 2505, field="value", currency="BRL"), ["Ana Lima"]),
        (figure("last", "in_last_days", 1, field="closed_on"), ["Ana Lima"]),
        (figure("last", "is_empty", field="closed_on"), ["Bia", "Caio"]),
    ],
)
def test_a_figure_over_deals_is_compared(store: Store, team: Team, asked: Related, found: list[str]) -> None:
    assert names(store, team.marta, asked) == found


@pytest.mark.usefixtures("sales")
def test_notes_and_the_company_are_asked_about_too(store: Store, team: Team) -> None:
    quote = Related(relation="notes", of=(Rule(field="text", op="contains", value="*quote*"),))
    aurora = Related(relation="company", of=(Rule(field="name", op="is", value="aurora"),))
    assert names(store, team.marta, quote) == ["Caio"]
    assert names(store, team.marta, aurora) == ["Ana Lima"]
    assert names(store, team.marta, Not(of=aurora)) == ["Bia", "Caio"]


@pytest.mark.usefixtures("sales")
def test_companies_and_deals_are_found_by_their_relatives(store: Store, team: Team) -> None:
    ana = Related(relation="contacts", of=(Rule(field="name", op="starts_with", value="ana"),))
    of_ana = Related(relation="contact", of=(Rule(field="name", op="ends_with", value="LIMA"),))
    with store.reading(team.marta) as tx:
        assert [row["name"] for row in companies.find(tx, ListQuery(ana, sort="name")).items] == ["Aurora"]
        assert companies.find(tx, ListQuery(having(WON), sort="name")).total == 0
        assert [row["title"] for row in deals.find(tx, ListQuery(of_ana, sort="title")).items] == ["Large", "Small"]


@pytest.mark.usefixtures("sales")
def test_deals_that_one_may_not_see_are_not_asked_about(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Mine")
    assert names(store, team.ana, having()) == []
    assert names(store, team.ana, figure("count", "is", 0)) == ["Mine"]
    assert names(store, team.bob, having(LARGE)) == []
    assert names(store, team.rui, having(OPEN, LARGE)) == ["Bia"]


@pytest.mark.usefixtures("sales")
def test_a_module_that_is_off_takes_its_criteria_with_it(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
        workspace.switch(tx, Module.COMPANIES, False)
    asked = All(of=(having(OPEN), Rule(field="company.name", op="contains", value="aurora")))
    with store.reading(team.marta) as tx:
        known = contacts.fields(tx)
        assert list(known.relations) == ["notes"]
        assert broken(asked, known) == [
            "“deals” can no longer be filtered by.",
            "The field “company.name” no longer exists.",
        ]
        with pytest.raises(Invalid, match="no “deals” to filter by"):
            contacts.find(tx, ListQuery(asked))


def test_a_stage_that_is_gone_breaks_the_filter_instead_of_being_left_out(
    store: Store, team: Team, sales: Sales
) -> None:
    asked = having(Rule(field="stage_id", op="one_of", value=(sales.lead, sales.offer)))
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.offer, deals_to=sales.lead)
        assert broken(asked, contacts.fields(tx)) == [f"“Stage” no longer has the value “{sales.offer}”."]
        with pytest.raises(Invalid, match="“Stage” no longer has the value"):
            contacts.count(tx, ListQuery(asked))


@pytest.mark.usefixtures("sales")
def test_every_part_of_a_filter_is_counted_in_one_look(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        known = filtering.fields_of(tx, "contacts")
        parts = [All(of=()), having(OPEN), having(OPEN, LARGE), All(of=(having(OPEN), Not(of=having(LARGE))))]
        assert filtering.counts(tx, known, parts) == [3, 2, 1, 0]
        assert filtering.counts(tx, known, []) == []


@pytest.mark.parametrize("noun", ["contacts", "companies", "deals", "orders"])
def test_every_criterion_of_every_noun_can_be_asked(store: Store, team: Team, noun: str) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.reading(team.ana) as tx:
        known = filtering.fields_of(tx, noun)
        own: list[Filter] = [Rule(field=key, op="is_not", value=True) for key in known if known[key].type == "checkbox"]
        own += [Rule(field=key, op="is_empty") for key in known if known[key].type != "checkbox"]
        related = [
            Related(relation=relation.key, of=(Rule(field=key, op="is_not_empty"),))
            for relation in known.relations.values()
            for key, field in relation.fields.items()
            if field.type != "checkbox"
        ]
        assert filtering.counts(tx, known, [*own, *related]) == [0] * len([*own, *related])


def test_a_noun_that_nobody_knows_is_refused(store: Store, team: Team) -> None:
    with store.reading(team.ana) as tx, pytest.raises(Invalid, match="cannot be filtered"):
        filtering.fields_of(tx, "users")
