"""Survival curves: Aalen–Johansen for the competing ends Won and Lost, Kaplan–Meier for the time in a stage.

Sources: Aalen and Johansen (1978), “An empirical transition matrix for non-homogeneous Markov chains based on censored
observations”; Kaplan and Meier (1958), “Nonparametric estimation from incomplete observations”. Notation as in Putter,
Fiocco and Geskus (2007), “Tutorial in biostatistics: competing risks and multi-state models”.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crm.reports.prediction.known import Known, days_between, days_until

Floats = NDArray[np.float64]

FEWEST_AT_RISK = 20
"""A curve stops where fewer deals than these are at risk."""
PRIOR_DEALS = 50
"""A group counts against the whole as its deals against these."""


class End(IntEnum):
    """How an observation ended. A censored one goes on, past what is known of it."""

    CENSORED = 0
    WON = 1
    LOST = 2


@dataclass(frozen=True)
class Curve:
    """Cumulative incidence of both ends and survival, as steps: each holds from its time on, up to the next one."""

    times: Floats
    """Days, ascending, those at which something ended; nothing happens before the first."""
    won: Floats
    lost: Floats
    open: Floats
    """`won` + `lost` + `open` = 1 at each time."""
    observations: int

    def chance(self, ages: Floats, horizon: float) -> Floats:
        """Probability of being won in the next `horizon` days for deals of these ages that are still open:
        [CIF_won(a + h) - CIF_won(a)] / S(a); 0 where the curve says that none is open any more."""
        still = self._at(self.open, ages, before=1.0)
        gained = self._at(self.won, ages + horizon, before=0.0) - self._at(self.won, ages, before=0.0)
        return np.divide(gained, still, out=np.zeros(len(ages)), where=still > 0)

    def _at(self, steps: Floats, ages: Floats, *, before: float) -> Floats:
        return np.concatenate([[before], steps])[np.searchsorted(self.times, ages, side="right")]


def aalen_johansen(days: Floats, ends: NDArray[np.int8], *, fewest: int = FEWEST_AT_RISK) -> Curve:
    """The curve of observations of these lengths and ends.

    S(t) = Π (1 - d/n) and CIF_k(t) = Σ S(t-) d_k/n over the times up to t; n at risk, d ended, d_k of them in the end
    k. What is censored at a time was at risk at that time. The curve stops, and stays flat, where n < `fewest`.
    """
    times, at = np.unique(days, return_inverse=True)
    won, lost = (np.bincount(at[ends == end], minlength=len(times)) for end in (End.WON, End.LOST))
    left_before = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(times)))])[:-1]
    at_risk = len(days) - left_before
    of_note = (won + lost > 0) & (at_risk >= fewest)
    times, won, lost, at_risk = times[of_note], won[of_note], lost[of_note], at_risk[of_note]
    survival = np.cumprod(1 - (won + lost) / at_risk)
    before = np.concatenate([[1.0], survival])[:-1]
    return Curve(
        times=times,
        won=np.cumsum(before * won / at_risk),
        lost=np.cumsum(before * lost / at_risk),
        open=survival,
        observations=len(days),
    )


def kaplan_meier_median(days: Floats, completed: NDArray[np.bool_]) -> float | None:
    """The median length of visits, those still open (not `completed`) censored: the first time at which S(t) <= 1/2.
    None where half of them are not known to have ended."""
    ends = np.where(completed, End.WON, End.CENSORED).astype(np.int8)
    curve = aalen_johansen(days, ends, fewest=1)
    # A product of fractions such as 2/3 · 3/4 is a hair off a half.
    reached = np.flatnonzero(curve.open <= 0.5 + 1e-12)
    return float(curve.times[reached[0]]) if len(reached) else None


def shrunk(group: Floats, whole: Floats, observations: Floats | int) -> Floats:
    """(n · p_group + 50 · p_all) / (n + 50)."""
    return (observations * group + PRIOR_DEALS * whole) / (observations + PRIOR_DEALS)


def stage_medians(known: Known) -> dict[int, float | None]:
    """{stage: Kaplan–Meier median of the days of its visits, open ones censored} of the open stages."""
    visits = known.visits.filter(pl.col("kind") == "open").select(
        "stage_id", completed=pl.col("left").is_not_null(), days=_days(known.at, "left")
    )
    return {
        int(stage_id): kaplan_meier_median(group["days"].to_numpy(), group["completed"].to_numpy())
        for (stage_id,), group in visits.group_by("stage_id", maintain_order=True)
    }


def win_chances(known: Known, horizon: float) -> Floats:
    """Probability that each open deal, in the order of `known.open_deals()`, is won in the next `horizon` days.

    The group is the deal's stage, with the days since it entered it; the whole is its pipeline, with the days since it
    arrived there. A later movement is followed to the deal's end; one to another pipeline censors it.
    """
    observed = ends(known).sort("entered", maintain_order=True)
    # A deal counts once in a curve, from when it first was there.
    arrivals = observed.unique(["deal_id", "pipeline_id"], keep="first", maintain_order=True)
    entries = observed.unique(["deal_id", "stage_id"], keep="first", maintain_order=True)
    arrived = arrivals.select("deal_id", "pipeline_id", arrived="entered")
    deals = known.open_deals().with_row_index("place").join(arrived, on=["deal_id", "pipeline_id"], how="left")
    found = np.zeros(deals.height)
    for (pipeline_id,), of_pipeline in deals.group_by("pipeline_id"):
        whole = _curve(arrivals.filter(pl.col("pipeline_id") == pipeline_id))
        for (stage_id,), there in of_pipeline.group_by("stage_id"):
            group = _curve(entries.filter(pl.col("stage_id") == stage_id))
            of_group = group.chance(_ages(there, known.at, "entered_at"), horizon)
            of_whole = whole.chance(_ages(there, known.at, "arrived"), horizon)
            found[there["place"].to_numpy()] = shrunk(of_group, of_whole, group.observations)
    return found


def _ages(deals: pl.DataFrame, at: datetime, since: str) -> Floats:
    return deals.select(days_until(at, since)).to_series().to_numpy()


def _curve(ends: pl.DataFrame) -> Curve:
    return aalen_johansen(ends["days"].to_numpy(), ends["end"].to_numpy())


def ends(known: Known) -> pl.DataFrame:
    """(deal_id, pipeline_id, stage_id, entered, days, end, goes_on) of each visit to an open stage, up to the deal's
    first end after it. `goes_on`: it has not ended yet, nor moved to another pipeline."""
    deal, pipeline = pl.col("deal_id"), pl.col("pipeline_id")
    moved_in = (deal == deal.shift(1)) & (pipeline != pipeline.shift(1))
    # The row of the end that follows each visit, -1 where none does. Filled backwards over the whole frame, which stops
    # at each deal's last row: a window per deal takes 20 times as long.
    end_here = pl.when((pl.col("kind") != "open") | moved_in.fill_null(False)).then(pl.col("row"))
    last_row = (deal != deal.shift(-1)).fill_null(True)
    following = pl.when(last_row).then(-1).otherwise(end_here.shift(-1)).backward_fill()
    rows = known.visits.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    ended = rows.select(end=pl.col("row"), ended_at="entered", ended="kind", ended_in="pipeline_id")
    same = pl.col("ended_in") == pipeline
    won, lost = (same & (pl.col("ended") == kind) for kind in ("won", "lost"))
    return (
        rows.with_columns(end=following)
        .filter(pl.col("kind") == "open")
        .join(ended, on="end", how="left", maintain_order="left")
        .select(
            "deal_id",
            "pipeline_id",
            "stage_id",
            "entered",
            days=_days(known.at, "ended_at"),
            goes_on=pl.col("ended_at").is_null(),
            end=pl.when(won).then(End.WON).when(lost).then(End.LOST).otherwise(End.CENSORED).cast(pl.Int8),
        )
    )


def _days(at: datetime, until: str) -> pl.Expr:
    """Days from `entered` until a column's moment, or until now where it has none."""
    return pl.coalesce(days_between("entered", until), days_until(at, "entered"))
