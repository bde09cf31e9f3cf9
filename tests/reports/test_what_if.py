"""What-if: assumptions laid over the forecast, against a plain-Python oracle; and scenarios, saved and shared. Today is
15 March 2026; Lead is worth 25 %, Talk 50 %, Offer 75 %."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from crm import deals
from crm.deals.removed_stage import remove_stage
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.pipelines import Pipeline
from crm.reports import assumptions, forecast, scenarios, what_if
from crm.reports.assumptions import AssumedDeal, Assumptions, Cause, Leaving, Shift, StageChance
from crm.reports.forecast import Cell, State
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.scope import Scope
from crm.reports.what_if import WhatIf
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.reports.conftest import Days

TODAY = date(2026, 3, 15)
QUARTER = Period(first=date(2026, 3, 1), end=date(2026, 6, 1))
NOTHING = Assumptions()


@pytest.fixture(autouse=True)
def _today(days: Days) -> None:
    days.go_to(TODAY.isoformat())


def filters(**scope: Any) -> ReportFilters:
    return ReportFilters(scope=Scope(**scope), period=QUARTER, grain=Grain.MONTH, currency=None)


def asked(store: Store, team: Team, given: Assumptions, **scope: Any) -> WhatIf:
    with store.reading(team.marta) as tx:
        return what_if.report(tx, filters(**scope), assumptions.checked(tx, given))


def make(store: Store, team: Team, sales: Pipeline, *made: dict[str, Any]) -> list[int]:
    with store.writing(team.marta) as tx:
        return [
            deals.create(tx, **{"title": f"D{place}", "pipeline_id": sales.id, "value": 1000, **fields}).id
            for place, fields in enumerate(made)
        ]


def test_nothing_assumed_is_the_forecast_and_the_parts_of_the_rest_add_up_as_an_oracle_counts_them(
    store: Store, team: Team, sales: Pipeline
) -> None:
    random = Random(4)
    stages, people = sales.open_stages, (team.ids.ana, team.ids.bob)
    made: list[dict[str, Any]] = [
        {
            "value": random.choice([None, 0, "99.99", 1000, 12345]),
            "stage_id": random.choice(stages).id,
            "owner_id": random.choice([*people, None]),
            "own_probability": random.choice([None, None, 10]),
            "expected_close": random.choice([None, TODAY + timedelta(days=random.randrange(-40, 120))]),
        }
        for _ in range(24)
    ]
    ids = make(store, team, sales, *made)
    with store.writing(team.marta) as tx:
        deals.win(tx, ids.pop())
        made.pop()
        events = tx.value("SELECT max(seq) FROM base.events")
        versions = tx.rows("SELECT count(*) AS n, sum(version) AS s FROM base.deals")
    chances = {stage.id: stage.probability for stage in stages}
    plain = asked(store, team, NOTHING)
    for _ in range(12):
        given = Assumptions(
            stages=tuple(
                StageChance(stage_id=stage.id, probability=Decimal(random.randrange(101)))
                for stage in random.sample(stages, random.randrange(3))
            ),
            win_rate=Decimal(random.randrange(0, 30)) / 10,
            shifts=tuple(
                Shift(
                    days=random.randrange(-40, 40),
                    stage_id=random.choice([None, stages[0].id]),
                    owner_id=random.choice([None, 0, people[0]]),
                )
                for _ in range(random.randrange(3))
            ),
            leaving=random.choice(
                [
                    (),
                    (Leaving(owner_id=people[0]),),
                    (Leaving(owner_id=people[0], to_id=people[1], lost=Decimal("12.5")),),
                ]
            ),
            deals=tuple(
                AssumedDeal(
                    deal_id=deal_id,
                    probability=random.choice([None, Decimal(40)]),
                    value=random.choice([None, Decimal("77.70")]),
                    expected_close=random.choice([None, date(2026, 4, 9)]),
                    dropped=random.random() < 0.2,
                )
                for deal_id in random.sample(ids, random.randrange(4))
            ),
        )
        for owner in (None, people[1]):
            found = asked(store, team, given, owner_id=owner)
            won = found.forecast.won.value
            expected = won + _oracle(made, ids, given, chances, owner)
            assert found.assumed.expected == expected
            assert sum((each.amount for each in found.effects), Decimal(0)) == found.difference
            assert sum((each.difference for each in found.months), Decimal(0)) == found.difference
            assert [each.cause for each in found.effects] == given.causes
    with store.reading(team.marta) as tx:
        assumed = forecast.report(tx, period=QUARTER, grain=Grain.MONTH, assumptions=NOTHING)
        assert assumed.model_copy(update={"assumptions": None}) == plain.forecast
        assert (plain.difference, plain.assumed) == (Decimal(0), plain.forecast)
        assert not plain.effects
        assert tx.value("SELECT max(seq) FROM base.events") == events
        assert tx.rows("SELECT count(*) AS n, sum(version) AS s FROM base.deals") == versions


def _oracle(
    made: list[dict[str, Any]], ids: list[int], given: Assumptions, stages: dict[int, Decimal], owner: int | None
) -> Decimal:
    """The weighted open value of the quarter, deal by deal."""
    total = Decimal(0)
    chances = stages | {one.stage_id: one.probability for one in given.stages}
    of_deals = {one.deal_id: one for one in given.deals}
    of_leavers = {one.owner_id: one for one in given.leaving}
    for deal_id, deal in zip(ids, made, strict=True):
        change, leaving = of_deals.get(deal_id, AssumedDeal(deal_id=0)), of_leavers.get(deal["owner_id"])
        own = deal["own_probability"]
        chance = min((Decimal(own) if own is not None else chances[deal["stage_id"]]) * given.win_rate, Decimal(100))
        if leaving:
            chance *= 1 - leaving.lost / 100
        chance = chance if change.probability is None else change.probability
        holder = leaving.to_id if leaving else deal["owner_id"]
        days = sum(
            shift.days
            for shift in given.shifts
            if shift.stage_id in (None, deal["stage_id"]) and shift.owner_id in (None, deal["owner_id"] or 0)
        )
        close = change.expected_close or (deal["expected_close"] and deal["expected_close"] + timedelta(days=days))
        value = deal["value"] if change.value is None else change.value
        dropped = change.dropped or (leaving is not None and leaving.to_id is None)
        if dropped or (owner is not None and holder != owner) or not close or value is None:
            continue
        if TODAY <= close < QUARTER.end:
            total += Decimal(value) * chance / 100
    return total


def test_the_deals_behind_an_assumed_figure_are_those_it_counts(store: Store, team: Team, sales: Pipeline) -> None:
    (deal_id,) = make(store, team, sales, {"expected_close": date(2026, 4, 1), "owner_id": team.ids.ana})
    given = Assumptions(shifts=(Shift(days=30),), leaving=(Leaving(owner_id=team.ids.ana, to_id=team.ids.bob),))
    assumed = asked(store, team, given).assumed
    with store.reading(team.marta) as tx:
        behind = forecast.drill_down(tx, assumed, Cell(state=State.OPEN, bucket=date(2026, 5, 1)))
    assert [(one.id, one.owner_name, one.expected_close) for one in behind.items] == [
        (deal_id, "Bob", date(2026, 5, 1))
    ]


def test_a_deals_own_probability_stays_when_another_is_assumed_of_its_stage(
    store: Store, team: Team, sales: Pipeline
) -> None:
    close = date(2026, 4, 1)
    make(store, team, sales, {"expected_close": close}, {"expected_close": close, "own_probability": 25})
    given = Assumptions(stages=(StageChance(stage_id=sales.stages[0].id, probability=Decimal(75)),))
    found = asked(store, team, given)
    assert (found.forecast.expected, found.assumed.expected) == (Decimal(500), Decimal(1000))
    assert [(each.cause, each.amount) for each in found.effects] == [(Cause.PROBABILITIES, Decimal(500))]


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        (Assumptions(win_rate=Decimal(11)), "win_rate", "between 0 and 10"),
        (Assumptions(stages=(StageChance(stage_id=1, probability=Decimal(101)),)), "stages", "between 0 and 100"),
        (Assumptions(stages=(StageChance(stage_id=99, probability=Decimal(1)),)), "stages", "no stage 99"),
        (Assumptions(stages=(StageChance(stage_id=1, probability=Decimal(1)),) * 2), "stages", "same: 1"),
        (Assumptions(shifts=(Shift(days=4000),)), "shifts", "3,650 days"),
        (Assumptions(shifts=(Shift(days=1, owner_id=99),)), "shifts", "no owner 99"),
        (Assumptions(leaving=(Leaving(owner_id=99),)), "leaving", "no owner 99"),
        (Assumptions(leaving=(Leaving(owner_id=1, to_id=2), Leaving(owner_id=2))), "leaving", "who leaves"),
        (Assumptions(deals=(AssumedDeal(deal_id=99),)), "deals", "no open deal 99"),
    ],
)
def test_what_cannot_be_assumed_is_refused_by_name(
    store: Store, team: Team, sales: Pipeline, given: Assumptions, field: str, why: str
) -> None:
    with store.reading(team.marta) as tx, pytest.raises(Invalid, match=why) as refused:
        assumptions.checked(tx, given)
    assert refused.value.field == field


def test_a_scenario_is_saved_shared_changed_and_deleted(store: Store, team: Team, sales: Pipeline) -> None:
    slump = Assumptions(win_rate=Decimal("0.80"))
    with store.writing(team.ana) as tx:
        made = scenarios.create(tx, name=" Slump ", assumptions=slump)
    assert (made.name, made.assumptions.win_rate, made.shared, made.version) == ("Slump", Decimal("0.8"), False, 1)
    with store.reading(team.marta) as tx:
        assert scenarios.all_of(tx) == []
    with pytest.raises(NotFound), store.writing(team.marta) as tx:
        scenarios.delete(tx, made.id)
    with store.writing(team.ana) as tx:
        with pytest.raises(Invalid, match="already"):
            scenarios.create(tx, name="slump", assumptions=slump)
        with pytest.raises(Invalid, match="something that is assumed"):
            scenarios.create(tx, name="Nothing", assumptions=NOTHING)
        shared = scenarios.edit(tx, made.id, version=1, shared=True)
        assert scenarios.edit(tx, made.id, name="Slump").version == shared.version == 2
    with store.reading(team.vera) as tx:
        assert [each.name for each in scenarios.all_of(tx)] == ["Slump"]
    with pytest.raises(Forbidden), store.writing(team.marta) as tx:
        scenarios.edit(tx, made.id, name="Mine")
    with pytest.raises(Forbidden), store.writing(team.marta) as tx:
        scenarios.delete(tx, made.id)
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        scenarios.edit(tx, made.id, version=1, name="Late")
    with store.writing(team.ada) as tx:
        scenarios.delete(tx, made.id)
    with store.reading(SYSTEM) as tx:
        names = [row["name"] for row in tx.rows("SELECT name FROM base.events WHERE subject_kind = 'scenario'")]
    assert names == ["scenario.created", "scenario.changed", "scenario.deleted"]


def test_what_of_a_scenario_is_gone_is_said_and_what_is_hidden_stays_hidden(
    store: Store, team: Team, sales: Pipeline
) -> None:
    of_bob, won, binned = make(store, team, sales, {"owner_id": team.ids.bob}, {"title": "Chairs"}, {})
    given = Assumptions(
        stages=(StageChance(stage_id=sales.stages[1].id, probability=Decimal(5)),),
        deals=tuple(AssumedDeal(deal_id=each, probability=Decimal(90)) for each in (of_bob, won, binned)),
    )
    with store.writing(team.marta) as tx:
        made = scenarios.create(tx, name="Plan", assumptions=given, shared=True)
        deals.win(tx, won)
        deals.delete(tx, binned)
        remove_stage(tx, sales.stages[1].id)
    with store.reading(team.marta) as tx:
        found = scenarios.get(tx, made.id)
        told = what_if.report(tx, filters(), found.assumptions, hidden=found.hidden)
    assert (found.hidden, [each.deal_id for each in found.assumptions.deals]) == (1, [of_bob, won])
    assert ["“Talk” is gone" in told.stale[0], "“Chairs” is closed" in told.stale[1]] == [True, True]
    assert told.stale[2].startswith("1 deal ")
    owner_privacy(store, team)
    with store.reading(team.ana) as tx:
        hers = scenarios.get(tx, made.id)
    assert of_bob not in [each.deal_id for each in hers.assumptions.deals]
    with store.writing(team.marta) as tx:
        scenarios.edit(tx, made.id, name="Plan 2")
        stored = tx.value("SELECT assumptions FROM base.forecast_scenarios WHERE id = $id", id=made.id)
    assert len(Assumptions.model_validate_json(stored).deals) == 3
