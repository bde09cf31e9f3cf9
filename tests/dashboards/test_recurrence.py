"""When a dashboard is mailed, against a search hour by hour."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.dashboards.recurrence import Every, Recurrence
from crm.foundation.language import speaking

RECURRENCES = st.one_of(
    st.builds(Recurrence, st.just(Every.DAY), st.integers(0, 23)),
    st.builds(Recurrence, st.just(Every.WEEK), st.integers(0, 23), st.integers(1, 7)),
    st.builds(Recurrence, st.just(Every.MONTH), st.integers(0, 23), st.none(), st.integers(1, 31)),
)


def fits(recurrence: Recurrence, local: datetime) -> bool:
    last = monthrange(local.year, local.month)[1]
    on_day = {
        Every.DAY: True,
        Every.WEEK: local.isoweekday() == recurrence.weekday,
        Every.MONTH: local.day == recurrence.month_day or local.day == last < (recurrence.month_day or 0),
    }
    return local.hour == recurrence.hour and on_day[recurrence.every]


@given(
    recurrence=RECURRENCES,
    moment=st.integers(0, 5 * 365 * 24 * 3600).map(
        lambda ahead: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=ahead)
    ),
    zone=st.sampled_from(["America/Sao_Paulo", "Asia/Kolkata", "UTC"]),
)
def test_the_next_time_is_the_first_hour_that_fits(recurrence: Recurrence, moment: datetime, zone: str) -> None:
    found = recurrence.after(moment, ZoneInfo(zone))
    hours = (
        (moment.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0) + timedelta(hours=ahead))
        for ahead in range(1, 32 * 24)
    )
    assert found == next(hour for hour in hours if fits(recurrence, hour))


def test_of_an_hour_that_the_clocks_repeat_the_first_counts_once() -> None:
    zone = ZoneInfo("Europe/Lisbon")
    daily = Recurrence(Every.DAY, 1)
    first = daily.after(datetime(2026, 10, 24, 12, tzinfo=UTC), zone)
    assert first.astimezone(UTC) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert daily.after(first, zone).astimezone(UTC) == datetime(2026, 10, 26, 1, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_falls_to_the_next() -> None:
    zone = ZoneInfo("Europe/Lisbon")
    found = Recurrence(Every.DAY, 1).after(datetime(2026, 3, 28, 12, tzinfo=UTC), zone)
    assert found.astimezone(UTC) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recurrence", "english", "portuguese"),
    [
        (Recurrence(Every.DAY, 8), "Every day at 8:00 AM", "Todos os dias às 08:00"),
        (Recurrence(Every.WEEK, 8, 1), "Every week on Monday, at 8:00 AM", "Toda semana (segunda-feira), às 08:00"),
        (Recurrence(Every.MONTH, 17, None, 31), "Every month on day 31, at 5:00 PM", "Todo mês, no dia 31, às 17:00"),
    ],
)
def test_it_is_said_in_words(recurrence: Recurrence, english: str, portuguese: str) -> None:
    with speaking("en"):
        assert recurrence.words("en").replace("\u202f", " ") == english
    with speaking("pt_BR"):
        assert recurrence.words("pt_BR") == portuguese
