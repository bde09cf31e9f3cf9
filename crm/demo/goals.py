"""The sales targets of the demo: a tenth above what was won on average, by month for everybody and each pipeline, by
quarter for each team and rep."""

from collections.abc import Iterable
from decimal import Decimal

from crm.reports import targets
from crm.reports.periods import Grain, grain_start, months_after
from crm.reports.targets import Span, Subject
from crm.store import Writing

MONTHS_BACK, MONTHS_AHEAD = 12, 12
GROWTH = Decimal("1.1")
STEP = 1_000
"""Targets are round numbers."""


def write_targets(tx: Writing) -> None:
    """From the won deals of the last year; a subject that won nothing has none."""
    first = months_after(tx.today.replace(day=1), -MONTHS_BACK)
    won = tx.rows(
        """
        SELECT
            event.owner_id,
            event.team_id,
            event.pipeline_id,
            coalesce(sum(event.value), 0) / $months AS a_month
        FROM base.stage_events AS event
        WHERE event.kind = 'won' AND event.closed_on >= $first AND event.currency = $currency
        GROUP BY GROUPING SETS ((), (event.pipeline_id), (event.team_id), (event.owner_id))
        ORDER BY ALL
        """,
        first=first,
        months=MONTHS_BACK,
        currency=tx.actor.currency,
    )
    for row in won:
        subject = Subject(owner_id=row["owner_id"], team_id=row["team_id"], pipeline_id=row["pipeline_id"])
        grain = Grain.MONTH if subject.owner_id is None and subject.team_id is None else Grain.QUARTER
        amount = round(Decimal(str(row["a_month"])) * GROWTH * grain.months / STEP) * STEP
        for span in _spans(tx, grain) if amount else ():
            targets.write(tx, subject, span, Decimal(amount), None)


def _spans(tx: Writing, grain: Grain) -> Iterable[Span]:
    now = grain_start(tx.today, grain)
    for months in range(-MONTHS_BACK, MONTHS_AHEAD + 1, grain.months):
        yield Span(first=months_after(now, months), grain=grain)
