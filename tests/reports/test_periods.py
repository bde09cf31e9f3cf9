"""Periods: named, typed, cut into months and quarters; and what an address asks for."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.foundation.errors import Invalid
from crm.reports import periods
from crm.reports import query as asked
from crm.reports.periods import NAMED, Grain, Period
from crm.reports.scope import Scope

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("this-month", "2026-11-01", "2026-12-01"),
        ("last-month", "2026-10-01", "2026-11-01"),
        ("this-quarter", "2026-10-01", "2027-01-01"),
        ("last-quarter", "2026-07-01", "2026-10-01"),
        ("next-quarter", "2027-01-01", "2027-04-01"),
        ("next-6-months", "2026-11-01", "2027-05-01"),
        ("next-12-months", "2026-11-01", "2027-11-01"),
        ("last-6-months", "2026-06-01", "2026-12-01"),
        ("last-12-months", "2025-12-01", "2026-12-01"),
        ("this-year", "2026-01-01", "2027-01-01"),
        ("last-year", "2025-01-01", "2026-01-01"),
        ("next-year", "2027-01-01", "2028-01-01"),
        ("2026-02-03/2026-02-04", "2026-02-03", "2026-02-04"),
    ],
)
def test_a_period_is_named_or_two_days(name: str, first: str, end: str) -> None:
    assert str(periods.parse(name, TODAY)) == f"{first}/{end}"


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-03", "2026-02-03/2026-02-03", "2026-02-03/x", "0001-01-01/9999-01-01"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        periods.parse(text, TODAY)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 2000), st.sampled_from(Grain))
def test_the_parts_of_a_period_follow_each_other_and_make_it_up(first: date, length: int, grain: Grain) -> None:
    whole = Period(first=first, end=first + timedelta(days=length))
    parts = whole.cut(grain)
    assert (parts[0].first, parts[-1].end) == (whole.first, whole.end)
    for before, after in pairwise(parts):
        assert before.end == after.first
        assert after.first.day == 1
    for part in parts:
        assert periods.grain_start(part.first, grain) == periods.grain_start(part.last, grain)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(sorted(NAMED)))
def test_a_named_period_is_of_whole_months(today: date, name: str) -> None:
    period = periods.parse(name, today)
    assert period.first.day == period.end.day == 1
    assert period.first < period.end


def test_a_period_begins_at_the_workspaces_midnight() -> None:
    first, end = Period(first=date(2026, 3, 1), end=date(2026, 3, 2)).instants("America/Sao_Paulo")
    assert first == datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert end == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_an_address_says_what_is_asked() -> None:
    query = {"pipeline": "2,3", "owner": "0", "team": "4", "source": "fair", "by": "quarter", "currency": "usd"}
    found = asked.parse(query, TODAY, period="this-month")
    assert found.scope == Scope(pipeline_ids=(2, 3), owner_id=0, team_id=4, source="fair")
    assert (found.grain, found.currency, found.pipeline_id) == (Grain.QUARTER, "USD", None)
    assert str(found.period) == "2026-11-01/2026-12-01"
    assert asked.parse({"pipeline": "2"}, TODAY, period="this-month").pipeline_id == 2
    past = asked.parse({"as_of": "2026-02-10"}, TODAY, period="this-month")
    assert (past.scope.as_of, str(past.period)) == (date(2026, 2, 10), "2026-02-01/2026-03-01")
    assert asked.parse({"as_of": TODAY.isoformat()}, TODAY, period="this-month").scope.as_of is None


@pytest.mark.parametrize(
    "query",
    [
        {"pipeline": "x"},
        {"owner": "-1"},
        {"team": "1" * 30},
        {"by": "week"},
        {"currency": "$"},
        {"period": "x"},
        {"as_of": "x"},
    ],
)
def test_an_address_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        asked.parse(query, TODAY, period="this-month")
