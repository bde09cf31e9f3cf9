"""Changing the stages of a pipeline."""

from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.errors import Forbidden, Invalid, Stale
from crm.pipelines import Pipeline
from crm.records.history import history
from crm.store import Store, Writing
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


def names(pipeline: Pipeline) -> list[str]:
    return [stage.name for stage in pipeline.stages]


def test_a_stage_is_added_after_the_last_open_one(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        after = pipelines.add_stage(tx, sales.id, "Contract", probability=Decimal(90))
    assert names(after) == ["Lead", "Talk", "Offer", "Contract", "Won", "Lost"]
    assert after.version > sales.version


def test_a_stage_can_be_renamed_recoloured_and_given_another_chance(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.stages[0].id
    with store.writing(team.marta) as tx:
        pipelines.rename_stage(tx, lead, "Fresh lead")
        pipelines.recolour_stage(tx, lead, "#ABCDEF")
        after = pipelines.set_probability(tx, lead, Decimal("12.5")).stages[0]
    assert (after.name, after.colour, after.probability) == ("Fresh lead", "#abcdef", Decimal("12.5"))


def test_a_chance_is_adopted_by_whoever_saw_the_one_that_holds(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.stages[0]
    with store.writing(team.marta) as tx:
        after = pipelines.adopt_probability(tx, lead.id, Decimal("12.5"), seen=lead.probability)
        assert after.stages[0].probability == Decimal("12.5")
        assert pipelines.adopt_probability(tx, lead.id, Decimal("12.50"), seen=lead.probability) == after
    refused = f"set to 12.5 % meanwhile; you saw {lead.probability.normalize():f} %"
    with pytest.raises(Invalid, match=refused), store.writing(team.ada) as tx:
        pipelines.adopt_probability(tx, lead.id, Decimal(40), seen=lead.probability)
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        pipelines.adopt_probability(tx, lead.id, Decimal("12.5"), seen=Decimal("12.5"))


def test_the_chances_of_won_and_lost_stay_what_they_mean(store: Store, team: Team, sales: Pipeline) -> None:
    for stage in (sales.won, sales.lost):
        with pytest.raises(Invalid, match="ends a deal"), store.writing(team.marta) as tx:
            pipelines.set_probability(tx, stage.id, Decimal(50))


@pytest.mark.parametrize("chance", ["-1", "100.5", "NaN"])
def test_a_chance_lies_between_0_and_100(store: Store, team: Team, sales: Pipeline, chance: str) -> None:
    with pytest.raises(Invalid, match="between 0 and 100"), store.writing(team.marta) as tx:
        pipelines.set_probability(tx, sales.stages[0].id, Decimal(chance))


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "url(x)"])
def test_a_colour_is_six_hex_digits(store: Store, team: Team, sales: Pipeline, colour: str) -> None:
    with pytest.raises(Invalid, match="not a colour"), store.writing(team.marta) as tx:
        pipelines.recolour_stage(tx, sales.stages[0].id, colour)


def test_two_stages_of_a_pipeline_cannot_share_a_name(store: Store, team: Team, sales: Pipeline) -> None:
    with pytest.raises(Invalid, match="already has a stage"), store.writing(team.marta) as tx:
        pipelines.rename_stage(tx, sales.stages[0].id, "won")


def test_open_stages_are_put_in_order_and_won_and_lost_stay_last(store: Store, team: Team, sales: Pipeline) -> None:
    lead, talk, offer = (stage.id for stage in sales.open_stages)
    with store.writing(team.marta) as tx:
        assert names(pipelines.reorder_stages(tx, sales.id, [offer, lead, talk])) == [
            *("Offer", "Lead", "Talk", "Won", "Lost"),
        ]


def test_an_order_of_other_stages_than_there_are_is_refused(store: Store, team: Team, sales: Pipeline) -> None:
    lead, talk, _ = (stage.id for stage in sales.open_stages)
    for order in ([lead, talk], [lead, talk, talk], [lead, talk, sales.won.id]):
        with pytest.raises(Invalid, match="changed meanwhile"), store.writing(team.marta) as tx:
            pipelines.reorder_stages(tx, sales.id, order)


def test_an_empty_stage_is_simply_removed(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        assert names(deals.remove_stage(tx, sales.stages[1].id)) == ["Lead", "Offer", "Won", "Lost"]


def _three_deals(tx: Writing, sales: Pipeline, stage: int) -> list[int]:
    return [
        deals.create(tx, title=title, pipeline_id=sales.id, stage_id=sales.stages[stage].id).id
        for title in ("Chairs", "Desks", "Lamps")
    ]


def test_a_stage_with_deals_is_removed_only_by_saying_where_they_go(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        _three_deals(tx, sales, 1)
    for target in (None, sales.stages[1].id, sales.won.id):
        with pytest.raises(Invalid), store.writing(team.marta) as tx:
            deals.remove_stage(tx, sales.stages[1].id, deals_to=target)


def test_deals_of_a_removed_stage_move_below_those_that_stand_there_in_their_order(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.marta) as tx:
        here = _three_deals(tx, sales, 2)
        moved = _three_deals(tx, sales, 1)
        deals.remove_stage(tx, sales.stages[1].id, deals_to=sales.stages[2].id)
        found = deals.board(tx, sales.id)
    offer = next(column for column in found.columns if column.stage.name == "Offer")
    assert [card.id for card in offer.cards] == [*reversed(here), *reversed(moved)]


def test_a_removed_stage_keeps_its_name_in_the_movements_of_its_deals(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.marta) as tx:
        chairs, *_ = _three_deals(tx, sales, 1)
        deals.remove_stage(tx, sales.stages[1].id, deals_to=sales.stages[0].id)
        moves = deals.movements(tx, chairs)
    assert [(move.from_stage, move.to_stage) for move in moves] == [(None, "Talk"), ("Talk", "Lead")]


def test_deals_in_the_bin_leave_a_removed_stage_too(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        chairs, *_ = _three_deals(tx, sales, 1)
        deals.delete(tx, chairs)
        deals.remove_stage(tx, sales.stages[1].id, deals_to=sales.stages[0].id)
        assert deals.restore(tx, chairs).stage_name == "Lead"


def test_won_lost_and_the_last_open_stage_cannot_be_removed(store: Store, team: Team, sales: Pipeline) -> None:
    for stage in (sales.won, sales.lost):
        with pytest.raises(Invalid, match="one Won and one Lost"), store.writing(team.marta) as tx:
            deals.remove_stage(tx, stage.id)
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.stages[0].id)
        deals.remove_stage(tx, sales.stages[1].id)
    with pytest.raises(Invalid, match="at least one open stage"), store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.stages[2].id)


@pytest.mark.parametrize("who", ["ana", "rui", "vera"])
def test_only_managers_and_administrators_change_stages(store: Store, team: Team, sales: Pipeline, who: str) -> None:
    lead = sales.stages[0].id
    for change in (
        lambda tx: pipelines.add_stage(tx, sales.id, "Contract"),
        lambda tx: pipelines.rename_stage(tx, lead, "x"),
        lambda tx: pipelines.recolour_stage(tx, lead, "#000000"),
        lambda tx: pipelines.set_probability(tx, lead, Decimal(1)),
        lambda tx: pipelines.reorder_stages(tx, sales.id, [stage.id for stage in sales.open_stages]),
        lambda tx: deals.remove_stage(tx, lead),
        lambda tx: pipelines.rename(tx, sales.id, "x"),
        lambda tx: pipelines.delete(tx, sales.id),
    ):
        with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
            change(tx)
    with store.reading(team.ada) as tx:
        assert pipelines.get(tx, sales.id) == sales


def test_each_deal_of_a_removed_stage_says_in_its_history_who_moved_it(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        chairs, *_ = _three_deals(tx, sales, 1)
        seen = deals.get(tx, chairs).version
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.stages[1].id, deals_to=sales.stages[0].id)
        newest = history(tx, "deal", chairs)[0]
    assert (newest.name, newest.actor_name) == ("deal.moved", "Marta")
    assert newest.payload["changes"]["stage_name"] == ["Talk", "Lead"]
    with pytest.raises(Stale, match="Marta moved “Chairs” to Lead"), store.writing(team.ana) as tx:
        deals.edit(tx, chairs, version=seen, source="Fair")


def test_the_log_still_holds_after_many_events_of_one_change(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        _three_deals(tx, sales, 1)
        deals.remove_stage(tx, sales.stages[1].id, deals_to=sales.stages[0].id)
        _three_deals(tx, sales, 0)
    assert verify(store) == []
