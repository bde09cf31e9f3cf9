"""Whatever is done to deals, in whatever order and on whatever days: every figure is the one that a replay of what was
done comes to. Closings back-dated and taken back, values corrected, deals handed over, stages put in another order."""

import shutil
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Pipeline
from crm.reports import bridge, closings, conversion, forecast
from crm.reports.closings import Cell, Result
from crm.reports.forecast import State
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Reading, Store, Writing
from tests.people import Team
from tests.reports import replay
from tests.reports.replay import Note

DEALS = 4
FIRST = datetime(2026, 2, 3, 12, tzinfo=UTC)
SPAN = Period(first=date(2026, 1, 1), end=date(2026, 9, 1))
ORDERS = list(permutations(range(3)))

DOING = some.one_of(
    some.tuples(some.just("move"), some.integers(0, 2)),
    some.tuples(some.just("won"), some.integers(0, 9)),
    some.tuples(some.just("lost"), some.integers(0, 9)),
    some.tuples(some.just("reopen"), some.integers(0, 2)),
    some.tuples(some.just("value"), some.integers(1, 900)),
    some.tuples(some.just("owner"), some.integers(0, 1)),
    some.tuples(some.sampled_from(["chance", "delete", "restore"]), some.integers(0, 100)),
    some.tuples(some.just("order"), some.integers(0, 5)),
)
"""What is done, and a number that says to which stage, how many days ago, how much, to whom, in which order."""
DOINGS = some.lists(some.tuples(some.integers(0, 9), some.integers(0, DEALS - 1), DOING), min_size=5, max_size=25)
"""After how many days it is done, and to which deal."""


class Work:
    """Does it by the verbs, as of its own clock, and notes what was not refused."""

    def __init__(self, store: Store, team: Team, patch: pytest.MonkeyPatch) -> None:
        self.store, self.actor, self.owners = store, team.marta, (team.ids.ana, team.ids.bob)
        self.notes: list[Note] = []
        patch.setattr(clock, "now", lambda: self.now)
        self.now = FIRST - timedelta(days=20)
        with store.writing(self.actor) as tx:
            name = f"Sales {len(pipelines.all_of(tx))}"
            self.sales = pipelines.create(tx, name, ["Lead", "Talk", "Offer"])
        self.stages = [stage.id for stage in self.sales.open_stages]
        self.notes.append(Note(self.now, "order", order=tuple(self.stages)))
        self.ids = []
        for number in range(DEALS):
            self.now = FIRST + timedelta(days=15 * number)
            made = {"value": 2**number * 100, "owner_id": self.owners[number % 2], "currency": "BRL"}
            with store.writing(self.actor) as tx:
                deal = deals.create(tx, title=f"D{number}", pipeline_id=self.sales.id, expected_close=None, **made)
            note = Note(self.now, "open", deal.id, self.stages[0], value=made["value"], owner=made["owner_id"])
            self.notes.append(note)
            self.ids.append(deal.id)

    def do(self, days: int, deal_number: int, what: str, number: int) -> None:
        self.now += timedelta(days=days, minutes=1)
        deal_id = self.ids[deal_number]
        try:
            with self.store.writing(self.actor) as tx:
                note = getattr(self, f"_{what}")(tx, deal_id, number)
        except (Invalid, NotFound):
            return
        if note:
            self.notes.append(note)

    def _move(self, tx: Writing, deal_id: int, number: int) -> Note | None:
        deal = deals.get(tx, deal_id)
        if not deal.is_open or deal.stage_id == self.stages[number]:
            return None
        deals.move(tx, deal_id, to_stage=self.stages[number])
        return Note(self.now, "move", deal_id, self.stages[number])

    def _won(self, tx: Writing, deal_id: int, number: int) -> Note:
        day = tx.today - timedelta(days=number)
        deals.win(tx, deal_id, on=day)
        return Note(self.now, "won", deal_id, self.sales.won.id, day=day)

    def _lost(self, tx: Writing, deal_id: int, number: int) -> Note:
        day = tx.today - timedelta(days=number)
        deals.lose(tx, deal_id, on=day, note="Silence")
        return Note(self.now, "lost", deal_id, self.sales.lost.id, day=day)

    def _reopen(self, tx: Writing, deal_id: int, number: int) -> Note:
        deals.reopen(tx, deal_id, to_stage=self.stages[number])
        return Note(self.now, "reopen", deal_id, self.stages[number])

    def _value(self, tx: Writing, deal_id: int, number: int) -> Note:
        deals.edit(tx, deal_id, value=number)
        return Note(self.now, "value", deal_id, value=number)

    def _owner(self, tx: Writing, deal_id: int, number: int) -> Note:
        deals.edit(tx, deal_id, owner_id=self.owners[number])
        return Note(self.now, "owner", deal_id, owner=self.owners[number])

    def _chance(self, tx: Writing, deal_id: int, number: int) -> Note:
        chance = number or None
        deals.edit(tx, deal_id, own_probability=chance)
        return Note(self.now, "chance", deal_id, chance=chance)

    def _delete(self, tx: Writing, deal_id: int, _: int) -> Note:
        deals.delete(tx, deal_id)
        return Note(self.now, "delete", deal_id)

    def _restore(self, tx: Writing, deal_id: int, _: int) -> Note:
        deals.restore(tx, deal_id)
        return Note(self.now, "restore", deal_id)

    def _order(self, tx: Writing, _: int, number: int) -> Note:
        order = [self.stages[place] for place in ORDERS[number]]
        pipelines.reorder_stages(tx, self.sales.id, order)
        return Note(self.now, "order", order=tuple(order))


@settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None)
@given(doings=DOINGS)
def test_every_figure_is_what_a_replay_comes_to(
    staffed_store: Path, doings: list[tuple[int, int, tuple[str, int]]]
) -> None:
    # A store of its own: what is done by another example happens after this one's last event, or before.
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = Store(shutil.copytree(staffed_store, Path(folder) / "store"), threads=1)
        try:
            check(Work(store, Team(store), patch), doings)
        finally:
            store.close()


def check(work: Work, doings: list[tuple[int, int, tuple[str, int]]]) -> None:
    for days, deal, (what, number) in doings:
        work.do(days, deal, what, number)
    with work.store.reading(work.actor) as tx:
        told = replay.replayed(work.notes)
        for owner in (None, work.owners[0]):
            scope = Scope(pipeline_ids=(work.sales.id,), owner_id=owner)
            check_closings(tx, told, scope, owner)
            check_forecast(tx, told, work.sales, scope, owner)
            for month in (SPAN, *SPAN.cut(Grain.MONTH)[1:4]):
                check_conversion(tx, work.notes, work.sales, month, Scope(owner_id=owner))
        days = {replay.day_of(note.at) for note in work.notes[-5::2]}
        for day in sorted(day for day in days if day > replay.day_of(FIRST)):
            notes = replay.known_by(work.notes, day)
            scope = Scope(pipeline_ids=(work.sales.id,), as_of=day)
            check_closings(tx, replay.replayed(notes), scope, None)
            check_forecast(tx, replay.replayed(notes), work.sales, scope, None)
            check_conversion(tx, notes, work.sales, SPAN, Scope(as_of=day))
        check_bridge(tx, work.notes, min(days), Scope(pipeline_ids=(work.sales.id,)))
        for deal in told.values():
            assert [one.at for one in deals.movements(tx, deal.id)] == [step.at for step in deal.steps]


