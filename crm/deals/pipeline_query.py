"""A query over the deals of one pipeline, shared by board, table and calendar."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters import All, Filter, Rule
from crm.records.filters.spans import unit_of
from crm.records.listing import ListQuery

OPEN = Rule(field="status", op="is", value="open")

PERIODS: dict[str, Callable[[date], Filter]] = {
    "this-month": lambda _: Rule(field="closing_day", op="in_this", value="month"),
    "next-month": lambda _: Rule(field="closing_day", op="in_next", value="month"),
    "this-quarter": lambda _: Rule(field="closing_day", op="in_this", value="quarter"),
    "next-quarter": lambda _: Rule(field="closing_day", op="in_next", value="quarter"),
    "this-year": lambda _: Rule(field="closing_day", op="in_this", value="year"),
    "overdue": lambda today: All(of=(OPEN, Rule(field="expected_close", op="before", value=today))),
    "undated": lambda _: All(of=(OPEN, Rule(field="expected_close", op="is_empty"))),
}
"""Named periods of the day of closing, actual or expected. In addition, `due-2026-12` and `due-2026-12-24` stand for
the open deals expected in a month or on a day."""


def period(word: str, today: date) -> Filter | None:
    """The condition of a named period, None for an empty name. Raises Invalid for an unknown one."""
    if not word:
        return None
    if word in PERIODS:
        return PERIODS[word](today)
    first, last = due(word)
    return All(of=(OPEN, Rule(field="expected_close", op="between", value=(first, last))))


def due(word: str) -> tuple[date, date]:
    """First and last day of `due-2026-12` or `due-2026-12-24`."""
    found = re.fullmatch(r"due-(\d{4}-\d\d)(-\d\d)?", word, re.ASCII)
    try:
        if found and found[2]:
            day = date.fromisoformat(found[1] + found[2])
            return day, day
        if found:
            return unit_of(date.fromisoformat(f"{found[1]}-01"), "month", 0)
    # Month 13, or December of the last year: refused below, as any other word.
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        tr(
            "“{word}” is not a period: {periods}, or due-2026-12 or due-2026-12-24.",
            word=word,
            periods=", ".join(PERIODS),
        ),
        "period",
    )


class PipelineQuery(BaseModel, frozen=True):
    pipeline_id: int
    search: str = ""
    owner_id: int | None = None
    """None for all owners."""
    period: str = ""
    filter: Filter | None = None

    def within(self, today: date) -> All:
        """Pipeline, owner and period as a filter: everything but the search and the person's own filter."""
        rules: list[Filter] = [Rule(field="pipeline_id", op="is", value=self.pipeline_id)]
        if self.owner_id is not None:
            rules.append(Rule(field="owner_id", op="is", value=self.owner_id))
        span = period(self.period, today)
        return All(of=(*rules, *([span] if span else [])))

    def narrowed(self, today: date) -> Filter | None:
        """Filter and period as one filter, for callers that pass pipeline and owner separately."""
        parts = [part for part in (period(self.period, today), self.filter) if part]
        return All(of=tuple(parts)) if len(parts) > 1 else next(iter(parts), None)

    def whole(self, today: date) -> Filter:
        """Everything but the search as one filter, as exports take it."""
        within = self.within(today)
        return All(of=(*within.of, self.filter)) if self.filter else within

    def list_query(self, today: date, *, stage_id: int | None = None, **page: Any) -> ListQuery:
        """The query as a `ListQuery`, optionally of one stage. `page`: sort, limit, offset."""
        within = self.within(today)
        if stage_id is not None:
            within = All(of=(*within.of, Rule(field="stage_id", op="is", value=stage_id)))
        return ListQuery(filter=self.filter, search=self.search, within=ListQuery(filter=within), **page)


def days_of_month(first: date) -> tuple[date, date]:
    """First and last day of the month."""
    return unit_of(first, "month", 0)


def weeks_around(first: date, starts_on: int) -> list[list[date]]:
    """The whole weeks that contain a month; `starts_on` is their first weekday, 0 for Monday."""
    last = days_of_month(first)[1]
    start = first - timedelta(days=(first.weekday() - starts_on) % 7)
    many = ((last - start).days // 7) + 1
    return [[start + timedelta(days=7 * week + day) for day in range(7)] for week in range(many)]
