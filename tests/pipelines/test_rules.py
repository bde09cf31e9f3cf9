"""Making rules: who may, what a stage can ask for, and what a rule means whose attribute is gone."""

from datetime import date
from typing import Any

import pytest

from crm import contacts, deals, pipelines
from crm.deals import Deal
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Incomplete, Invalid
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import attributes
from crm.store import Store
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id)


def ask(store: Store, team: Team, stage_id: int, *fields: str) -> None:
    with store.writing(team.marta) as tx:
        pipelines.require_fields(tx, stage_id, fields)


def test_a_refusal_names_every_field_in_their_order(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    offer = sales.open_stages[2]
    ask(store, team, offer.id, "source", "contact_id", "value")
    with pytest.raises(Incomplete) as refusal, store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=offer.id)
    assert str(refusal.value) == "“Chairs” cannot enter “Offer”: it asks for Value, Contact and Source."
    assert list(refusal.value.fields) == ["value", "contact_id", "source"]


FILLED: dict[str, Any] = {
    "value": 10,
    "expected_close": date(2027, 1, 1),
    "owner_id": 1,
    "priority": "high",
    "source": "Fair",
    "identifier": "D-1",
}


@pytest.mark.parametrize("field", FILLED)
def test_what_a_stage_asks_for_lets_a_deal_in_once_it_is_there(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, field: str
) -> None:
    offer = sales.open_stages[2].id
    ask(store, team, offer, field)
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, **{field: None})
    with pytest.raises(Incomplete), store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=offer)
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, **{field: FILLED[field]})
        assert deals.move(tx, chairs.id, to_stage=offer).stage_id == offer


def test_a_deal_with_its_contact_gets_in(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    offer = sales.open_stages[2].id
    ask(store, team, offer, "contact_id")
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, contact_id=contacts.create(tx, name="Caio").id)
        assert deals.move(tx, chairs.id, to_stage=offer).stage_id == offer


@pytest.mark.parametrize(
    ("kind", "empty", "filled"), [("text", None, "XL"), ("number", None, 0), ("checkbox", False, True)]
)
def test_an_attribute_can_be_asked_for(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, kind: str, empty: object, filled: object
) -> None:
    offer = sales.open_stages[2].id
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type=kind)
    ask(store, team, offer, f"attribute:{size.id}")
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, attributes={"size": empty})
    with pytest.raises(Incomplete, match="asks for Size") as refusal, store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=offer)
    assert list(refusal.value.fields) == ["attributes.size"]
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, attributes={"size": filled})
        assert deals.move(tx, chairs.id, to_stage=offer).stage_id == offer


def test_a_rule_whose_attribute_was_deleted_lets_nobody_in_and_says_why(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    offer = sales.open_stages[2]
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="deal", name="Size", type="text")
    ask(store, team, offer.id, f"attribute:{size.id}")
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, attributes={"size": "XL"})
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        attributes.define(tx, model="deal", name="Size", type="text")
    with store.reading(team.ana) as tx:
        assert [(rule.name, rule.broken) for rule in pipelines.rules_of(tx, sales)[offer.id]] == [("Size", True)]
    with pytest.raises(Incomplete, match="“Size”, deleted since; a manager can fix"), store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=offer.id)
    ask(store, team, offer.id, f"attribute:{size.id}", "owner_id")
    with store.reading(team.ana) as tx:
        assert [rule.broken for rule in pipelines.rules_of(tx, sales)[offer.id]] == [False, True]
    with store.writing(team.ada) as tx:
        attributes.restore(tx, size.id)
    with store.writing(team.ana) as tx:
        assert deals.move(tx, chairs.id, to_stage=offer.id).stage_id == offer.id


def test_a_company_is_not_asked_for_while_its_module_is_off(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    offer = sales.open_stages[2].id
    ask(store, team, offer, "company_id")
    with pytest.raises(Incomplete, match="Company"), store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=offer)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    with store.writing(team.ana) as tx:
        assert deals.move(tx, chairs.id, to_stage=offer).stage_id == offer


def test_a_new_rule_touches_no_deal_that_stands_there(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    lead = sales.open_stages[0].id
    with store.writing(team.ana) as tx:
        tables = deals.create(tx, title="Tables", pipeline_id=sales.id)
    ask(store, team, lead, "value", "contact_id")
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, title="Red chairs")
        deals.move(tx, chairs.id, to_stage=lead, before=tables.id)
        assert deals.get(tx, chairs.id).stage_id == lead


def test_a_stage_cannot_ask_for_what_deals_do_not_have(store: Store, team: Team, sales: Pipeline) -> None:
    for field in ("titel", "attribute:99", "rank", "manual_value"):
        with pytest.raises(Invalid, match="no such field"), store.writing(team.marta) as tx:
            pipelines.require_fields(tx, sales.won.id, [field])


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_only_who_shapes_pipelines_makes_rules(store: Store, team: Team, sales: Pipeline, name: str) -> None:
    for verb in (
        lambda tx: pipelines.require_fields(tx, sales.won.id, ["value"]),
        lambda tx: pipelines.set_limit(tx, sales.open_stages[0].id, 5),
        lambda tx: pipelines.let_win(tx, sales.id, "managers"),
    ):
        with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
            verb(tx)
    with store.reading(team.ana) as tx:
        assert pipelines.get(tx, sales.id) == sales
        assert not any(pipelines.rules_of(tx, sales).values())


def may_win(store: Store, team: Team, sales: Pipeline) -> list[str]:
    found = []
    for name in ("ada", "marta", "ana", "bob"):
        try:
            with store.writing(getattr(team, name)) as tx:
                deal = deals.create(tx, title="Chairs", pipeline_id=sales.id)
                deals.win(tx, deal.id)
        except Forbidden:
            continue
        found.append(name)
    return found


def test_who_may_win_is_everybody_managers_or_named_people(store: Store, team: Team, sales: Pipeline) -> None:
    assert may_win(store, team, sales) == ["ada", "marta", "ana", "bob"]
    with store.writing(team.marta) as tx:
        pipelines.let_win(tx, sales.id, "managers")
    assert may_win(store, team, sales) == ["ada", "marta"]
    with store.writing(team.marta) as tx:
        pipelines.let_win(tx, sales.id, "named", [team.ids.bob])
    assert may_win(store, team, sales) == ["bob"]
    with (
        pytest.raises(Forbidden, match=r"Ana may not move deals of “Sales” into Won\. Bob can\."),
        store.writing(team.ana) as tx,
    ):
        deals.win(tx, deals.create(tx, title="Chairs", pipeline_id=sales.id).id)


def test_nobody_is_no_list_of_winners(store: Store, team: Team, sales: Pipeline) -> None:
    for people in ([], [999]):
        with pytest.raises(Invalid), store.writing(team.marta) as tx:
            pipelines.let_win(tx, sales.id, "named", people)


def test_a_limit_is_days_of_an_open_stage(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.open_stages[0]
    with store.writing(team.marta) as tx:
        assert pipelines.set_limit(tx, lead.id, 7).stages[0].limit_days == 7
        assert pipelines.set_limit(tx, lead.id, None).stages[0].limit_days is None
    for stage, days in ((lead, 0), (lead, 4000), (sales.won, 7)):
        with pytest.raises(Invalid), store.writing(team.marta) as tx:
            pipelines.set_limit(tx, stage.id, days)
