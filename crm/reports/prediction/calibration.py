"""The probability of each stage that was set by hand, beside what history says."""

import polars as pl
from pydantic import BaseModel

from crm.reports.closings import wilson
from crm.reports.prediction.known import Known
from crm.reports.prediction.survival import End, ends

FEWEST = 20
"""Below this many closings of its deals nothing is said against a stage's probability."""


class StageCalibration(BaseModel, frozen=True):
    """Of the deals that were ever in the stage: won among those that closed, with the Wilson 95 % interval.

    `share` and its interval are None where none closed. `undecided` are open still: were they all to be lost, the share
    would be `lowest`.
    """

    stage_id: int
    by_hand: float
    won: int
    closed: int
    undecided: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        return self.won / self.closed if self.closed else None

    @property
    def lowest(self) -> float | None:
        everybody = self.closed + self.undecided
        return self.won / everybody if everybody else None

    @property
    def is_off(self) -> bool:
        """Whether history contradicts the probability set by hand."""
        if self.low is None or self.high is None or self.closed < FEWEST:
            return False
        return not self.low <= self.by_hand <= self.high


def of_stages(known: Known) -> list[StageCalibration]:
    """The open stages, those without a deal as well. A deal counts once in each stage that it was in, with its end
    after its last visit there; one moved to another pipeline has no end here."""
    last = ends(known).sort("entered", maintain_order=True).unique(["deal_id", "stage_id"], keep="last")
    counts = last.group_by("stage_id").agg(
        won=(pl.col("end") == End.WON).sum(),
        closed=(pl.col("end") != End.CENSORED).sum(),
        undecided=(pl.col("goes_on")).sum(),
    )
    stages = known.stages.filter(pl.col("kind") == "open").join(
        counts, on="stage_id", how="left", maintain_order="left"
    )
    stages = stages.with_columns(pl.col("won", "closed", "undecided").fill_null(0))
    columns = ("stage_id", "probability", "won", "closed", "undecided")
    return [_calibration(**row) for row in stages.select(columns).iter_rows(named=True)]


def _calibration(*, stage_id: int, probability: float, won: int, closed: int, undecided: int) -> StageCalibration:
    low, high = wilson(won, closed) if closed else (None, None)
    return StageCalibration(
        stage_id=stage_id, by_hand=probability, won=won, closed=closed, undecided=undecided, low=low, high=high
    )
