"""The history of all deals as frames, read once: what was known at any moment is cut from it without asking again.

A back-test asks for some fifty moments; the query of `crm.deals.history` would read the whole log for each.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from crm.deals.history import BROUGHT
from crm.reports.prediction.known import Known
from crm.store import Reading


@dataclass(frozen=True)
class Log:
    """`events`: arrivals in stages, with value and owner at a closing. `versions`: value and owner over time. Both by
    deal and in the order they were written. `stages`: their versions, oldest first. Amounts are those in `currency`;
    where a deal is in another one, its `value` is None and `other_currency` is true."""

    events: pl.DataFrame
    versions: pl.DataFrame
    stages: pl.DataFrame

    def at(self, moment: datetime) -> Known:
        """What was known at a moment; later rows change nothing of it."""
        moment = moment.astimezone(UTC)
        stages = self._stages(moment)
        events = self._events(moment, stages)
        deal = pl.col("deal_id")
        visits = events.select(
            "deal_id",
            "pipeline_id",
            "stage_id",
            "kind",
            entered="happened_at",
            left=pl.when(deal == deal.shift(-1)).then(pl.col("happened_at").shift(-1)),
        )
        return Known(moment, self._deals(moment, events), visits, stages)

    def _events(self, moment: datetime, stages: pl.DataFrame) -> pl.DataFrame:
        """The stage of a file's line is known from its import on: until then a deal is in the first stage."""
        first = stages.filter((pl.col("kind") == "open") & ~pl.col("removed")).sort("position")
        first = first.unique("pipeline_id", keep="first").select("pipeline_id", first_stage="stage_id")
        untold = (pl.col("told_at") > moment).fill_null(False)
        return (
            self.events.filter(pl.col("known_at") <= moment, (pl.col("deleted_at") > moment).fill_null(True))
            .join(first, on="pipeline_id", how="left", maintain_order="left")
            .with_columns(
                stage_id=pl.when(untold).then(pl.coalesce("first_stage", "stage_id")).otherwise(pl.col("stage_id"))
            )
        )

    def _deals(self, moment: datetime, events: pl.DataFrame) -> pl.DataFrame:
        versions = self.versions.filter(pl.col("known_at") <= moment).unique(
            "deal_id", keep="last", maintain_order=True
        )
        opened = events.group_by("deal_id").agg(opened_at=pl.col("happened_at").min())
        last = events.unique("deal_id", keep="last", maintain_order=True)
        last = last.join(opened, on="deal_id", maintain_order="left")
        is_open = pl.col("kind") == "open"
        return last.join(versions, on="deal_id", how="left", suffix="_now", maintain_order="left").select(
            "deal_id",
            "pipeline_id",
            "stage_id",
            "opened_at",
            status="kind",
            entered_at="happened_at",
            value=pl.when(is_open).then("value_now").otherwise("value"),
            other_currency=pl.when(is_open).then("other_currency_now").otherwise("other_currency").fill_null(False),
            owner_id=pl.when(is_open).then("owner_id_now").otherwise("owner_id"),
            expected_close=pl.when(is_open).then("expected_close"),
        )

    def _stages(self, moment: datetime) -> pl.DataFrame:
        """In their last version by then; one made later as it was made, since imported deals may be older."""
        by_then = pl.col("happened_at") <= moment
        return pl.concat(
            [
                self.stages.filter(by_then).unique("stage_id", keep="last", maintain_order=True),
                self.stages.filter(~by_then).unique("stage_id", keep="first", maintain_order=True),
            ]
        ).unique("stage_id", keep="first", maintain_order=True)


def read(tx: Reading, *, currency: str) -> Log:
    """The log of all deals, visible or not: a forecast's chances are the same for everybody. Deals in the bin count
    until they were put there."""
    events = tx.frame(
        f"""
        SELECT
            event.deal_id,
            event.pipeline_id,
            event.to_stage_id AS stage_id,
            stage.kind,
            event.happened_at,
            event.known_at,
            CASE WHEN event.from_stage_id IS NULL THEN brought.told_at END AS told_at,
            deal.deleted_at,
            CASE WHEN event.currency = $currency THEN event.value::DOUBLE END AS value,
            event.currency <> $currency AS other_currency,
            event.owner_id
        FROM base.stage_events AS event
        JOIN base.stages AS stage ON stage.id = event.to_stage_id
        LEFT JOIN base.deals AS deal ON deal.id = event.deal_id
        LEFT JOIN ({BROUGHT}) AS brought ON brought.deal_id = event.deal_id
        ORDER BY event.deal_id, event.id
        """,
        currency=currency,
    )
    versions = tx.frame(
        """
        SELECT
            deal_id,
            known_at,
            CASE WHEN currency = $currency THEN value::DOUBLE END AS value,
            currency <> $currency AS other_currency,
            owner_id,
            expected_close
        FROM base.deal_versions
        ORDER BY deal_id, id
        """,
        currency=currency,
    )
    stages = tx.frame(
        """
        SELECT stage_id, pipeline_id, position, kind, probability::DOUBLE / 100 AS probability, removed, happened_at
        FROM base.stage_versions
        ORDER BY id
        """
    )
    return Log(_utc(events), _utc(versions), _utc(stages))


def _utc(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC"))
