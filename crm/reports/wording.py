"""The words of the reports' figures, the same on pages, in files and in mail."""

from collections.abc import Mapping, Sequence

from babel.dates import format_date, format_skeleton
from babel.numbers import format_percent

from crm.foundation.language import later, tr
from crm.reports.causes import Cause
from crm.reports.forecast import State
from crm.reports.periods import Grain, Period
from crm.reports.prediction.outlook import WhyNot

CAUSES = {
    Cause.NEW: later("New"),
    Cause.MOVED_IN: later("Moved in"),
    Cause.RESTORED: later("Restored"),
    Cause.REOPENED: later("Reopened"),
    Cause.PULLED_IN: later("Pulled in"),
    Cause.VALUE_UP: later("Value up"),
    Cause.VALUE_DOWN: later("Value down"),
    Cause.PROBABILITY: later("Probability"),
    Cause.RATE: later("Rate"),
    Cause.MOVED: later("Stage"),
    Cause.CATEGORY: later("Category"),
    Cause.TIME: later("Time passed"),
    Cause.SLIPPED: later("Slipped"),
    Cause.MOVED_OUT: later("Moved out"),
    Cause.REMOVED: later("Removed"),
    Cause.WON: later("Won"),
    Cause.LOST: later("Lost"),
}
STATES = {
    State.WON: later("Won"),
    State.OPEN: later("Open, by expected close"),
    State.OVERDUE: later("Overdue"),
    State.UNDATED: later("Undated"),
    State.OUTSIDE: later("Outside the period"),
}
WHY_NO_RANGE = {
    WhyNot.TOO_FEW_BACKTESTS: later("No range yet: it takes four month ends whose quarter has passed."),
    WhyNot.NOT_COVERED: later("No range: none that was tried would have held what came in the past."),
}
NO_REASON = later("No reason chosen")


def label(period: Period, grain: Grain, locale: str) -> str:
    """The name of a period, such as Nov 2026 or Q4 2026, in the locale's words."""
    return str(format_skeleton("yQQQ" if grain is Grain.QUARTER else "yMMM", period.first, locale=locale))


def axis_names(periods: Sequence[Period], grain: Grain, locale: str) -> list[str]:
    """The names of months or quarters below a chart, the year in a second line below the first and each January: short
    enough for a phone."""
    short = "QQQ" if grain is Grain.QUARTER else "MMM"
    names = [str(format_date(period.first, short, locale=locale)) for period in periods]
    januaries = [place for place, period in enumerate(periods) if period.first.month == 1]
    # A January right after the first would put two years side by side, overlapping.
    for place in {*januaries, *([] if januaries[:1] == [1] or not periods else [0])}:
        names[place] += f"\n{periods[place].first:%Y}"
    return names


def percent(share: float | None, locale: str) -> str:
    return "–" if share is None else str(format_percent(share, "#,##0.0%", locale=locale))


def without_rate(left_out: Mapping[str, int], currency: str) -> str:
    """Which deals no figure in `currency` counts."""
    return tr(
        "All amounts are in {currency}. Deals without a rate: {others}. Rates are kept under Settings › Currencies.",
        currency=currency,
        others=counts(left_out),
    )


def counts(left_out: Mapping[str, int]) -> str:
    """3 in EUR, 1 in USD."""
    return ", ".join(tr("{count:,} in {currency}", count=count, currency=code) for code, count in left_out.items())
