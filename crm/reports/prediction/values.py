"""What an open deal would be won for: its value by a rule, times what such values came to in the past."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from crm.reports.prediction.known import Known
from crm.reports.prediction.survival import PRIOR_DEALS


class Basis(StrEnum):
    """Where the value of an open deal comes from."""

    OWN = "own"
    LIST_PRICE = "list_price"
    TYPICAL = "typical"
    """What the pipeline's deals were won for by then: the median as the rule, the mean as what is expected."""
    NONE = "none"
    """No deal of the pipeline was won, or this one is in another currency: it counts with 0."""


@dataclass(frozen=True)
class Growth:
    """What deals of a pipeline with values of one basis were won for, as a multiple: the mean, and its variation."""

    mean: float
    variation: float
    """Variance of the single deal's multiple over the square of the mean."""


def with_values(known: Known, before: Known | None = None) -> pl.DataFrame:
    """The open deals, in the order of `known.open_deals()`, with `basis`, `expected_value` if won and `variation`, the
    variance of the value at closing over the square of what is expected.

    `before` is what was known a horizon earlier: the multiple is Σ value at closing / Σ value by the rule, over the
    deals open then and won since. It counts against 50 deals that were won for just their value; where that is the
    median of won deals, for their mean.
    """
    deals = _ruled(known, known)
    growth = _growth(_ruled(before, before), known) if before else {}
    keys = zip(deals["pipeline_id"], deals["basis"], deals["usual_mean"], deals["usual_variation"], strict=True)
    found = [growth.get((pipeline_id, basis)) or Growth(*usual) for pipeline_id, basis, *usual in keys]
    return deals.with_columns(
        expected_value=pl.col("ruled") * pl.Series([one.mean for one in found], dtype=pl.Float64),
        variation=pl.Series([one.variation for one in found], dtype=pl.Float64),
    ).drop("ruled", "usual_mean", "usual_variation")


def _ruled(deals_of: Known, known: Known) -> pl.DataFrame:
    """The open deals with `ruled`, their value by the rule, its `basis`, and the multiple of it that is usual."""
    deals = deals_of.open_deals()
    for column, kind in (("list_price", pl.Float64), ("other_currency", pl.Boolean)):
        if column not in deals.columns:
            deals = deals.with_columns(pl.lit(None, dtype=kind).alias(column))
    won = known.deals.filter(pl.col("status") == "won", pl.col("value") > 0)
    value = pl.col("value")
    typical = won.group_by("pipeline_id").agg(
        typical=value.median(), mean=value.mean() / value.median(), spread=(value.std(ddof=0) / value.mean()) ** 2
    )
    # A value of 0 is one that nobody has entered, as the reports of closings take it.
    own = pl.when(pl.col("value") > 0).then("value")
    valued = ~pl.col("other_currency").fill_null(False)
    basis = (
        pl.when(own.is_not_null())
        .then(pl.lit(Basis.OWN.value))
        .when(valued & pl.col("list_price").is_not_null())
        .then(pl.lit(Basis.LIST_PRICE.value))
        .when(valued & pl.col("typical").is_not_null())
        .then(pl.lit(Basis.TYPICAL.value))
        .otherwise(pl.lit(Basis.NONE.value))
    )
    is_typical = pl.col("basis") == Basis.TYPICAL.value
    return (
        deals.join(typical, on="pipeline_id", how="left", maintain_order="left")
        .with_columns(ruled=pl.when(valued).then(pl.coalesce(own, "list_price", "typical")).fill_null(0.0), basis=basis)
        .with_columns(
            usual_mean=pl.when(is_typical).then("mean").otherwise(1.0),
            usual_variation=pl.when(is_typical).then("spread").otherwise(0.0),
        )
        .drop("typical", "mean", "spread")
    )


def _growth(ruled: pl.DataFrame, known: Known) -> dict[tuple[int, str], Growth]:
    won = known.deals.filter(pl.col("status") == "won", pl.col("value") > 0).select("deal_id", came_to="value")
    ends = ruled.filter(pl.col("ruled") > 0).join(won, on="deal_id", maintain_order="left")
    return {
        (pipeline_id, basis): _multiple(group) for (pipeline_id, basis), group in ends.group_by("pipeline_id", "basis")
    }


def _multiple(group: pl.DataFrame) -> Growth:
    ruled, came_to, deals = group["ruled"].to_numpy(), group["came_to"].to_numpy(), group.height
    usual_mean, usual_variation = group.select("usual_mean", "usual_variation").row(0)
    mean = (deals * came_to.sum() / ruled.sum() + PRIOR_DEALS * usual_mean) / (deals + PRIOR_DEALS)
    # Weighted by value: what matters is the spread of sums.
    squared = ((came_to / mean - ruled) ** 2).sum() / (ruled**2).sum()
    variation = (deals * squared + PRIOR_DEALS * usual_variation) / (deals + PRIOR_DEALS)
    return Growth(mean=float(mean), variation=float(variation))
