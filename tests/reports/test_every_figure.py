"""Over random stores: every figure equals the definition worked out slowly, and its deals sum to it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.reports import closings, conversion, forecast
from crm.reports.closings import Result
from crm.reports.conversion import WITHOUT_STEP, Measure
from crm.reports.forecast import Cell, Figure, State
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Reading, Store
from tests.people import Team
from tests.reports import oracle, world

SEEDS = range(2)
PERIODS = [Period(first=date(2026, 5, 1), end=date(2026, 9, 1)), Period(first=date(2026, 2, 10), end=date(2026, 6, 16))]


@pytest.fixture(params=SEEDS)
def known(request: pytest.FixtureRequest, store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> world.World:
    """What lies in the store. It is the afternoon of TODAY in UTC."""
    now = datetime.combine(world.TODAY, datetime.min.time(), UTC).replace(hour=15)
    monkeypatch.setattr(clock, "now", lambda: now)
    made = world.make(request.param, [team.ids.ana, team.ids.bob])
    with store.writing(SYSTEM) as tx:
        world.lay(tx, made)
    return made


def scopes(team: Team) -> list[Scope]:
    return [
        Scope(),
        Scope(pipeline_ids=(1, 2), owner_id=team.ids.ana, team_id=1),
        Scope(pipeline_ids=(2,), owner_id=0, source="web"),
    ]


@pytest.mark.parametrize("grain", Grain)
def test_the_forecast(store: Store, team: Team, known: world.World, grain: Grain) -> None:
    deals = {deal.id: deal.counted for deal in known.deals}
    with store.reading(team.marta) as tx:
        for scope, period in zip(scopes(team), [*PERIODS, *PERIODS], strict=False):
            expected = oracle.forecast(known, scope, period, grain)
            report = forecast.report(tx, period=period, grain=grain, scope=scope)
            assert report.left_out.get("USD", 0) == sum(
                len(ids) for (currency, *_), ids in expected.items() if currency == "USD"
            )
            for cell, figure in figures(report).items():
                ids = expected["BRL", cell.state.value, cell.bucket]
                behind = forecast.drill_down(tx, report, cell, limit=1000)
                assert {item.id for item in behind.items} == ids
                assert figure.count == behind.count == len(ids)
                assert figure.value == oracle.value_of([deals[each] for each in ids])
                assert figure.value == sum((item.value or Decimal(0) for item in behind.items), Decimal(0))
                assert figure.weighted == oracle.weighted_of([deals[each] for each in ids])
                assert figure.weighted == sum((item.weighted or Decimal(0) for item in behind.items), Decimal(0))
                assert figure.valueless == sum(deals[each].value is None for each in ids)


def figures(report: forecast.Forecast) -> dict[Cell, Figure]:
    found = {Cell(state=State.WON, bucket=each.period.first): each.won for each in report.buckets}
    found |= {Cell(state=State.OPEN, bucket=each.period.first): each.open for each in report.buckets}
    found |= {Cell(state=State.OVERDUE): report.overdue, Cell(state=State.UNDATED): report.undated}
    return found | {Cell(state=State.OUTSIDE): report.outside}


def test_the_parts_of_a_forecast_are_all_open_deals(store: Store, team: Team, known: world.World) -> None:
    still = [deal for deal in oracle.scoped(known, Scope()) if deal.status == "open" and deal.currency == "BRL"]
    with store.reading(team.marta) as tx:
        for period in PERIODS:
            report = forecast.report(tx, period=period, grain=Grain.MONTH)
            parts = report.open + report.overdue + report.undated + report.outside
            assert (parts.count, parts.value) == (len(still), oracle.value_of(still))


@pytest.mark.parametrize("pipeline", [1, 2])
def test_the_conversion(store: Store, team: Team, known: world.World, pipeline: int) -> None:
    with store.reading(team.marta) as tx:
        for scope, period in zip([Scope(owner_id=team.ids.bob, source="fair"), Scope()], PERIODS, strict=True):
            order, held = oracle.order_of(known, pipeline, period.first)
            expected = shown_only(known, oracle.conversion(known, pipeline, scope, period), held)
            report = conversion.report(tx, pipeline_id=pipeline, period=period, scope=scope)
            shown_stages = [step.stage_id for step in report.steps]
            assert shown_stages == [stage.id for stage in order if stage.id in shown_stages]
            cells = {conversion.Cell(measure=Measure.OUT): report.out}
            cells |= {conversion.Cell(measure=Measure.REVERSED): report.reversed}
            for step in report.steps:
                counts = [step.reached, step.strict, step.dropped, step.undecided, step.touched, step.snapshot]
                measures = [measure for measure in Measure if measure not in WITHOUT_STEP]
                assert step.reached == step.next_reached + step.dropped + step.undecided or step.is_won
                assert step.dropped == sum(reason.deals for reason in step.reasons)
                for measure, count in zip(measures, counts, strict=True):
                    cells[conversion.Cell(measure=measure, stage_id=step.stage_id)] = count or 0
            shown = {str(cell): count for cell, count in cells.items()}
            assert {code: len(ids) for code, ids in expected.items() if ids} == {
                code: count for code, count in shown.items() if count
            }
            for cell, count in cells.items():
                behind = conversion.drill_down(tx, report, cell, limit=1000)
                assert {item.id for item in behind.items} == expected.get(str(cell), set())
                assert behind.count == count


def shown_only(known: world.World, cells: dict[str, set[int]], held: set[int]) -> dict[str, set[int]]:
    """Without the stages, removed or later than the cohort's start, in which no deal of the cohort stood."""
    hidden = {
        stage.id
        for stage in known.stages.values()
        if (stage.removed or stage.id not in held) and not cells[f"touched:{stage.id}"]
    }
    return {code: ids for code, ids in cells.items() if code.partition(":")[2] not in {str(each) for each in hidden}}


