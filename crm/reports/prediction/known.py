"""What was known of deals at a moment: the frames that every estimate of this package is made from."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

DAY_US = 86_400_000_000

DEALS = {
    "deal_id": pl.Int64,
    "pipeline_id": pl.Int64,
    "stage_id": pl.Int64,
    "status": pl.String,
    "opened_at": pl.Datetime("us", "UTC"),
    "entered_at": pl.Datetime("us", "UTC"),
    "value": pl.Float64,
    "owner_id": pl.Int64,
}
"""Of each deal: `status` is open, won or lost; `value` is that of the closing where it is closed, None where none is
known. A frame may have `list_price` too: what the deal's product sells for."""

VISITS = {
    "deal_id": pl.Int64,
    "pipeline_id": pl.Int64,
    "stage_id": pl.Int64,
    "kind": pl.String,
    "entered": pl.Datetime("us", "UTC"),
    "left": pl.Datetime("us", "UTC"),
}
"""Every visit of a deal to a stage, to Won and Lost as well, by deal and in the order of its log; `left` is None while
it lasts."""

STAGES = {"stage_id": pl.Int64, "pipeline_id": pl.Int64, "kind": pl.String, "probability": pl.Float64}
"""Every stage, removed ones too, with the probability set by hand at that moment, 0 to 1."""


@dataclass(frozen=True)
class Known:
    """The deals that were known at `at`, how they came there, and the stages of that moment."""

    at: datetime
    deals: pl.DataFrame
    visits: pl.DataFrame
    stages: pl.DataFrame

    def open_deals(self) -> pl.DataFrame:
        return self.deals.filter(pl.col("status") == "open")


def days_until(at: datetime, column: str) -> pl.Expr:
    """Days from a column's moment until `at`, as a fraction."""
    return (pl.lit(at) - pl.col(column)).dt.total_microseconds() / DAY_US


def days_between(first: str, last: str) -> pl.Expr:
    return (pl.col(last) - pl.col(first)).dt.total_microseconds() / DAY_US
