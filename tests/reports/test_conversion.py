"""Stage conversion, case by case, each worked out by hand."""

from dataclasses import dataclass
from datetime import date

import pytest

from crm import deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.pipelines import Pipeline
from crm.reports import conversion
from crm.reports.conversion import Cell, Conversion, Measure
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Store
from tests.people import Team
from tests.reports.conftest import Days

MARCH = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))


@dataclass
class Walk:
    """Ana's deals on their way: each step on a day of its own."""

    days: Days
    team: Team
    sales: Pipeline

    def open(self, day: str, stage: str = "Lead", **fields: object) -> int:
        with self.days.on(day, self.team.ana) as tx:
            return deals.create(tx, title="Chairs", pipeline_id=self.sales.id, stage_id=self.id_of(stage), **fields).id

    def move(self, day: str, deal: int, stage: str) -> None:
        with self.days.on(day, self.team.ana) as tx:
            deals.move(tx, deal, to_stage=self.id_of(stage))

    def win(self, day: str, deal: int) -> None:
        with self.days.on(day, self.team.ana) as tx:
            deals.win(tx, deal)

    def lose(self, day: str, deal: int) -> None:
        with self.days.on(day, self.team.ana) as tx:
            deals.lose(tx, deal, note="Too dear")

    def reopen(self, day: str, deal: int, stage: str) -> None:
        with self.days.on(day, self.team.ana) as tx:
            deals.reopen(tx, deal, to_stage=self.id_of(stage))

    def id_of(self, stage: str) -> int:
        return next(each.id for each in self.sales.stages if each.name == stage)

    def funnel(self, day: str = "2026-06-01", period: Period = MARCH, scope: Scope | None = None) -> Conversion:
        self.days.go_to(day)
        with self.days.store.reading(self.team.marta) as tx:
            return conversion.report(tx, pipeline_id=self.sales.id, period=period, scope=scope)

    def behind(self, funnel: Conversion, cell: Cell) -> set[int]:
        with self.days.store.reading(self.team.marta) as tx:
            return {item.id for item in conversion.drill_down(tx, funnel, cell).items}

    def reached(self, **asked: object) -> dict[str, int]:
        return {step.name: step.reached for step in self.funnel(**asked).steps}  # type: ignore[arg-type]


