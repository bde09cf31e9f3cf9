"""The calendar: true counts and sums of each day and currency, whatever is shown; the overdue and undated apart."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm import deals
from crm.deals import PipelineQuery
from crm.deals.calendar import SHOWN, Calendar
from crm.deals.pipeline_query import period, weeks_around
from crm.foundation.errors import Invalid
from crm.pipelines import Pipeline
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def month_of(store: Store, actor: object, look: PipelineQuery, first: date) -> Calendar:
    with store.reading(actor) as tx:  # type: ignore[arg-type]
        return deals.calendar(tx, look, first)


def test_a_day_counts_all_its_deals_and_shows_the_largest(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        day = (tx.today.replace(day=1) + timedelta(days=40)).replace(day=15)
        for value in range(1, SHOWN + 4):
            deals.create(tx, title=f"D{value}", pipeline_id=sales.id, value=value, expected_close=day)
        deals.create(tx, title="Euros", pipeline_id=sales.id, value=7, currency="EUR", expected_close=day)
    found = month_of(store, team.ana, PipelineQuery(pipeline_id=sales.id), day.replace(day=1))
    group = found.days[day]
    assert group.count == SHOWN + 4
    assert [(one.currency, one.value) for one in group.sums] == [("BRL", Decimal(28)), ("EUR", Decimal(7))]
    assert [entry.title for entry in group.entries] == ["D7", "Euros", "D6", "D5"]
    assert (found.month.count, found.month.sums) == (group.count, group.sums)
    assert (found.overdue.count, found.undated.count, found.closed) == (0, 0, 0)


def test_the_overdue_the_undated_and_the_closed_stand_apart(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        today = tx.today
        long_ago = deals.create(tx, title="Ago", pipeline_id=sales.id, expected_close=today - timedelta(days=400))
        deals.create(tx, title="Late", pipeline_id=sales.id, value=5, expected_close=today - timedelta(days=1))
        deals.create(tx, title="Someday", pipeline_id=sales.id, value=9)
        won = deals.create(tx, title="Won", pipeline_id=sales.id, expected_close=today)
        deals.win(tx, won.id)
    found = month_of(store, team.ana, PipelineQuery(pipeline_id=sales.id), today.replace(day=1))
    assert found.overdue.entries[0].id == long_ago.id
    assert (found.overdue.count, [one.value for one in found.overdue.sums]) == (2, [Decimal(5)])
    assert [entry.title for entry in found.undated.entries] == ["Someday"]
    assert found.closed == 1
    assert today not in found.days


def test_owner_search_period_and_privacy_narrow_the_calendar(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        day = tx.today
        deals.create(tx, title="Hers", pipeline_id=sales.id, expected_close=day)
    with store.writing(team.bob) as tx:
        deals.create(tx, title="His", pipeline_id=sales.id, expected_close=day)
    first = day.replace(day=1)
    look = PipelineQuery(pipeline_id=sales.id)
    assert month_of(store, team.ana, look, first).month.count == 2
    for narrowed in (
        look.model_copy(update={"owner_id": team.ids.ana}),
        look.model_copy(update={"search": "hers"}),
    ):
        assert [entry.title for entry in month_of(store, team.bob, narrowed, first).days[day].entries] == ["Hers"]
    assert month_of(store, team.ana, look.model_copy(update={"period": "undated"}), first).month.count == 0
    owner_privacy(store, team)
    assert [one.title for one in month_of(store, team.bob, look, first).days[day].entries] == ["His"]


def test_a_period_finds_open_deals_by_their_day_and_closed_ones_by_theirs(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        today = tx.today
        far = deals.create(tx, title="Far", pipeline_id=sales.id, expected_close=today + timedelta(days=500))
        deals.create(tx, title="Now", pipeline_id=sales.id, expected_close=today)
        deals.create(tx, title="Never", pipeline_id=sales.id)
        deals.lose(tx, far.id, note="x")

        def found(word: str) -> set[str]:
            asked = PipelineQuery(pipeline_id=sales.id, period=word).list_query(today)
            return {row["title"] for row in deals.find(tx, asked).items}

        assert found("this-month") == {"Far", "Now"}
        assert found(f"due-{today}") == {"Now"}
        assert found(f"due-{today:%Y-%m}") == {"Now"}
        assert found("undated") == {"Never"}
        assert found("overdue") == set()
        assert found("next-month") == set()


@pytest.mark.parametrize("word", ["soon", "due-", "due-2026-00", "due-2026-02-30", "due-٢٠٢٦-01", "due-0000-01"])
def test_a_word_that_is_no_period_is_refused(word: str) -> None:
    with pytest.raises(Invalid):
        period(word, date(2026, 11, 1))


@given(day=some.dates(date(1970, 1, 1), date(2199, 12, 1)), starts_on=some.integers(0, 6))
def test_a_month_is_printed_in_whole_weeks_that_hold_it(day: date, starts_on: int) -> None:
    first = day.replace(day=1)
    weeks = weeks_around(first, starts_on)
    days = [day for week in weeks for day in week]
    assert all(len(week) == 7 and week[0].weekday() == starts_on for week in weeks)
    assert [(after - before).days for before, after in itertools.pairwise(days)] == [1] * (len(days) - 1)
    own = [day for day in days if (day.year, day.month) == (first.year, first.month)]
    assert own[0] == first
    assert (own[-1] + timedelta(days=1)).day == 1
    assert first in weeks[0]
    assert own[-1] in weeks[-1]


def test_a_row_is_edited_whole_or_not_at_all(store: Store, team: Team, sales: Pipeline, chairs: deals.Deal) -> None:
    with store.writing(team.ana) as tx:
        edited = deals.edit_row(
            tx, chairs.id, version=1, title="Six chairs", labels=["Hot"], to_stage=sales.open_stages[1].id
        )
        assert (edited.title, edited.labels, edited.stage_name) == ("Six chairs", ("Hot",), "Talk")
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        deals.edit_row(tx, chairs.id, title="Seven chairs", to_stage=sales.won.id)
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id) == edited


def test_totals_are_of_everything_and_never_over_currencies(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        for value, currency in ((100, "BRL"), (50, "BRL"), (None, "BRL"), (70, "USD")):
            deals.create(tx, title="D", pipeline_id=sales.id, value=value, currency=currency)
        found = deals.totals(tx, PipelineQuery(pipeline_id=sales.id).list_query(tx.today, limit=1))
    assert [(one.currency, one.count, one.open_value) for one in found] == [("BRL", 3, 150), ("USD", 1, 70)]


def test_only_open_deals_are_weighted_and_won_and_lost_ones_summed_apart(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        made = [deals.create(tx, title="D", pipeline_id=sales.id, value=value) for value in (100, 1000, 30, 4)]
        deals.move(tx, made[0].id, to_stage=sales.open_stages[1].id)
        deals.win(tx, made[1].id)
        deals.lose(tx, made[2].id, note="Silence")
        (found,) = deals.totals(tx, PipelineQuery(pipeline_id=sales.id).list_query(tx.today))
    assert (found.open_count, found.open_value, found.weighted) == (2, 104, 51)
    assert (found.won_count, found.won_value, found.lost_count, found.lost_value) == (1, 1000, 1, 30)
    assert found.count == 4
