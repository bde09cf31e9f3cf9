"""The key figures above a board, each with its last twelve months.

Definitions as in the reports: win rate is won / closed by count over deals closed in the period; the cycle is the
median of days from opening to winning; a closed deal counts with the value and the owner of its closing.
"""

from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel

from crm.deals.counted import COUNTED
from crm.store import Reading
from crm.store.kept import kept

WINDOW = timedelta(days=90)
"""Win rate and cycle cover this many days back, and are compared with as many before those."""


class Month(BaseModel, frozen=True):
    start: date
    open_value: Decimal
    """The value of the deals that were open at the month's end (today, for the current month), at their value now or at
    their closing."""
    won_value: Decimal
    win_rate: float | None
    cycle_days: float | None


class Figures(BaseModel, frozen=True):
    currency: str
    """The currency of the amounts: the workspace's if any deal of the pipeline has it, else the most frequent."""
    others: int
    """The number of deals in other currencies, which the amounts leave out."""
    open_count: int
    open_value: Decimal
    weighted: Decimal
    won_count: int
    won_value: Decimal
    """Value won in this quarter so far."""
    won_value_before: Decimal
    """Value won in the previous quarter up to the same day of it."""
    win_rate: float | None
    win_rate_before: float | None
    cycle_days: float | None
    cycle_days_before: float | None
    months: tuple[Month, ...]
    """Twelve, oldest first."""


@kept
def figures(tx: Reading, pipeline_id: int, *, owner_id: int | None = None) -> Figures:
    """The key figures of a pipeline, over the visible deals, optionally of one owner."""
    quarter = date(tx.today.year, (tx.today.month - 1) // 3 * 3 + 1, 1)
    quarter_before = _months_before(quarter, 3)
    row = tx.row(
        _FIGURES,
        pipeline_id=pipeline_id,
        owner_id=owner_id,
        zone=tx.actor.time_zone,
        own=tx.actor.currency,
        today=tx.today,
        quarter=quarter,
        quarter_before=quarter_before,
        # The quarter before may be shorter than this one: then its last day.
        same_day_before=min(quarter_before + (tx.today - quarter), quarter - timedelta(days=1)),
        since=tx.today - WINDOW,
        since_before=tx.today - 2 * WINDOW,
    )
    return Figures(**{**row, "months": tuple(Month(**month) for month in row["months"])})


# One statement, since each scans the deals of the pipeline. Counts and rates are over all currencies, amounts over one,
# that of most deals with a value, the workspace's first: other values become NULL.
_FIGURES = f"""
    WITH
    chosen AS MATERIALIZED (
        SELECT coalesce(first(currency ORDER BY currency = $own DESC, many DESC, currency), $own) AS currency
        FROM (
            SELECT currency, count(*) AS many
            FROM deals
            WHERE pipeline_id = $pipeline_id AND value IS NOT NULL
            GROUP BY currency
        )
    ),
    scope AS MATERIALIZED (
        SELECT
            status,
            probability,
            CASE WHEN counted.currency = chosen.currency THEN value END AS value,
            counted.currency <> chosen.currency AND value IS NOT NULL AS foreign_currency,
            (created_at AT TIME ZONE $zone)::DATE AS opened_on,
            closed_on
        FROM ({COUNTED}) AS counted, chosen
        WHERE pipeline_id = $pipeline_id AND ($owner_id::BIGINT IS NULL OR owner_id = $owner_id)
    ),
    figures AS (
        SELECT
            count(*) FILTER (foreign_currency)::INTEGER AS others,
            count(*) FILTER (status = 'open')::INTEGER AS open_count,
            coalesce(sum(value) FILTER (status = 'open'), 0) AS open_value,
            coalesce(
                sum(value::DECIMAL(38, 4) * probability * 0.01) FILTER (status = 'open'), 0
            )::DECIMAL(38, 4) AS weighted,
            count(*) FILTER (status = 'won' AND closed_on >= $quarter)::INTEGER AS won_count,
            coalesce(sum(value) FILTER (status = 'won' AND closed_on >= $quarter), 0) AS won_value,
            coalesce(sum(value) FILTER (
                status = 'won' AND closed_on >= $quarter_before AND closed_on <= $same_day_before
            ), 0) AS won_value_before,
            count(*) FILTER (status = 'won' AND closed_on > $since)
                / nullif(count(*) FILTER (closed_on > $since), 0) AS win_rate,
            count(*) FILTER (status = 'won' AND closed_on > $since_before AND closed_on <= $since)
                / nullif(count(*) FILTER (closed_on > $since_before AND closed_on <= $since), 0) AS win_rate_before,
            median(closed_on - opened_on) FILTER (status = 'won' AND closed_on > $since) AS cycle_days,
            median(closed_on - opened_on) FILTER (
                status = 'won' AND closed_on > $since_before AND closed_on <= $since
            ) AS cycle_days_before
        FROM scope
    ),
    spans AS (
        SELECT
            -- Summed by month of opening and closing first: the range join below then meets a few hundred rows, not
            -- every deal.
            date_trunc('month', opened_on) AS opened,
            date_trunc('month', closed_on) AS closed,
            sum(value) AS value
        FROM scope
        GROUP BY ALL
    ),
    closings AS (
        SELECT
            date_trunc('month', closed_on) AS month,
            coalesce(sum(value) FILTER (status = 'won'), 0) AS won_value,
            count(*) FILTER (status = 'won') / count(*) AS win_rate,
            median(closed_on - opened_on) FILTER (status = 'won') AS cycle_days
        FROM scope
        WHERE closed_on IS NOT NULL
        GROUP BY ALL
    ),
    starts AS (
        SELECT (date_trunc('month', $today::DATE) - to_months(back::INTEGER))::DATE AS start
        FROM range(12) AS ago(back)
    ),
    months AS (
        SELECT
            starts.start,
            coalesce((
                SELECT sum(spans.value)
                FROM spans
                WHERE spans.opened <= starts.start AND (spans.closed IS NULL OR spans.closed > starts.start)
            ), 0) AS open_value,
            coalesce(closings.won_value, 0) AS won_value,
            closings.win_rate,
            closings.cycle_days
        FROM starts
        LEFT JOIN closings ON closings.month = starts.start
    )
    SELECT
        (SELECT currency FROM chosen) AS currency,
        figures.*,
        (SELECT list(months ORDER BY start) FROM months) AS months
    FROM figures
"""


def _months_before(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, day.day)
