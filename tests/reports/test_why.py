"""Why a number changed: each cause by an example, and for any figure of any day the parts sum to the difference."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Invalid, ModuleOff
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.reports import attainment, closings, conversion, forecast, targets, velocity, why
from crm.reports.causes import Cause
from crm.reports.conversion import Measure
from crm.reports.figure_codes import MEASURES, Figure
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.scope import Scope
from crm.reports.targets import Span, Subject
from crm.reports.why import Back, Why
from crm.store import Reading, Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.reports import world
from tests.reports.conftest import Days

MARCH = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))
BEFORE, BETWEEN, AFTER = "2026-03-08", "2026-03-10", "2026-03-15"


def filters(period: Period = MARCH, currency: str | None = None, **scope: Any) -> ReportFilters:
    return ReportFilters(scope=Scope(**scope), period=period, grain=Grain.MONTH, currency=currency)


def asked(store: Store, team: Team, code: str, given: ReportFilters, back: Back = Back.WEEK) -> Why:
    with store.reading(team.marta) as tx:
        return why.explained(tx, Figure.parse(code), given, back)


def amounts(found: Why, part: int = 0) -> dict[Cause, Any]:
    return {cause: total.amount for cause, total in found.parts[part].causes.items()}


def test_each_cause_by_an_example(store: Store, team: Team, days: Days, sales: Pipeline) -> None:
    lead, talk, _ = (stage.id for stage in sales.open_stages)

    def make(tx: Writing, title: str, value: int, **fields: Any) -> int:
        given = {"pipeline_id": sales.id, "expected_close": date(2026, 3, 20), "currency": "BRL"}
        return deals.create(tx, title=title, value=value, **given | fields).id

    with days.on("2026-03-04", team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 4), "5")
    with days.on("2026-03-05", team.marta) as tx:
        won, moves, sure, dollars, grows = (
            make(tx, title, value, **fields)
            for title, value, fields in (
                ("Won", 100, {}),
                ("Moves", 200, {}),
                ("Sure", 400, {}),
                ("Dollars", 10, {"currency": "USD"}),
                ("Grows", 1000, {}),
            )
        )
        make(tx, "Overdue soon", 2000, expected_close=date(2026, 3, 12))
    with days.on(BETWEEN, team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 10), "6")
        deals.win(tx, won)
        deals.move(tx, moves, to_stage=talk)
        deals.edit(tx, sure, own_probability=Decimal(90))
        deals.edit(tx, grows, value=1100)
        deals.move(tx, dollars, to_stage=talk)
        deals.move(tx, dollars, to_stage=lead)
        make(tx, "New", 4000)
    days.go_to(AFTER)
    weighted = asked(store, team, "forecast:weighted:open", filters())
    assert amounts(weighted) == {
        Cause.NEW: 1000,
        Cause.VALUE_UP: 25,
        Cause.PROBABILITY: 50 + 260,
        Cause.RATE: Decimal("2.5"),
        Cause.TIME: -500,
        Cause.WON: -25,
    }
    assert weighted.parts[0].difference == sum(amounts(weighted).values())
    assert amounts(asked(store, team, "forecast:value:won", filters())) == {Cause.WON: 100}
    assert amounts(asked(store, team, "forecast:count:overdue", filters())) == {Cause.TIME: 1}
    rate = asked(store, team, "closings:rate", filters())
    assert rate.before is None
    assert rate.after == 1
    assert [(part.name, amounts(rate, place)) for place, part in enumerate(rate.parts)] == [
        ("counted", {Cause.WON: 1}),
        ("of", {Cause.WON: 1}),
    ]
    of_sales = filters(pipeline_ids=(sales.id,))
    reached = asked(store, team, f"conversion:rate:{lead}", of_sales)
    assert amounts(reached) == {Cause.MOVED: 2, Cause.WON: 1}
    assert amounts(reached, 1) == {Cause.NEW: 1}
    with store.reading(team.marta) as then:
        (deal,) = why.deals_of(then, weighted, "", Cause.WON).items
        assert (deal.deal_id, deal.title, deal.amount, deal.before) == (won, "Won", Decimal(-25), Decimal(25))
        assert deal.after is None
        assert why.deals_of(then, weighted, "", Cause.PROBABILITY).total.count == 2
    board = asked(store, team, "board:open", of_sales)
    assert board.after == 200 + 400 + 60 + 1100 + 2000 + 4000
    assert amounts(board) == {Cause.NEW: 4000, Cause.VALUE_UP: 100, Cause.RATE: 10, Cause.WON: -100}


def test_a_deal_that_gets_a_rate_or_loses_it_is_told_so(store: Store, team: Team, days: Days, sales: Pipeline) -> None:
    with days.on("2026-03-05", team.marta) as tx:
        deals.create(tx, title="Yen", pipeline_id=sales.id, value=100, currency="JPY")
    with days.on(BETWEEN, team.ada) as tx:
        rates.set_rate(tx, "JPY", date(2026, 3, 10), "0.05")
    days.go_to(AFTER)
    assert amounts(asked(store, team, "forecast:value:undated", filters())) == {Cause.RATE: 5}
    assert amounts(asked(store, team, "forecast:value:undated", filters(currency="JPY"))) == {}


def test_everybody_is_told_of_the_deals_they_see(store: Store, team: Team, days: Days, sales: Pipeline) -> None:
    owner_privacy(store, team)
    with days.on(BETWEEN, team.marta) as tx:
        deals.create(tx, title="Ana's", pipeline_id=sales.id, value=1, owner_id=team.ids.ana)
        deals.create(tx, title="Bob's", pipeline_id=sales.id, value=2, owner_id=team.ids.bob)
    days.go_to(AFTER)
    seen = {}
    for name in ("ana", "bob", "marta", "rui", "vera"):
        with store.reading(getattr(team, name)) as tx:
            found = why.explained(tx, Figure.parse("forecast:value:undated"), filters(), Back.WEEK)
            seen[name] = sorted(deal.title for deal in why.deals_of(tx, found, "", Cause.NEW).items)
            assert found.after == sum(deal.amount for deal in why.deals_of(tx, found, "", Cause.NEW).items)
    assert (seen["ana"], seen["bob"], seen["marta"]) == (["Ana's"], ["Bob's"], ["Ana's", "Bob's"])


@pytest.mark.parametrize(
    "code",
    ["", "forecast", "forecast:value:nonsense", "forecast:at_least:closed", "closings:weighted:won", "board:open:1",
     "conversion:value:out", "conversion:rate:x", "forecast:expected:soon", "closings:rate:x", "x:count:won",
     "forecast:days:won", "closings:valued:won", "closings:cycle:1", "velocity:open", "velocity:value:open",
     "velocity:per_day:1", "velocity:count:x", "target:won", "target:gap:soon"],
)  # fmt: skip
def test_what_is_no_figure_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        Figure.parse(code)


def test_without_the_module_or_the_pipeline_nothing_is_explained(
    store: Store, team: Team, days: Days, sales: Pipeline
) -> None:
    days.go_to(AFTER)
    without = replace(team.marta, modules=team.marta.modules - {Module.CRM})
    with store.reading(without) as tx, pytest.raises(ModuleOff):
        why.explained(tx, Figure.parse("board:open"), filters(), Back.DAY)
    with pytest.raises(Invalid):
        asked(store, team, "conversion:won", filters())


@pytest.mark.parametrize(("day", "before"), [("2026-03-31", "2026-02-28"), ("2026-01-15", "2025-12-15")])
def test_a_month_before_is_the_same_day_or_the_last(day: str, before: str) -> None:
    assert Back.MONTH.before(date.fromisoformat(day)) == date.fromisoformat(before)


# The law.


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Team]]:
    """A random store with two currencies, the other of which has had four rates; it is the afternoon of TODAY."""
    store = Store(tmp_path_factory.mktemp("why"), threads=1)
    team = Team(store)
    now = datetime.combine(world.TODAY, datetime.min.time(), UTC).replace(hour=15)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now)
        with store.writing(SYSTEM) as tx:
            world.lay(tx, world.make(1, [team.ids.ana, team.ids.bob]))
        with store.writing(team.ada) as tx:
            for months, subject in ((range(5, 9), Subject()), (range(2, 7), Subject(pipeline_id=1))):
                for month in months:
                    targets.set_target(tx, subject, Span.parse(f"2026-{month:02}"), 1_234_567)
            for days_ago, rate in ((120, "4.87"), (70, "5.123456"), (25, "5.5"), (5, "5.013")):
                rates.set_rate(tx, "USD", world.TODAY - timedelta(days=days_ago), rate)
        yield store, team
    store.close()


SPANS = [Period(first=date(2026, 5, 1), end=date(2026, 9, 1)), Period(first=date(2026, 2, 10), end=date(2026, 6, 16))]
FORECAST = [
    *(
        f"{measure}:{cell}"
        for measure in MEASURES["forecast"]
        for cell in ("won", "open", "overdue", "undated", "outside", "every_open")
    ),
    *("value:category:commit", "count:open:2026-06-01", "expected", "expected:2026-05-01", "at_least:best_case"),
]
CLOSINGS = ["count:won", "value:won", "count:lost", "value:lost:2026-05-01", "rate", "cycle"]
VELOCITY = ["per_day", "rate", "mean_value", "cycle", "count:open", "count:won", "count:lost"]
TARGETS = ["attained", "coverage", "gap", "gap:2026-05-01", "coverage:2026-03-01"]
CODES = {"forecast": FORECAST, "closings": CLOSINGS, "velocity": VELOCITY, "target": TARGETS}


@settings(max_examples=60, deadline=None)
@given(
    days_ago=some.integers(0, 90),
    back=some.sampled_from(Back),
    period=some.sampled_from(SPANS),
    pipeline=some.sampled_from([(), (1,), (1, 2)]),
    owner=some.sampled_from([None, 0, "ana"]),
    currency=some.sampled_from([None, "USD"]),
    code=some.sampled_from(list(CODES)).flatmap(
        lambda kind: some.sampled_from([f"{kind}:{code}" for code in CODES[kind]])
    ),
)
def test_then_and_the_causes_are_now(
    laid: tuple[Store, Team], days_ago: int, owner: Any, code: str, **how: Any
) -> None:
    store, team = laid
    as_of = world.TODAY - timedelta(days=days_ago) if days_ago else None
    owner_id = team.ids.ana if owner == "ana" else owner
    given = filters(how["period"], how["currency"], pipeline_ids=how["pipeline"], owner_id=owner_id, as_of=as_of)
    with store.reading(team.marta) as tx:
        found = why.explained(tx, Figure.parse(code), given, how["back"])
        then = given.scope.model_copy(update={"as_of": found.first})
        sides = {"before": then, "after": given.scope}
        for part in found.parts:
            assert part.before.amount + sum(total.amount for total in part.causes.values()) == part.after.amount
        if found.before is not None and found.after is not None:
            by_deals = sum(effect for part in found.parts for effect in part.effects.values())
            assert found.before + by_deals == found.after
            if found.factors:
                assert found.before + sum(each.effect or 0 for each in found.factors) == found.after
        else:
            assert not any(part.effects for part in found.parts)
        for side, scope in sides.items():
            told = reported(tx, code, given.model_copy(update={"scope": scope}))
            assert getattr(found, side) == (None if told is None else pytest.approx(told, abs=Decimal("1e-8"))), side


def reported(tx: Reading, code: str, given: ReportFilters) -> Decimal | None:
    """The figure as its report has it."""
    kind, how, cell = [*code.split(":", 2), ""][:3]
    asked_for: dict[str, Any] = {
        "period": given.period, "grain": given.grain, "scope": given.scope, "currency": given.currency
    }  # fmt: skip
    if kind == "velocity":
        return paced(velocity.report(tx, scope=given.scope, currency=given.currency), how, cell)
    if kind == "target":
        return against(tx, forecast.report(tx, **asked_for), how, cell)
    if kind == "forecast":
        report = forecast.report(tx, **asked_for)
        of_month = next(
            (bucket for bucket in report.buckets if str(bucket.period.first) == cell.partition(":")[2]), None
        )
        if how == "expected":
            months = [bucket for bucket in report.buckets if not cell or str(bucket.period.first) == cell]
            return sum((bucket.expected for bucket in months), Decimal(0))
        if cell == "every_open":
            return Decimal(getattr(report.every_open, how))
        if how == "at_least":
            return report.at_least(pipelines.Category(cell)).value
        if cell.startswith("category"):
            return report.categories[pipelines.Category(cell.partition(":")[2])].value
        figure = (of_month.open if of_month else forecast.Figure()) if ":" in cell else getattr(report, cell)
        return Decimal(getattr(figure, how))
    closed = closings.report(tx, **asked_for)
    if how == "cycle":
        return None if closed.cycle.mean is None else Decimal(closed.cycle.mean)
    if how == "rate":
        rate = closed.rate
        return Decimal(rate.won.count) / rate.closings if rate.closings else None
    result, _, month = cell.partition(":")
    rates_of = (
        [bucket.rate for bucket in closed.buckets if str(bucket.period.first) == month] if month else [closed.rate]
    )
    return sum((Decimal(getattr(getattr(each, result), how)) for each in rates_of), Decimal(0))


def paced(report: velocity.Velocity, how: str, term: str) -> Decimal | None:
    """A figure of the velocity, its terms multiplied without rounding."""
    rate, days = report.rate, report.days_to_win
    counts = {"open": report.open, "won": rate.won.count, "lost": rate.lost.count}
    terms = {
        "rate": Decimal(rate.won.count) / rate.closings if rate.closings else None,
        "mean_value": report.mean_value,
        "cycle": max(Decimal(days) / rate.won.count, Decimal(1)) if rate.won.count else None,
    }
    if how == "count":
        return Decimal(counts[term])
    if how != "per_day":
        return terms[how]
    win_rate, value, cycle = terms.values()
    return None if win_rate is None or value is None or cycle is None else report.open * win_rate * value / cycle


def against(tx: Reading, report: forecast.Forecast, how: str, month: str) -> Decimal | None:
    """The forecast against its target, as its page has it."""
    found = attainment.of(tx, report)
    months = {str(bucket.period.first): each for bucket, each in zip(report.buckets, found.buckets, strict=True)}
    one = months.get(month) if month else found.total
    if one is None or one.target is None or not one.is_whole:
        return None
    won = {"attained": one.won, "coverage": one.won + one.open}
    return one.gap if how == "gap" else won[how] / one.target


@settings(max_examples=15, deadline=None)
@given(
    days_ago=some.integers(0, 60),
    back=some.sampled_from(Back),
    measure=some.sampled_from([each for each in Measure if each is not Measure.STRICT]),
    place=some.integers(0, 2),
)
def test_counts_of_a_conversion_are_explained_too(
    laid: tuple[Store, Team], days_ago: int, back: Back, measure: Measure, place: int
) -> None:
    store, team = laid
    as_of = world.TODAY - timedelta(days=days_ago) if days_ago else None
    given = filters(SPANS[1], pipeline_ids=(1,), as_of=as_of)
    with store.reading(team.marta) as tx:
        funnel = conversion.report(tx, pipeline_id=1, period=given.period, scope=given.scope)
        stage = None if measure in conversion.WITHOUT_STEP else funnel.steps[place].stage_id
        cell = conversion.Cell(measure=measure, stage_id=stage)
        found = why.explained(tx, Figure.parse(f"conversion:count:{cell}"), given, back)
        for side, day in (("before", found.first), ("after", as_of)):
            then = funnel.model_copy(update={"scope": funnel.scope.model_copy(update={"as_of": day})})
            assert getattr(found, side) == conversion.drill_down(tx, then, cell, limit=1).count, side
    (part,) = found.parts
    assert part.before.amount + sum(total.amount for total in part.causes.values()) == part.after.amount
