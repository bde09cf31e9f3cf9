"""A month of open deals by expected close: counts and totals of each day over all its deals, and the first of each."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.deals.declaration import DEAL
from crm.deals.pipeline_query import PipelineQuery, days_of_month, weeks_around
from crm.foundation.access import Module
from crm.records import listing, lists
from crm.records.filters import Clause
from crm.store import Reading, Row
from crm.store.kept import kept

SHOWN = 4
"""How many deals of a day are listed."""

APART = 8
"""How many of the overdue deals, and of those without a day, are listed."""


class Entry(BaseModel, frozen=True):
    id: int
    title: str
    value: Decimal | None
    currency: str
    stage_id: int
    stage_name: str
    stage_colour: str
    owner_name: str | None
    who: str | None
    """The name of the company, else of the contact, if the actor may see it."""
    expected_close: date | None
    version: int


class Sum(BaseModel, frozen=True):
    currency: str
    value: Decimal


class Group(BaseModel, frozen=True):
    """The deals of one day or list: `count` and `sums` are over all of them, `entries` are the first."""

    count: int = 0
    sums: tuple[Sum, ...] = ()
    """Largest first; without currencies in which no deal has a value."""
    entries: tuple[Entry, ...] = ()


class Calendar(BaseModel, frozen=True):
    first: date
    """The first day of the month."""
    weeks: tuple[tuple[date, ...], ...]
    """Whole weeks, so with days of the previous and the next month."""
    days: dict[date, Group]
    """The days on which at least one deal is expected."""
    month: Group
    """The sum of the month's own days, without entries."""
    overdue: Group
    """Deals expected before today, in any month; those of shown days are counted there as well."""
    undated: Group
    closed: int
    """The number of won and lost deals that match the query; the calendar does not show them."""


@kept
def calendar(tx: Reading, query: PipelineQuery, first: date, *, starts_on: int = 0) -> Calendar:
    """The month that begins on `first`; weeks begin on the weekday `starts_on`, Monday is 0."""
    weeks = weeks_around(first, starts_on)
    where = listing.condition(tx, lists.source(DEAL), query.list_query(tx.today))
    begin, end = weeks[0][0], weeks[-1][-1]
    rows = _sums(tx, where, begin, end)
    entries = _entries(tx, where, begin, end)
    by_day = {day: [row for row in rows if row["day"] == day] for day in {row["day"] for row in rows if row["day"]}}
    last = days_of_month(first)[1]

    def of(found: Iterable[Row], name: str) -> Group:
        return _group(list(found), entries.get(name, ()))

    return Calendar(
        first=first,
        weeks=tuple(tuple(week) for week in weeks),
        days={day: of(found, day.isoformat()) for day, found in sorted(by_day.items())},
        month=of((row for row in rows if row["day"] and first <= row["day"] <= last), ""),
        overdue=of((row for row in rows if row["is_overdue"]), "overdue"),
        undated=of((row for row in rows if row["is_undated"]), "undated"),
        closed=sum(row["count"] for row in rows if row["is_closed"]),
    )


def _group(rows: list[Row], entries: Iterable[Entry]) -> Group:
    values: dict[str, Decimal] = {}
    for row in rows:
        if row["value"] is not None:
            values[row["currency"]] = values.get(row["currency"], Decimal(0)) + row["value"]
    sums = sorted((Sum(currency=code, value=value) for code, value in values.items()), key=lambda total: -total.value)
    return Group(count=sum(row["count"] for row in rows), sums=tuple(sums), entries=tuple(entries))


# Marks, not one state a deal: an overdue deal of the month is on its day as well.
_PARTS = """
    CASE WHEN deal.status = 'open' AND deal.expected_close BETWEEN $begin AND $end THEN deal.expected_close END AS day,
    deal.status = 'open' AND coalesce(deal.expected_close < $today, false) AS is_overdue,
    deal.status = 'open' AND deal.expected_close IS NULL AS is_undated,
    deal.status <> 'open' AS is_closed
"""


def _sums(tx: Reading, where: Clause, begin: date, end: date) -> list[Row]:
    """Grain: one row per shown day, currency and state; all days that are not shown are one."""
    return tx.rows(
        f"""
        SELECT day, is_overdue, is_undated, is_closed, currency, count(*) AS count, sum(value) AS value
        FROM (SELECT {_PARTS}, deal.currency, deal.value FROM deals AS deal WHERE {where.sql})
        GROUP BY ALL
        """,
        **where.params,
        begin=begin,
        end=end,
        today=tx.today,
    )


def _entries(tx: Reading, where: Clause, begin: date, end: date) -> dict[str, list[Entry]]:
    """{day, "overdue" or "undated": its first deals}: the largest of each day, the longest overdue, the newest
    undated."""
    # base.companies in _NAMED: a visible deal makes its company visible, the view need not check it again.
    rows = tx.rows(
        f"""
        WITH
        found AS MATERIALIZED (
            SELECT deal.id, deal.value, deal.expected_close, {_PARTS}
            FROM deals AS deal
            WHERE {where.sql} AND deal.status = 'open'
        ),
        first AS MATERIALIZED ({_FIRST})
        {_NAMED}
        """,
        **where.params,
        begin=begin,
        end=end,
        today=tx.today,
        companies=tx.actor.has(Module.COMPANIES),
    )
    entries: dict[str, list[Entry]] = {}
    for row in rows:
        group_key = row.pop("group_key")
        entries.setdefault(group_key, []).append(Entry(**row))
    return entries


# min_by, as on the board: it keeps only the first deals while it scans.
_FIRST = f"""
    SELECT
        strftime(day, '%Y-%m-%d') AS group_key,
        unnest(min_by(id, (-coalesce(value, 0), id), {SHOWN})) AS id
    FROM found
    WHERE day IS NOT NULL
    GROUP BY day
    UNION ALL
    SELECT 'overdue', unnest(min_by(id, (expected_close, id), {APART})) FROM found WHERE is_overdue
    UNION ALL
    SELECT 'undated', unnest(min_by(id, -id, {APART})) FROM found WHERE is_undated
"""

_NAMED = """
    SELECT
        first.group_key,
        deal.id,
        deal.title,
        deal.value,
        deal.currency,
        deal.stage_id,
        stage.name AS stage_name,
        stage.colour AS stage_colour,
        owner.name AS owner_name,
        coalesce(
            CASE WHEN $companies AND company.deleted_at IS NULL THEN company.name END,
            contact.name, contact.email, contact.phone
        ) AS who,
        deal.expected_close,
        deal.version
    FROM first
    JOIN deals AS deal ON deal.id = first.id
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    LEFT JOIN users AS owner ON owner.id = deal.owner_id
    LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN base.companies AS company ON company.id = deal.company_id
    ORDER BY
        first.group_key,
        CASE first.group_key WHEN 'overdue' THEN deal.expected_close END,
        CASE WHEN first.group_key = 'undated' THEN -deal.id END,
        deal.value DESC NULLS LAST,
        deal.id
"""