def check_closings(tx: Reading, told: dict[int, replay.Told], scope: Scope, owner: int | None) -> None:
    report = closings.report(tx, period=SPAN, grain=Grain.MONTH, scope=scope)
    for bucket in report.buckets:
        for result, found in ((Result.WON, bucket.rate.won), (Result.LOST, bucket.rate.lost)):
            mine = replay.closed(told, result, bucket.period, owner)
            assert (found.count, found.value) == (len(mine), sum(deal.value for deal in mine))
            behind = closings.drill_down(tx, report, Cell(result=result, bucket=bucket.period.first))
            assert {(item.id, item.value) for item in behind.items} == {(deal.id, deal.value) for deal in mine}
    won, lost = (replay.closed(told, result, SPAN, owner) for result in Result)
    values = [sum(deal.value for deal in side) for side in (won, lost)]
    assert report.rate.by_count == (len(won) / len(won + lost) if won or lost else None)
    assert report.rate.by_value == (pytest.approx(values[0] / sum(values)) if sum(values) else None)
    mean, middle = replay.cycle(won)
    assert (report.cycle.mean, report.cycle.median) == (mean and pytest.approx(mean), middle)
    found = {(one.deal_id, one.result.value, one.closed_on, one.taken_back_on) for one in report.reversals}
    assert found == set(replay.reversals(told, SPAN, owner))


def check_bridge(tx: Reading, notes: list[Note], first: date, scope: Scope) -> None:
    """From a day of the past to now: its ends are what a replay comes to, and its causes sum to the difference."""
    if first >= tx.today:
        return
    report = bridge.report(tx, first=first, last=tx.today, scope=scope)
    for end, told in ((report.start, replay.known_by(notes, first)), (report.end, notes)):
        still = [deal for deal in replay.replayed(told).values() if not deal.closing]
        assert (end.count, end.amount) == (len(still), sum(deal.value for deal in still))
    assert sum(total.amount for total in report.causes.values()) == report.difference
    for cause, total in report.causes.items():
        found = bridge.drill_down(tx, report, cause)
        assert (len(found.items), sum(change.amount for change in found.items)) == (total.count, total.amount)


def check_forecast(tx: Reading, told: dict[int, replay.Told], sales: Pipeline, scope: Scope, owner: int | None) -> None:
    report = forecast.report(tx, period=SPAN, grain=Grain.MONTH, scope=scope)
    for bucket in report.buckets:
        won = replay.closed(told, "won", bucket.period, owner)
        assert (bucket.won.count, bucket.won.value) == (len(won), sum(deal.value for deal in won))
    chance = dict(zip([stage.id for stage in sales.open_stages], replay.CHANCE, strict=True))
    still = [deal for deal in replay.counted(told, owner) if not deal.closing]
    assert (report.undated.count, report.undated.value) == (len(still), sum(deal.value for deal in still))
    assert report.undated.weighted == sum(
        Decimal(deal.value * (deal.chance or chance[deal.steps[-1].stage])) / 100 for deal in still
    )
    behind = forecast.drill_down(tx, report, forecast.Cell(state=State.UNDATED))
    assert {item.id for item in behind.items} == {deal.id for deal in still}


def check_conversion(tx: Reading, notes: list[Note], sales: Pipeline, period: Period, scope: Scope) -> None:
    """The whole span begins before the pipeline was made: it has the order in which it was first used."""
    begins = max(period.first, replay.day_of(FIRST))
    cohort = period.model_copy(update={"first": begins})
    owner = scope.owner_id
    midnight = datetime.combine(tx.today, time(), replay.ZONE)
    until = replay.end_of(scope.as_of) if scope.as_of else replay.followed_until(notes, midnight)
    report = conversion.report(tx, pipeline_id=sales.id, period=period, scope=scope)
    found = [
        (step.stage_id, step.reached, step.strict, step.dropped, step.undecided, step.touched) for step in report.steps
    ]
    assert found == replay.funnel(notes, sales.won.id, cohort, owner)
    for step in report.steps[:-1]:
        lengths, still = replay.days_in(notes, step.stage_id, cohort, owner, until)
        assert (step.time.visits, step.time.open_visits) == (len(lengths), len(still))
        assert step.time.median == (pytest.approx(median(lengths)) if lengths else None)
        survived = replay.median_survived(lengths, still)
        assert step.time.survival_median == (survived if survived is None else pytest.approx(survived))
