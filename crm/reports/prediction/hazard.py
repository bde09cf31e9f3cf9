"""How open deals go on: rates of closing and of moving, by stage and by the days spent in it.

A piecewise exponential, semi-Markov model: in each stage and each band of days the daily rate is what happened over the
days that deals were there (occurrence/exposure rates; Holford 1980, “The analysis of rates and of survivorship using
log-linear models”; Aalen, Borgan and Gjessing 2008, chapter 5). The chance to be won within h days follows deals
through the stages, day by day; with one stage and no prior it is [CIF_won(a + h) - CIF_won(a)] / S(a).

Four things differ from the curves of `survival`, since each forecasts better what was not used for it (see DECISIONS.md
and benchmarks/prediction.py): rates are of the last days only, as many as are forecast; days before the first closing
that is known count nowhere; what is won of closings counts against the probability set by hand; and owners differ in
how fast their deals close.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crm.reports.prediction.known import DAY_US, Known, days_until
from crm.reports.prediction.survival import FEWEST_AT_RISK, PRIOR_DEALS, Floats, shrunk

EDGES = np.array([0, 3, 7, 14, 21, 30, 45, 60, 75, 90, 105, 120, 140, 160, 180, 240, 300, 365, 548, 730], float)
"""Where the bands of days in a stage begin; the last one has no end."""
MONTH = 365.25 / 12

SHORTEST_WINDOW = 92
FEWEST_CLOSINGS = 20
"""Below this many closings nothing is said of a pipeline."""
ENOUGH_CLOSINGS = 100
"""The window is doubled until it holds as many closings, or the whole history."""
PRIOR_MONTHS = 1.0
"""The probability set by hand counts as a month of closings against the months of history. What is won of closings
differs from month to month far more than their number says, so one month of them proves little."""


@dataclass(frozen=True)
class Chances:
    """For each open deal, in the order of `known.open_deals()`: the probability to be won by the end of each horizon.
    NaN in pipelines with too few closings."""

    won: Floats
    """Deals × horizons, ascending in each row."""

    @property
    def within(self) -> Floats:
        """By the end of the last horizon."""
        return self.won[:, -1]


@dataclass(frozen=True)
class Rates:
    """Of one pipeline. By stage and band: daily rates of closing and of moving on. By stage: the share won of what
    closes, and in `targets` where moves lead. `owners`: closings of each owner's deals as a multiple."""

    stages: dict[int, int]
    closing: Floats
    moving: Floats
    share: Floats
    targets: Floats
    owners: dict[int | None, float]
    months: float

    def survey(self, horizons: Sequence[int]) -> tuple[Floats, Floats]:
        """Probabilities to be won and to be lost by the end of each horizon: horizons × stages × whole days in it."""
        ages = np.arange(int(EDGES[-1]) + 1)
        band = np.searchsorted(EDGES, ages, side="right") - 1
        closing, moving, share = self.closing[:, band], self.moving[:, band], self.share[:, None]
        leaves = -np.expm1(-(closing + moving))
        closes = np.divide(closing, closing + moving, out=np.zeros_like(closing), where=closing + moving > 0) * leaves
        moves, stays = leaves - closes, 1 - leaves
        older = np.minimum(ages + 1, ages[-1])
        won, lost, found = np.zeros_like(closing), np.zeros_like(closing), {}
        for day in range(1, max(horizons) + 1):
            won, lost = (
                closes * part + moves * (self.targets @ end[:, 0])[:, None] + stays * end[:, older]
                for part, end in ((share, won), (1 - share, lost))
            )
            found[day] = (won, lost)
        return np.stack([found[day][0] for day in horizons]), np.stack([found[day][1] for day in horizons])


def chances(known: Known, horizons: Sequence[int]) -> Chances:
    """The probability of each open deal to be won within each of the horizons, in whole days, ascending."""
    deals = known.open_deals().with_row_index("place")
    found = np.full((deals.height, len(horizons)), np.nan)
    visits = _transitions(known)
    for (pipeline_id,), group in deals.group_by("pipeline_id"):
        rates = fit(known, visits.filter(pl.col("pipeline_id") == pipeline_id), horizons[-1])
        if rates:
            found[group["place"].to_numpy()] = _of_deals(known, group, rates, horizons)
    return Chances(found)


