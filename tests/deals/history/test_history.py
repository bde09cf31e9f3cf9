"""Whatever is done to a deal, by whichever way in, its history is the one that a replay in plain Python tells."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import deals, imports, pipelines, worker
from crm.deals import history
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.imports import Options
from crm.pipelines import Pipeline
from crm.platform import files
from crm.records import bulk
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.deals.history.oracle import Oracle, Refused
from tests.people import Team

ZONE = ZoneInfo("America/Sao_Paulo")
HOURS = st.integers(0, 60)
DAYS_BACK = st.integers(-1, 4)
VALUES = st.sampled_from([None, Decimal(100), Decimal(250)])
STEPS = st.one_of(
    st.tuples(st.just("edit"), HOURS, VALUES),
    st.tuples(st.just("give"), HOURS, st.booleans()),
    st.tuples(st.just("move"), HOURS, st.integers(0, 2)),
    st.tuples(st.sampled_from(["win", "lose", "win_many", "lose_by_file"]), HOURS, DAYS_BACK),
    st.tuples(st.just("win_and_undo"), HOURS, st.just(0)),
)
BEGINNINGS = st.one_of(
    st.tuples(st.just("create"), VALUES, st.none(), st.none()),
    st.tuples(st.just("bring"), VALUES, st.integers(0, 30), st.none() | st.integers(0, 30)),
)


class Runner:
    """Does each step to the store and to the oracle, by a clock of its own."""

    def __init__(self, store: Store, team: Team, sales: Pipeline, now: datetime) -> None:
        self.store, self.team, self.sales, self.now = store, team, sales, now
        self.oracle = Oracle(ZONE)
        self.deal = 0
        self.key = f"D-{uuid4()}"

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def is_open(self) -> bool:
        return self.oracle.deals[self.deal].arrivals[-1].closed_on is None

    def begin(self, how: str, value: Decimal | None, created: int | None, closed: int | None) -> None:
        first, last, ana = self.sales.open_stages[0].id, self.sales.open_stages[-1].id, self.team.ids.ana
        if how == "create":
            with self.store.writing(self.team.ana) as tx:
                self.deal = deals.create(tx, title="D", identifier=self.key, pipeline_id=self.sales.id, value=value).id
            self.oracle.create(self.deal, self.now, first, value, ana)
            return
        opened = self.today - timedelta(days=max(created or 0, closed or 0))
        ended = None if closed is None else self.today - timedelta(days=closed)
        stage = "Offer" if ended is None else "Won"
        header = "identifier,title,stage,last_open_stage,value,owner,created,closed"
        assert self.bring(header, self.key, "D", stage, "Offer", value, "Ana", opened, ended) == 0
        with self.store.reading(SYSTEM) as tx:
            self.deal = tx.value("SELECT max(id) FROM deals")
        closing = None if ended is None else ("won", self.sales.won.id, ended)
        self.oracle.bring(self.deal, self.now, last, value, ana, begins=first, created=opened, closing=closing)

    def bring(self, header: str, *cells: object) -> int:
        """Import a file of one row; how many rows were rejected."""
        row = ",".join("" if cell is None else str(cell) for cell in cells)
        sha256, size = files.keep(self.store, [f"{header}\n{row}\n".encode()], 2**30)
        with self.store.writing(self.team.marta) as tx:
            upload = files.register(tx, sha256=sha256, file_name="deals.csv", size=size)
            options = Options(on_duplicate="overwrite", date_patterns={"*": "%Y-%m-%d"})
            begun = imports.begin(tx, "deals", upload.id, options)
        while worker.work_one(self.store):
            pass
        with self.store.reading(SYSTEM) as tx:
            return imports.get(tx, begun.id).rejected

    def step(self, what: str, hours: int, given: Any) -> None:
        self.now += timedelta(hours=hours, minutes=1)
        getattr(self, f"_{what}")(given)

    def _edit(self, value: Decimal | None) -> None:
        with self.store.writing(self.team.ana) as tx:
            deals.edit(tx, self.deal, value=value)
        self.oracle.edit(self.deal, self.now, value=value)

    def _give(self, to_bob: bool) -> None:
        owner = self.team.ids.bob if to_bob else self.team.ids.ana
        with self.store.writing(self.team.marta) as tx:
            deals.edit(tx, self.deal, owner_id=owner)
        self.oracle.edit(self.deal, self.now, owner=owner)

    def _move(self, place: int) -> None:
        stage = self.sales.open_stages[place].id
        if stage == self.oracle.deals[self.deal].arrivals[-1].stage:
            return
        kind = "move" if self.is_open else "reopen"
        with self.store.writing(self.team.marta) as tx:
            deals.move(tx, self.deal, to_stage=stage)
        self.oracle.move(self.deal, self.now, stage, kind)

    def _win(self, days_back: int) -> None:
        def win(day: date) -> None:
            with self.store.writing(self.team.marta) as tx:
                deals.win(tx, self.deal, on=day)

        self._close(days_back, "won", win)

    def _lose(self, days_back: int) -> None:
        def lose(day: date) -> None:
            with self.store.writing(self.team.marta) as tx:
                deals.lose(tx, self.deal, on=day, note="Late")

        self._close(days_back, "lost", lose)

    def _win_many(self, days_back: int) -> None:
        self._close(days_back, "won", self._bulk)

    def _lose_by_file(self, days_back: int) -> None:
        def lose(day: date) -> None:
            if self.bring("identifier,title,stage,closed,close_reason", self.key, "D", "Lost", day, "Late"):
                raise Invalid("The row was rejected.")

        self._close(days_back, "lost", lose)

    def _win_and_undo(self, _: int) -> None:
        """Never happened."""
        if not self.is_open:
            return
        made = self._bulk(self.today)
        self.now += timedelta(minutes=1)
        with self.store.writing(self.team.marta) as tx:
            assert bulk.undo(tx, made.id).put_back == 1

    def _bulk(self, day: date) -> bulk.BulkChange:
        with self.store.writing(self.team.marta) as tx:
            return bulk.apply(tx, "deals", ListQuery(ids=(self.deal,)), Change(action=Action.WIN, on=day))

    def _close(self, days_back: int, kind: str, verb: Callable[[date], object]) -> None:
        """Refused by the one where it is by the other."""
        if not self.is_open:
            return
        day = self.today - timedelta(days=days_back)
        stage = self.sales.won if kind == "won" else self.sales.lost
        try:
            self.oracle.close(self.deal, self.now, kind, stage.id, day)
        except Refused:
            with pytest.raises(Invalid):
                verb(day)
        else:
            verb(day)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(beginning=BEGINNINGS, steps=st.lists(STEPS, max_size=8))
def test_history_is_what_a_replay_tells(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch, beginning: Any, steps: list[Any]
) -> None:
    with store.reading(SYSTEM) as tx:
        known = "SELECT known_at FROM base.stage_events UNION ALL SELECT known_at FROM base.deal_versions"
        last = tx.value(f"SELECT max(known_at) FROM ({known})")
    runner = Runner(store, team, sales, (last or datetime(2026, 3, 1, 14, tzinfo=UTC)) + timedelta(hours=1))
    monkeypatch.setattr(clock, "now", lambda: runner.now)
    runner.begin(*beginning)
    for step in steps:
        runner.step(*step)
    told = runner.oracle.deals[runner.deal]
    with store.reading(SYSTEM) as tx:
        arrivals = tx.rows(
            """
            SELECT kind, to_stage_id, happened_at, known_at, closed_on, value, owner_id
            FROM stage_events WHERE deal_id = $id ORDER BY happened_at, id
            """,
            id=runner.deal,
        )
        versions = tx.rows(
            "SELECT value, owner_id, happened_at, known_at FROM deal_versions WHERE deal_id = $id ORDER BY id",
            id=runner.deal,
        )
        assert [tuple(row.values()) for row in arrivals] == [tuple(vars(one).values()) for one in told.arrivals]
        assert [tuple(row.values()) for row in versions] == [tuple(vars(one).values()) for one in told.versions]
        moments = [
            runner.now,
            *(one.known_at - timedelta(microseconds=back) for one in told.versions for back in (0, 1)),
        ]
        for moment in moments:
            known = {one.deal_id: (one.stage_id, one.value, one.owner_id) for one in deals.known(tx, moment)}
            assert known.get(runner.deal) == runner.oracle.known(runner.deal, moment)
            frame = history.deals_as_of(tx, moment).select("deal_id", "stage_id", "value", "owner_id")
            assert {row[0]: row[1:] for row in frame.iter_rows()} == known
        stood = history.visits(tx).filter(deal_id=runner.deal)
        reached = [(one.stage, one.happened_at) for one in told.arrivals]
        assert list(zip(stood["stage_id"], stood["entered_at"], strict=True)) == reached
        assert stood["left_at"].to_list() == [*(moment for _, moment in reached[1:]), None]
        if closings := runner.oracle.closings(runner.deal):
            last_one = deals.last_closing(tx, runner.deal)
            assert (last_one.closed_on, last_one.value) == (closings[-1].closed_on, closings[-1].value)
    assert verify(store) == []


@pytest.fixture
def sales(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 2, 1, tzinfo=UTC))
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