@pytest.fixture
def walk(days: Days, team: Team) -> Walk:
    """The pipeline is older than the cohorts: Lead, Talk, Offer."""
    with days.on("2026-01-05", team.marta) as tx:
        return Walk(days, team, pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"]))


def test_a_deal_counts_in_every_stage_up_to_the_furthest_it_reached(walk: Walk) -> None:
    walk.move("2026-03-05", walk.open("2026-03-02"), "Talk")
    assert walk.reached() == {"Lead": 1, "Talk": 1, "Offer": 0, "Won": 0}


def test_a_skipped_stage_counts_as_passed_but_was_not_touched(walk: Walk) -> None:
    walk.move("2026-03-05", walk.open("2026-03-02"), "Offer")
    lead, talk, offer, _ = walk.funnel().steps
    assert (lead.reached, talk.reached, offer.reached) == (1, 1, 1)
    assert (lead.touched, talk.touched, offer.touched) == (1, 0, 1)
    assert talk.rate == 1


def test_a_deal_that_starts_in_a_later_stage_has_passed_the_earlier_ones(walk: Walk) -> None:
    walk.open("2026-03-02", "Talk")
    assert walk.reached() == {"Lead": 1, "Talk": 1, "Offer": 0, "Won": 0}


def test_a_move_back_undoes_nothing_and_a_second_pass_counts_once(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    for day, stage in (("05", "Talk"), ("06", "Lead"), ("07", "Talk"), ("08", "Lead")):
        walk.move(f"2026-03-{day}", deal, stage)
    lead, talk, offer, _ = walk.funnel().steps
    assert (lead.reached, talk.reached, offer.reached) == (1, 1, 0)
    assert (lead.undecided, talk.undecided) == (0, 1)
    assert lead.rate == 1
    assert (lead.snapshot, talk.snapshot) == (1, 0)


def test_lost_deals_stay_in_the_denominator_and_drop_where_they_came_furthest(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    walk.move("2026-03-05", deal, "Talk")
    walk.move("2026-03-06", deal, "Lead")
    walk.lose("2026-03-09", deal)
    walk.win("2026-03-09", walk.open("2026-03-03"))
    lead, talk, offer, won = walk.funnel().steps
    assert (lead.reached, talk.reached, offer.reached, won.reached) == (2, 2, 1, 1)
    assert (lead.dropped, talk.dropped) == (0, 1)
    assert (talk.rate, talk.drop_off) == (0.5, 0.5)


def test_undecided_deals_make_a_band_from_as_it_stands_to_all_of_them_pass(walk: Walk) -> None:
    """Four leads: one moved on, two stand, one is lost. 25 % as it stands, 75 % if both that stand pass."""
    first, _, _, last = (walk.open("2026-03-02") for _ in range(4))
    walk.move("2026-03-05", first, "Talk")
    walk.lose("2026-03-05", last)
    funnel = walk.funnel()
    lead = funnel.steps[0]
    assert (lead.rate, lead.rate_at_most, lead.drop_off) == (0.25, 0.75, 0.25)
    assert (funnel.rate, funnel.rate_at_most) == (0, 0.75)


def test_a_lost_deal_that_was_reopened_and_won_counts_as_won(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    walk.lose("2026-03-05", deal)
    walk.reopen("2026-03-06", deal, "Talk")
    walk.win("2026-03-09", deal)
    funnel = walk.funnel()
    assert [step.reached for step in funnel.steps] == [1, 1, 1, 1]
    assert sum(step.dropped for step in funnel.steps) == 0
    assert funnel.reversed == 0


def test_a_won_deal_that_was_reopened_counts_as_won_and_is_told_apart(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    walk.win("2026-03-05", deal)
    walk.reopen("2026-03-06", deal, "Lead")
    funnel = walk.funnel()
    assert [step.reached for step in funnel.steps] == [1, 1, 1, 1]
    assert (funnel.reversed, funnel.undecided) == (1, 0)
    walk.lose("2026-03-09", deal)
    assert (walk.funnel().won, walk.funnel().reversed) == (1, 1)


def test_a_deal_moved_to_another_pipeline_is_neither_pass_nor_fail(store: Store, walk: Walk) -> None:
    with store.writing(walk.team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
    gone, stayed = walk.open("2026-03-02"), walk.open("2026-03-02")
    walk.move("2026-03-04", stayed, "Talk")
    walk.move("2026-03-04", gone, "Talk")
    with walk.days.on("2026-03-06", walk.team.ana) as tx:
        deals.move(tx, gone, to_stage=other.stages[0].id)
    funnel = walk.funnel()
    assert [step.reached for step in funnel.steps] == [1, 1, 0, 0]
    assert funnel.out == 1
    with store.reading(walk.team.marta) as tx:
        arrived = conversion.report(tx, pipeline_id=other.id, period=MARCH)
        assert arrived.entered == 1
        assert conversion.drill_down(tx, funnel, Cell(measure=Measure.OUT)).items[0].id == gone
    walk.move("2026-03-08", gone, "Lead")
    assert [step.reached for step in walk.funnel().steps] == [2, 2, 0, 0]


def test_a_deal_belongs_to_the_period_in_which_it_arrived(walk: Walk) -> None:
    """Midnight of 1 April in São Paulo is 3 o'clock in UTC; noon in UTC is nine in the morning."""
    walk.open("2026-03-31")
    walk.open("2026-04-01")
    april = Period(first=date(2026, 4, 1), end=date(2026, 5, 1))
    assert walk.funnel().entered == 1
    assert walk.funnel(period=april).entered == 1


def test_the_workspaces_midnight_parts_the_periods(store: Store, walk: Walk) -> None:
    deal = walk.open("2026-03-15")
    for moment, entered in (("2026-04-01 02:59:59+00", 1), ("2026-04-01 03:00:00+00", 0)):
        with store.writing(walk.team.ada) as tx:
            tx.run("UPDATE base.stage_events SET happened_at = $moment::TIMESTAMPTZ", moment=moment)
        assert walk.funnel().entered == entered, deal


def test_a_removed_stage_keeps_its_place_for_the_deals_that_stood_there(store: Store, walk: Walk) -> None:
    walk.move("2026-03-05", walk.open("2026-03-02"), "Talk")
    walk.open("2026-03-02")
    with walk.days.on("2026-03-20", walk.team.marta) as tx:
        deals.remove_stage(tx, walk.id_of("Talk"), deals_to=walk.id_of("Lead"))
    walk.win("2026-03-25", walk.open("2026-03-22", "Offer"))
    steps = walk.funnel().steps
    assert [(step.name, step.removed, step.reached) for step in steps] == [
        ("Lead", False, 3),
        ("Talk", True, 2),
        ("Offer", False, 1),
        ("Won", False, 1),
    ]
    april = Period(first=date(2026, 4, 1), end=date(2026, 5, 1))
    assert [step.name for step in walk.funnel(period=april).steps] == ["Lead", "Offer", "Won"]


APRIL = Period(first=date(2026, 4, 1), end=date(2026, 5, 1))


def test_a_new_order_changes_nothing_of_a_cohort_that_began_before_it(walk: Walk) -> None:
    """Lead, Talk, Offer when March began; from the 20th on Talk, Lead, Offer."""
    walk.move("2026-03-05", walk.open("2026-03-02"), "Talk")
    before = walk.funnel().steps
    with walk.days.on("2026-03-20", walk.team.marta) as tx:
        pipelines.reorder_stages(tx, walk.sales.id, [walk.id_of(name) for name in ("Talk", "Lead", "Offer")])
    walk.open("2026-04-02", "Talk")
    assert walk.funnel().steps == [
        step.model_copy(update={"snapshot": step.snapshot + at}) for step, at in zip(before, (0, 1, 0, 0), strict=True)
    ]
    assert walk.reached(period=APRIL) == {"Talk": 1, "Lead": 0, "Offer": 0, "Won": 0}


def test_a_new_name_is_told_beside_the_one_that_the_cohort_began_with(walk: Walk) -> None:
    walk.open("2026-03-02")
    with walk.days.on("2026-03-20", walk.team.marta) as tx:
        pipelines.rename_stage(tx, walk.id_of("Talk"), "Meeting")
    assert [(step.name, step.name_now) for step in walk.funnel().steps][:2] == [("Lead", "Lead"), ("Talk", "Meeting")]
    assert [step.name for step in walk.funnel(period=APRIL).steps][:2] == ["Lead", "Meeting"]


def test_a_stage_that_came_later_shows_where_the_cohort_stood_in_it_behind_the_one_it_followed(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    with walk.days.on("2026-03-20", walk.team.marta) as tx:
        made = pipelines.add_stage(tx, walk.sales.id, "Demo")
        demo = next(stage.id for stage in made.stages if stage.name == "Demo")
        ids = {stage.name: stage.id for stage in made.stages}
        pipelines.reorder_stages(tx, walk.sales.id, [ids[name] for name in ("Lead", "Demo", "Talk", "Offer")])
    assert walk.reached() == {"Lead": 1, "Talk": 0, "Offer": 0, "Won": 0}
    assert list(walk.reached(period=APRIL)) == ["Lead", "Demo", "Talk", "Offer", "Won"]
    with walk.days.on("2026-03-25", walk.team.ana) as tx:
        deals.move(tx, deal, to_stage=demo)
    assert walk.reached() == {"Lead": 1, "Demo": 1, "Talk": 0, "Offer": 0, "Won": 0}


def test_a_cohort_older_than_its_pipeline_has_the_order_in_which_that_was_first_used(store: Store, walk: Walk) -> None:
    """Its past came with an import: the order of the minute in which it was made says nothing."""
    with walk.days.on("2026-03-10", walk.team.marta) as tx:
        made = pipelines.create(tx, "Projects", ["Build", "Plan"])
    with walk.days.on("2026-03-11", walk.team.marta) as tx:
        pipelines.reorder_stages(tx, made.id, [stage.id for stage in reversed(made.open_stages)])
    with walk.days.on("2026-03-12", walk.team.ana) as tx:
        deals.create(tx, title="Pier", pipeline_id=made.id)
    with walk.days.on("2026-03-20", walk.team.marta) as tx:
        pipelines.reorder_stages(tx, made.id, [stage.id for stage in made.open_stages])
    with store.reading(walk.team.marta) as tx:
        funnel = conversion.report(tx, pipeline_id=made.id, period=MARCH)
    assert [step.name for step in funnel.steps] == ["Plan", "Build", "Won"]


def test_a_deal_in_the_bin_is_in_no_figure(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    with walk.days.on("2026-03-03", walk.team.ana) as tx:
        deals.delete(tx, deal)
    funnel = walk.funnel()
    assert (funnel.entered, funnel.out, funnel.rate) == (0, 0, None)


def test_an_empty_cohort_has_no_rate(walk: Walk) -> None:
    funnel = walk.funnel()
    assert [step.rate for step in funnel.steps] == [None] * 4
    assert (funnel.rate, funnel.rate_at_most) == (None, None)


def test_time_in_stage_is_of_completed_visits_and_not_of_time_spent_closed(walk: Walk) -> None:
    """Lead: 2 days, then 4 after 10 lost ones; another deal's visit of 9 days; one that never ended."""
    deal = walk.open("2026-03-02")
    walk.lose("2026-03-04", deal)
    walk.reopen("2026-03-14", deal, "Lead")
    walk.move("2026-03-18", deal, "Talk")
    walk.move("2026-03-11", walk.open("2026-03-02"), "Talk")
    walk.open("2026-03-02")
    time = walk.funnel().steps[0].time
    assert (time.visits, time.median) == (3, 4)
    assert (time.p75, time.p90) == (6.5, 8)


def test_a_cohort_younger_than_the_usual_time_in_a_stage_is_young(walk: Walk) -> None:
    """Nine in ten leads of February took 40 days or less; March's middle is 16 days old on its last day."""
    for _ in range(10):
        walk.move("2026-03-14", walk.open("2026-02-02"), "Talk")
    walk.open("2026-03-05")
    lead, talk, *_ = walk.funnel("2026-04-01").steps
    assert (lead.young, talk.young) == (True, False)
    assert not walk.funnel("2026-05-01").steps[0].young


def test_months_of_arrival_are_told_one_by_one(walk: Walk) -> None:
    walk.win("2026-03-05", walk.open("2026-03-02"))
    walk.open("2026-03-03")
    walk.open("2026-05-03")
    funnel = walk.funnel(period=Period(first=date(2026, 3, 1), end=date(2026, 6, 1)))
    told = [(cohort.period.first.month, cohort.arrived, cohort.won, cohort.undecided) for cohort in funnel.cohorts]
    assert told == [(3, 2, 1, 1), (4, 0, 0, 0), (5, 1, 0, 1)]


def test_quarters_of_arrival_too(store: Store, walk: Walk) -> None:
    walk.open("2026-03-02")
    walk.open("2026-05-03")
    with store.reading(walk.team.marta) as tx:
        year = Period(first=date(2026, 1, 1), end=date(2027, 1, 1))
        funnel = conversion.report(tx, pipeline_id=walk.sales.id, period=year, grain=Grain.QUARTER)
    assert [cohort.arrived for cohort in funnel.cohorts] == [1, 1, 0, 0]


def test_owner_team_and_source_narrow_it(store: Store, walk: Walk) -> None:
    walk.open("2026-03-02", source="fair")
    walk.open("2026-03-02", owner_id=walk.team.ids.bob)
    walk.open("2026-03-02", owner_id=None)
    for scope in (Scope(source="fair"), Scope(owner_id=walk.team.ids.bob), Scope(owner_id=0)):
        assert walk.funnel(scope=scope).entered == 1
    assert walk.funnel(scope=Scope(team_id=1)).entered == 0
    assert walk.funnel().entered == 3


def test_under_owner_privacy_a_rep_reads_their_own_funnel(store: Store, walk: Walk) -> None:
    mine = walk.open("2026-03-02")
    walk.open("2026-03-02", owner_id=walk.team.ids.bob)
    with store.writing(walk.team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.reading(walk.team.ana) as tx:
        funnel = conversion.report(tx, pipeline_id=walk.sales.id, period=MARCH)
        lead = Cell(measure=Measure.REACHED, stage_id=walk.id_of("Lead"))
        assert (funnel.entered, funnel.steps[0].snapshot) == (1, 1)
        assert [item.id for item in conversion.drill_down(tx, funnel, lead).items] == [mine]
    with store.reading(walk.team.rui) as tx:
        assert conversion.report(tx, pipeline_id=walk.sales.id, period=MARCH).entered == 2


def test_there_is_no_funnel_without_the_module_or_of_no_pipeline(store: Store, walk: Walk) -> None:
    with pytest.raises(NotFound), store.reading(walk.team.marta) as tx:
        conversion.report(tx, pipeline_id=999, period=MARCH)
    with store.writing(walk.team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = $crm", crm=Module.CRM.value)
    with pytest.raises(ModuleOff), store.reading(walk.team.marta) as tx:
        conversion.report(tx, pipeline_id=walk.sales.id, period=MARCH)


@pytest.mark.parametrize("code", ["reached", "out:3", "reached:x", "nothing:1", ""])
def test_a_code_that_names_no_figure_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        Cell.parse(code)


@pytest.mark.parametrize("code", ["reached:3", "out", "reversed", "snapshot:12"])
def test_a_code_names_its_figure(code: str) -> None:
    assert str(Cell.parse(code)) == code


def test_the_strict_measure_asks_for_every_earlier_stage_in_order(walk: Walk) -> None:
    skipped = walk.open("2026-03-02")
    walk.move("2026-03-05", skipped, "Offer")
    walk.move("2026-03-06", skipped, "Talk")  # too late for the Offer that it was in, in time for the one to come
    in_turn = walk.open("2026-03-02")
    walk.move("2026-03-05", in_turn, "Talk")
    walk.move("2026-03-06", in_turn, "Lead")
    walk.move("2026-03-07", in_turn, "Offer")
    walk.win("2026-03-08", in_turn)
    walk.open("2026-03-02", "Talk")
    funnel = walk.funnel()
    assert {step.name: step.strict for step in funnel.steps} == {"Lead": 2, "Talk": 2, "Offer": 1, "Won": 1}
    assert [step.strict_rate for step in funnel.steps] == [1.0, 0.5, 1.0, None]
    assert walk.behind(funnel, Cell(measure=Measure.STRICT, stage_id=walk.id_of("Talk"))) == {skipped, in_turn}
    walk.move("2026-03-09", skipped, "Offer")
    assert {step.name: step.strict for step in walk.funnel().steps}["Offer"] == 2


def test_a_stage_added_after_the_cohorts_start_has_no_strict_count(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    with walk.days.on("2026-03-03", walk.team.marta) as tx:
        walk.sales = pipelines.add_stage(tx, walk.sales.id, "Pilot")
    walk.move("2026-03-05", deal, "Pilot")
    walk.move("2026-03-06", deal, "Talk")
    assert {step.name: step.strict for step in walk.funnel().steps} == {
        "Lead": 1,
        "Talk": 1,
        "Offer": 0,
        "Pilot": None,
        "Won": 0,
    }


def test_losses_are_told_by_stage_and_reason(walk: Walk) -> None:
    with walk.days.store.reading(walk.team.ana) as tx:
        reason = deals.close_reasons(tx, "lost")[0]
    first, second, third = (walk.open("2026-03-02") for _ in range(3))
    walk.move("2026-03-03", third, "Talk")
    with walk.days.on("2026-03-04", walk.team.ana) as tx:
        deals.lose(tx, first, reason_id=reason.id)
        deals.lose(tx, third, reason_id=reason.id)
    walk.lose("2026-03-04", second)
    funnel = walk.funnel()
    told = {step.name: [(each.name, each.deals) for each in step.reasons] for step in funnel.steps}
    assert sorted(told["Lead"], key=str) == [(reason.name, 1), (None, 1)]
    assert told["Talk"] == [(reason.name, 1)]
    for reason_id, expected in ((reason.id, {first}), (0, {second})):
        cell = Cell(measure=Measure.DROPPED, stage_id=walk.id_of("Lead"), reason_id=reason_id)
        assert Cell.parse(str(cell)) == cell
        assert walk.behind(funnel, cell) == expected


def test_visits_that_still_last_count_in_the_kaplan_meier_median_only(walk: Walk) -> None:
    for day in ("2026-03-04", "2026-03-06"):
        walk.move(day, walk.open("2026-03-02"), "Talk")
    for _ in range(3):
        walk.open("2026-03-02")
    found = walk.funnel().steps[0].time
    # After 2 days 4 of 5 are left, after 4 days 3 of 5: half have not left.
    assert (found.visits, found.open_visits, found.median, found.survival_median) == (2, 3, 3.0, None)
    walk.move("2026-03-12", 5, "Talk")
    found = walk.funnel().steps[0].time
    assert (found.visits, found.open_visits, found.median, found.survival_median) == (3, 2, 4.0, 10.0)


def test_the_time_between_lost_and_a_reopening_is_in_no_stage(walk: Walk) -> None:
    deal = walk.open("2026-03-02")
    walk.lose("2026-03-04", deal)
    walk.reopen("2026-04-04", deal, "Lead")
    walk.move("2026-04-08", deal, "Talk")
    found = walk.funnel().steps[0].time
    assert (found.visits, found.median, found.survival_median) == (2, 3.0, 2.0)
