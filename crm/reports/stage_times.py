"""Times in the stages of a pipeline: of a cohort's visits, and the usual ones of all deals."""

from dataclasses import dataclass

from pydantic import BaseModel

from crm.deals.history import VISITS
from crm.reports.periods import Period
from crm.reports.scope import Scope
from crm.store import Reading, Row

MICROSECONDS_A_DAY = 86_400_000_000


class Days(BaseModel, frozen=True):
    """Time in a stage, in days, over its completed visits; None where there is none."""

    visits: int = 0
    median: float | None = None
    p75: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Times:
    """In days, by stage: the cohort's completed visits, and `usual`, the P90 of the completed visits of all deals in
    scope. `to_close` is the P90 of their time from arriving to closing; 0 where none has closed."""

    cohort: dict[int, Days]
    usual: dict[int, float]
    to_close: float


def report(tx: Reading, pipeline_id: int, period: Period, scope: Scope) -> Times:
    """The times of a pipeline's open stages. The cohort are the deals in scope that arrived in the period, including
    those moved to another pipeline since. Source: the log of the visible deals."""
    first, before = period.instants(tx.actor.time_zone)
    found = tx.rows(
        f"""
        WITH
            scoped AS ({scope.sql()}),
            visits AS ({VISITS}),
            arrivals AS (
                SELECT
                    event.deal_id,
                    min(event.happened_at) AS arrived_at,
                    CASE WHEN any_value(deal.status) <> 'open'
                        THEN epoch_us(max(event.happened_at)) - epoch_us(min(event.happened_at))
                    END AS way
                FROM base.stage_events AS event  -- base: of the visible deals, by the join
                JOIN scoped AS deal ON deal.id = event.deal_id
                WHERE event.pipeline_id = $pipeline_id AND event.known_at <= $as_of
                GROUP BY event.deal_id
            ),
            completed AS (
                SELECT
                    visit.stage_id,
                    (epoch_us(visit.left_at) - epoch_us(visit.entered_at)) / {MICROSECONDS_A_DAY} AS days,
                    arrival.arrived_at >= $arrived_from AND arrival.arrived_at < $arrived_before AS of_cohort
                FROM visits AS visit
                JOIN arrivals AS arrival ON arrival.deal_id = visit.deal_id
                WHERE visit.left_at IS NOT NULL
                  AND visit.stage_id IN (
                    SELECT id FROM base.stages WHERE pipeline_id = $pipeline_id AND kind = 'open'
                  )
            )
        SELECT
            stage_id,
            count(*) FILTER (WHERE of_cohort) AS visits,
            quantile_cont(days, [0.5, 0.75, 0.9]) FILTER (WHERE of_cohort) AS of_cohort,
            quantile_cont(days, 0.9) AS usual,
            (SELECT quantile_cont(way, 0.9) / {MICROSECONDS_A_DAY} FROM arrivals) AS way
        FROM completed
        GROUP BY stage_id
        """,
        **scope.params(tx),
        pipeline_id=pipeline_id,
        arrived_from=first,
        arrived_before=before,
    )
    return Times(
        cohort={row["stage_id"]: _days(row) for row in found},
        usual={row["stage_id"]: row["usual"] for row in found},
        # The same in every row: a sub-select, which spares a second query over the events.
        to_close=found[0]["way"] or 0 if found else 0,
    )


def _days(row: Row) -> Days:
    if not row["visits"]:
        return Days()
    median, p75, p90 = row["of_cohort"]
    return Days(visits=row["visits"], median=median, p75=p75, p90=p90)
