"""Times in the stages of a pipeline: of a cohort's visits, and the usual ones of all deals."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from pydantic import BaseModel

from crm.deals.history import VISITS
from crm.reports.periods import Period
from crm.reports.prediction.survival import kaplan_meier_median
from crm.reports.scope import Scope
from crm.store import Reading

MICROSECONDS_A_DAY = 86_400_000_000


class Days(BaseModel, frozen=True):
    """Time in a stage, in days; None where there is none.

    `visits`, `median`, `p75` and `p90` are of the completed visits alone, which is too short where many last on.
    `open_visits` still last; `survival_median` is the Kaplan–Meier median of both, the open ones censored: None where
    half of them are not known to have ended.
    """

    visits: int = 0
    median: float | None = None
    p75: float | None = None
    p90: float | None = None
    open_visits: int = 0
    survival_median: float | None = None


@dataclass(frozen=True)
class Times:
    """In days, by stage: the cohort's visits, and `usual`, the P90 of the completed visits of all deals in scope.
    `to_close` is the P90 of their time from arriving to closing; 0 where none has closed."""

    cohort: dict[int, Days]
    usual: dict[int, float]
    to_close: float


def report(tx: Reading, pipeline_id: int, period: Period, scope: Scope) -> Times:
    """The times of a pipeline's open stages. The cohort are the deals in scope that arrived in the period, including
    those moved to another pipeline since. The time between a closing and a reopening is in no stage. Source: the log of
    the visible deals."""
    first, before = period.instants(tx.actor.time_zone)
    visits = tx.frame(
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
            )
        SELECT
            visit.stage_id,
            (
                epoch_us(coalesce(visit.left_at, greatest($followed_until, (SELECT max(entered_at) FROM visits))))
                - epoch_us(visit.entered_at)
            ) / {MICROSECONDS_A_DAY} AS days,
            visit.left_at IS NOT NULL AS completed,
            arrival.arrived_at >= $arrived_from AND arrival.arrived_at < $arrived_before AS of_cohort,
            -- The same in every row: a sub-select, which spares a second query over the events.
            (SELECT quantile_cont(way, 0.9) / {MICROSECONDS_A_DAY} FROM arrivals) AS to_close
        FROM visits AS visit
        JOIN arrivals AS arrival ON arrival.deal_id = visit.deal_id
        WHERE visit.stage_id IN (SELECT id FROM base.stages WHERE pipeline_id = $pipeline_id AND kind = 'open')
        """,
        **scope.params(tx),
        pipeline_id=pipeline_id,
        arrived_from=first,
        arrived_before=before,
        followed_until=_followed_until(tx, scope),
    )
    completed = visits.filter("completed")
    return Times(
        cohort=_by_stage(visits.filter("of_cohort")),
        usual=dict(completed.group_by("stage_id").agg(_quantile(pl.col("days"), 0.9)).iter_rows()),
        to_close=(visits["to_close"][0] if visits.height else None) or 0,
    )


def _followed_until(tx: Reading, scope: Scope) -> datetime:
    """The moment until which open visits are followed, unless the log tells of a later one: the end of the day asked,
    or for now the last midnight. The moment itself would make an answer that is another each second, and no visit is
    known to have ended between the last event of the log and now."""
    if scope.as_of is not None:
        return scope.moment(tx)
    return Period(first=tx.today, end=tx.today).instants(tx.actor.time_zone)[0]


def _by_stage(visits: pl.DataFrame) -> dict[int, Days]:
    completed = pl.col("days").filter("completed")
    quantiles = visits.group_by("stage_id").agg(
        visits=pl.col("completed").sum(),
        median=_quantile(completed, 0.5),
        p75=_quantile(completed, 0.75),
        p90=_quantile(completed, 0.9),
        open_visits=(~pl.col("completed")).sum(),
    )
    medians = {
        stage_id: kaplan_meier_median(group["days"].to_numpy(), group["completed"].to_numpy())
        for (stage_id,), group in visits.group_by("stage_id")
    }
    return {
        stage_id: Days(**found, survival_median=medians[stage_id])
        for stage_id, found in zip(quantiles["stage_id"], quantiles.drop("stage_id").iter_rows(named=True), strict=True)
    }


def _quantile(days: pl.Expr, share: float) -> pl.Expr:
    return days.quantile(share, "linear")