@pytest.mark.parametrize("pipeline", [1, 2])
def test_the_months_of_a_cohort_are_the_cohort(store: Store, team: Team, known: world.World, pipeline: int) -> None:
    period = Period(first=date(2025, 12, 15), end=date(2026, 7, 1))
    with store.reading(team.marta) as tx:
        whole = conversion.report(tx, pipeline_id=pipeline, period=period)
        assert sum(cohort.arrived for cohort in whole.cohorts) == whole.entered
        assert sum(cohort.won for cohort in whole.cohorts) == whole.won
        for cohort in whole.cohorts:
            alone = conversion.report(tx, pipeline_id=pipeline, period=cohort.period)
            assert (alone.entered, alone.won, alone.undecided) == (cohort.arrived, cohort.won, cohort.undecided)


@pytest.mark.parametrize("pipeline", [1, 2])
def test_the_time_in_stage(store: Store, team: Team, known: world.World, pipeline: int) -> None:
    period = Period(first=date(2026, 1, 1), end=date(2026, 7, 1))
    cells = oracle.conversion(known, pipeline, Scope(), period)
    order, _ = oracle.order_of(known, pipeline, period.first)
    arrived = cells["out"] | cells[f"reached:{order[0].id}"]
    with store.reading(team.marta) as tx:
        report = conversion.report(tx, pipeline_id=pipeline, period=period)
    for step in report.steps[:-1]:
        lengths = oracle.days_in(known, [deal for deal in known.deals if deal.id in arrived], step.stage_id)
        assert step.time.visits == len(lengths) > 0
        found = (step.time.median, step.time.p75, step.time.p90)
        assert found == pytest.approx([oracle.quantile(lengths, share) for share in (0.5, 0.75, 0.9)])


@pytest.mark.parametrize("grain", Grain)
def test_the_closings(store: Store, team: Team, known: world.World, grain: Grain) -> None:
    period = Period(first=date(2026, 1, 10), end=date(2026, 7, 1))
    with store.reading(team.marta) as tx:
        for scope in scopes(team):
            report = closings.report(tx, period=period, grain=grain, scope=scope)
            closed = [deal for deal in oracle.scoped(known, scope) if oracle.within(period, deal.closed)]
            taken_back = [(each.deal_id, each.result, each.closed_on, each.taken_back_on) for each in report.reversals]
            assert taken_back == oracle.reversals(known, scope, period)
            assert taken_back or scope != Scope()
            for result in Result:
                mine = [deal for deal in closed if deal.status == result]
                check(tx, report, closings.Cell(result=result), mine, report.rate)
                for bucket in report.buckets:
                    part = [deal for deal in mine if oracle.within(bucket.period, deal.closed)]
                    check(tx, report, closings.Cell(result=result, bucket=bucket.period.first), part, bucket.rate)
                reasons = [reason for reason in report.reasons if reason.result is result]
                assert sum(reason.closed.count for reason in reasons) == len(mine)
                for reason in reasons:
                    ids = {deal.id for deal in mine if (deal.reason or 0) == reason.id}
                    behind = closings.drill_down(
                        tx, report, closings.Cell(result=result, reason_id=reason.id), limit=1000
                    )
                    assert {item.id for item in behind.items} == ids
                    assert behind.count == reason.closed.count == len(ids)


def check(
    tx: Reading,
    report: closings.Closings,
    cell: closings.Cell,
    deals: list[world.Deal],
    rate: closings.WinRate,
) -> None:
    figure = rate.won if cell.result is Result.WON else rate.lost
    behind = closings.drill_down(tx, report, cell, limit=1000)
    assert {item.id for item in behind.items} == {deal.id for deal in deals}
    assert figure.count == behind.count == len(deals)
    own = [deal for deal in deals if deal.currency == "BRL"]
    assert figure.value == oracle.value_of(own)
    assert figure.value == sum((each.value for each in behind.sums if each.currency == "BRL"), Decimal(0))
    assert figure.valueless == sum(not deal.value for deal in own)