def _of_deals(known: Known, deals: pl.DataFrame, rates: Rates, horizons: Sequence[int]) -> Floats:
    won, lost = rates.survey(horizons)
    stage = deals["stage_id"].replace_strict(rates.stages, default=0, return_dtype=pl.Int64).to_numpy()
    ages = deals.select(days_until(known.at, "entered_at")).to_series().to_numpy()
    age = np.clip(ages, 0, won.shape[2] - 1).astype(int)
    won, lost = won[:, stage, age].T, lost[:, stage, age].T
    closed = won + lost
    share = np.divide(won, closed, out=np.zeros_like(won), where=closed > 0)
    by_hand = deals.join(known.stages, on="stage_id", how="left", maintain_order="left")["probability"].fill_null(0)
    share = (rates.months * share + PRIOR_MONTHS * by_hand.to_numpy()[:, None]) / (rates.months + PRIOR_MONTHS)
    # Rates of closing are proportional: S(t) to the power of the owner's multiple.
    multiple = np.array([rates.owners.get(owner, 1.0) for owner in deals["owner_id"]])[:, None]
    closed = -np.expm1(multiple * np.log1p(-np.minimum(closed, 1 - 1e-12)))
    return np.maximum.accumulate(closed * share, axis=1)


def fit(known: Known, visits: pl.DataFrame, horizon: float) -> Rates | None:
    """The rates of a pipeline from its visits (see `_transitions`); None where too little was closed."""
    closings = visits.filter(pl.col("result").is_not_null())
    if closings.height < FEWEST_CLOSINGS:
        return None
    history = float(closings.select(days_until(known.at, "left").max()).item())
    since = known.at - timedelta(days=_window(known.at, closings["left"], history, horizon))
    stages = {stage: number for number, stage in enumerate(visits["stage_id"].unique().sort())}
    visits = visits.with_columns(stage=pl.col("stage_id").replace_strict(stages, return_dtype=pl.Int64))
    recent = visits.filter(pl.coalesce("left", pl.lit(known.at)) > since)
    exposure, at_risk = _exposure(recent, since, known.at, len(stages))
    closed, moved = (
        _count(recent.filter(pl.col("left").is_not_null(), kind), len(stages))
        for kind in (pl.col("result").is_not_null(), pl.col("target").is_not_null())
    )
    closing = _shrunk_rates(closed, exposure, at_risk)
    return Rates(
        stages=stages,
        closing=closing,
        moving=_shrunk_rates(moved, exposure, at_risk),
        share=_shares(closed, recent, len(stages)),
        targets=_targets(visits, stages),
        owners=_owners(known, recent, since, closing),
        months=history / MONTH,
    )


def _window(at: datetime, closings: pl.Series, history: float, horizon: float) -> float:
    """Days: as long as what is forecast, so that it has the same seasons, but never less than a quarter."""
    days = max(horizon, SHORTEST_WINDOW)
    while days < history and (closings > at - timedelta(days=days)).sum() < ENOUGH_CLOSINGS:
        days *= 2
    return min(days, history)


def _transitions(known: Known) -> pl.DataFrame:
    """Visits to open stages with how each ended: `result` won or lost, or `target`, the stage that it moved to. Both
    are None while it lasts, and where it left the pipeline, which censors it."""
    deal, pipeline = pl.col("deal_id"), pl.col("pipeline_id")
    goes_on = ((deal == deal.shift(-1)) & (pipeline == pipeline.shift(-1))).fill_null(False)
    following = pl.when(goes_on).then(pl.col("kind").shift(-1))
    return (
        known.visits.with_columns(
            result=pl.when(following != "open").then(following),
            target=pl.when(following == "open").then(pl.col("stage_id").shift(-1)),
        )
        .filter(pl.col("kind") == "open")
        .join(known.deals.select("deal_id", "owner_id"), on="deal_id", how="left", maintain_order="left")
        .with_columns(days=(pl.col("left") - pl.col("entered")).dt.total_microseconds() / DAY_US)
    )


