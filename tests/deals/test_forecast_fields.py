"""A deal's own probability and forecast category stand in place of its stage's, and stay when the stage changes."""

from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid
from crm.pipelines import Category, Pipeline
from crm.store import Store
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


def test_a_stage_gives_its_deals_what_is_usual_for_its_probability(sales: Pipeline) -> None:
    assert [stage.category for stage in sales.stages] == [
        *(Category.PIPELINE, Category.BEST_CASE, Category.COMMIT),
        *(Category.CLOSED, Category.OMITTED),
    ]


def test_what_a_deal_has_of_its_own_outlives_a_change_of_stage(store: Store, team: Team, sales: Pipeline) -> None:
    lead, talk, _ = sales.open_stages
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1000)
        assert (deal.probability, deal.forecast_category) == (lead.probability, "pipeline")
        deal = deals.edit(tx, deal.id, own_probability=60, own_category="commit")
        assert (deal.probability, deal.forecast_category) == (60, "commit")
        moved = deals.move(tx, deal.id, to_stage=talk.id)
        assert (moved.probability, moved.forecast_category) == (60, "commit")
        won = deals.win(tx, deal.id, on=tx.today)
        assert (won.probability, won.forecast_category) == (100, "closed")
        again = deals.reopen(tx, deal.id, to_stage=lead.id)
        assert (again.probability, again.forecast_category) == (60, "commit")
        deal = deals.edit(tx, deal.id, own_probability=None, own_category=None)
        assert deal == deals.get(tx, deal.id)
        assert (deal.probability, deal.forecast_category) == (lead.probability, "pipeline")
    assert verify(store) == []


def test_the_log_keeps_both_over_time(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deal, before = deals.create(tx, title="Chairs", pipeline_id=sales.id), tx.now
    with store.writing(team.ana) as tx:
        deals.edit(tx, deal.id, own_probability=35, own_category="best_case")
    with store.reading(team.ana) as tx:
        (now,) = deals.known(tx, tx.now)
        (then,) = deals.known(tx, before)
    assert (now.probability, now.category) == (35, "best_case")
    assert (then.probability, then.category) == (25, "pipeline")


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_probability_lies_between_0_and_100(store: Store, team: Team, sales: Pipeline, probability: int) -> None:
    with pytest.raises(Invalid, match="between 0 and 100"), store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, own_probability=probability)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM deals") == 0


def test_a_deal_is_closed_by_winning_it_alone(store: Store, team: Team, sales: Pipeline) -> None:
    with pytest.raises(Invalid, match="not a forecast category"), store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, own_category="closed")


def test_the_board_weighs_a_deal_by_its_own_probability(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1000)
        deals.create(tx, title="Lamps", pipeline_id=sales.id, value=500, own_probability=80)
        deals.create(tx, title="Desks", pipeline_id=sales.id, own_probability=10)
    with store.reading(team.ana) as tx:
        (total,) = deals.board(tx, sales.id).columns[0].totals
    assert (total.value, total.weighted) == (1500, Decimal(1000) * 25 / 100 + Decimal(500) * 80 / 100)


def test_a_manager_sets_the_category_of_a_stage(store: Store, team: Team, sales: Pipeline) -> None:
    lead, won = sales.open_stages[0], sales.won
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        pipelines.set_category(tx, lead.id, "commit")
    with pytest.raises(Invalid, match="stays “Closed”"), store.writing(team.marta) as tx:
        pipelines.set_category(tx, won.id, "commit")
    with pytest.raises(Invalid, match="not a forecast category"), store.writing(team.marta) as tx:
        pipelines.set_category(tx, lead.id, "closed")
    with store.writing(team.marta) as tx:
        assert pipelines.set_category(tx, lead.id, "omitted").open_stages[0].category == "omitted"
        deals.create(tx, title="Chairs", pipeline_id=sales.id)
    with store.reading(team.marta) as tx:
        assert [one.category for one in deals.known(tx, tx.now)] == ["omitted"]
    assert verify(store) == []