def _bands(days: pl.Series) -> NDArray[np.int64]:
    return np.maximum(np.searchsorted(EDGES, days.to_numpy(), side="right") - 1, 0)


def _count(visits: pl.DataFrame, stages: int) -> Floats:
    """How many of these visits ended in each stage and band."""
    counts = np.zeros((stages, len(EDGES)))
    np.add.at(counts, (visits["stage"].to_numpy(), _bands(visits["days"])), 1)
    return counts


def _overlaps(visits: pl.DataFrame, since: datetime, at: datetime) -> Floats:
    """Visits × bands: the days that each visit spent in each band, from `since` on."""
    start = visits.select(-days_until(since, "entered")).to_series().to_numpy()  # in days after `since`
    begin, end = np.maximum(-start, 0), np.minimum((at - since) / timedelta(days=1), _left(visits, since)) - start
    upper = np.append(EDGES[1:], np.inf)
    days: Floats = np.maximum(np.minimum(end[:, None], upper) - np.maximum(begin[:, None], EDGES), 0)
    return days


def _left(visits: pl.DataFrame, since: datetime) -> Floats:
    left = visits.select(-days_until(since, "left")).to_series()
    days: Floats = left.fill_null(np.inf).to_numpy()
    return days


def _exposure(visits: pl.DataFrame, since: datetime, at: datetime, stages: int) -> tuple[Floats, Floats]:
    """Stages × bands: the days spent there, and how many visits spent any."""
    overlaps, stage = _overlaps(visits, since, at), visits["stage"].to_numpy()
    days, deals = np.zeros((stages, len(EDGES))), np.zeros((stages, len(EDGES)))
    np.add.at(days, stage, overlaps)
    np.add.at(deals, stage, overlaps > 0)
    return days, deals


def _shrunk_rates(events: Floats, days: Floats, deals: Floats) -> Floats:
    """Per day, of each stage and band, small ones shrunk to that band of the pipeline; 0 where fewer than 20 deals of
    the pipeline were at risk in the band."""
    whole = np.divide(events.sum(0), days.sum(0), out=np.zeros(len(EDGES)), where=deals.sum(0) >= FEWEST_AT_RISK)
    own = np.divide(events, days, out=np.zeros_like(events), where=days > 0)
    return np.where(deals.sum(0) >= FEWEST_AT_RISK, shrunk(own, whole, deals), 0)


def _shares(closed: Floats, visits: pl.DataFrame, stages: int) -> Floats:
    """The share won of what closes in each stage, a small one shrunk to the pipeline. Not by band: bands differ less by
    age than by the weeks that most of their closings happen to fall into."""
    won = _count(visits.filter(pl.col("result") == "won"), stages).sum(1)
    many = closed.sum(1)
    return shrunk(_ratio(won, many), np.full(stages, won.sum() / max(many.sum(), 1)), many)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _targets(visits: pl.DataFrame, stages: dict[int, int]) -> Floats:
    """Stages × stages: where the moves from each one led. A stage that was never left leads to itself."""
    moves = visits.filter(pl.col("target").is_in(list(stages)))
    counts = np.eye(len(stages)) * 1e-9
    to = moves["target"].replace_strict(stages, return_dtype=pl.Int64).to_numpy()
    np.add.at(counts, (moves["stage"].to_numpy(), to), 1)
    shares: Floats = counts / counts.sum(1, keepdims=True)
    return shares


def _owners(known: Known, visits: pl.DataFrame, since: datetime, closing: Floats) -> dict[int | None, float]:
    """(closings + 50) / (expected closings + 50) of each owner's deals: Clayton and Kaldor (1987), with the prior that
    small groups have everywhere here."""
    expected = (_overlaps(visits, since, known.at) * closing[visits["stage"].to_numpy()]).sum(1)
    closed = pl.col("result").is_not_null()
    of_owner = visits.with_columns(expected=pl.Series(expected)).group_by("owner_id")
    counts = of_owner.agg(closed=closed.sum(), expected=pl.col("expected").sum())
    multiple = (pl.col("closed") + PRIOR_DEALS) / (pl.col("expected") + PRIOR_DEALS)
    return dict(counts.select("owner_id", multiple).iter_rows())
