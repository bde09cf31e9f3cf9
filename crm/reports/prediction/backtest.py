"""What the forecast was worth: made again for past month ends from what was known then, beside what came of it.

For each month end t the deals open at t are forecast, and compared with what was won of them by t + h as it was known
at t + h. Beside it stand the curves of `survival` and two baselines that a forecast has to beat: what was won in the
last h days of the deals open at t - h, and the static weighted forecast Σ value × probability of the stage by hand.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel

from crm.reports.prediction import hazard, survival, values
from crm.reports.prediction.known import Known
from crm.reports.prediction.log import Log
from crm.reports.prediction.simulation import DRAWS_TO_TUNE, Portfolio, Quantiles, Spread, simulate, tune
from crm.reports.prediction.survival import Floats

MONTHS = 24
BINS = 10


class Method(StrEnum):
    MODEL = "model"
    AALEN_JOHANSEN = "aalen_johansen"
    LAST_ACTUAL = "last_actual"
    STATIC = "static"


@dataclass(frozen=True)
class Past:
    """A month end with the deals that were open then."""

    at: datetime
    deals: pl.DataFrame
    """deal_id, pipeline_id, owner_id, `value` (expected if won), `variation`, `chance` of the model, `aalen_johansen`,
    `static`, `won` and `came_to` (0 where it was not won)."""
    last_actual: pl.DataFrame
    """pipeline_id, owner_id, `amount`: what was won in the horizon before of the deals that were open at its start."""


class Point(BaseModel, frozen=True):
    """One month end: forecasts by method, what came of it, and the range that was drawn around the model's, if any."""

    day: date
    deals: int
    actual: float
    forecasts: dict[Method, float]
    p10: float | None
    p90: float | None

    @property
    def within(self) -> bool | None:
        return None if self.p10 is None or self.p90 is None else self.p10 <= self.actual <= self.p90


class Accuracy(BaseModel, frozen=True):
    """bias = Σ(F - A)/ΣA and WAPE = Σ|F - A|/ΣA over month ends, and over the owners within them; None where nothing
    was won."""

    bias: float | None
    wape: float | None
    wape_by_owner: float | None


class Bin(BaseModel, frozen=True):
    """Deals with chances in a tenth: the mean of the chances, and the share that was won."""

    chance: float
    won: float
    deals: int


class Discrimination(BaseModel, frozen=True):
    """Of single deals: Brier = mean (p - y)², beside b (1 - b), that of giving all of them the share won b, and the
    reliability table. `auc` is None where all deals ended alike."""

    brier: float
    base: float
    auc: float | None
    reliability: list[Bin]


class Backtest(BaseModel, frozen=True):
    """The result for one pipeline, one owner, or all deals."""

    horizon: int
    points: list[Point]
    accuracy: dict[Method, Accuracy]
    discrimination: dict[Method, Discrimination]
    spread: float | None
    covered: int
    backtests: int


class Evaluation(BaseModel, frozen=True):
    """The back-test of a pipeline, and of each owner in it whose deals were open at a month end; as JSON it is what a
    worker stores. It holds amounts of everybody's deals: who may not see these may see `owners` of their own only."""

    pipeline_id: int
    currency: str
    computed_at: datetime
    whole: Backtest | None
    """None where too little was closed for a forecast at any month end."""
    owners: dict[int, Backtest]
    """Without ranges: the few deals of one person say little of what is shared by all."""


def evaluate(log: Log, now: datetime, zone: ZoneInfo, *, horizon: int, currency: str) -> list[Evaluation]:
    """Every pipeline with deals, over up to 24 month ends of the zone. The log was read in `currency`."""
    pasts = replay(log, month_ends(log, now, horizon, zone), horizon)
    return [
        Evaluation(
            pipeline_id=pipeline_id,
            currency=currency,
            computed_at=now,
            whole=result(pasts, horizon, of := pl.col("pipeline_id") == pipeline_id),
            owners=_owners(pasts, horizon, of),
        )
        for pipeline_id in log.events["pipeline_id"].unique().sort()
    ]


def _owners(pasts: list[Past], horizon: int, condition: pl.Expr) -> dict[int, Backtest]:
    present = [past.deals.filter(condition)["owner_id"] for past in pasts]
    owners: list[int] = pl.concat(present).drop_nulls().unique().sort().to_list() if present else []
    found = {
        owner: result(pasts, horizon, condition & (pl.col("owner_id") == owner), of_owner=True) for owner in owners
    }
    return {owner: backtest for owner, backtest in found.items() if backtest}


def month_ends(log: Log, now: datetime, horizon: int, zone: ZoneInfo, months: int = MONTHS) -> list[datetime]:
    """The starts of months, in the zone, whose horizon has passed, oldest first; none before the first event."""
    if log.events.is_empty():
        return []
    first = log.events["known_at"].min()
    found: list[datetime] = []
    day = now.astimezone(zone).date().replace(day=1)
    while len(found) < months:
        moment = datetime.combine(day, time(), zone).astimezone(UTC)
        if isinstance(first, datetime) and moment <= first:
            break
        if moment + timedelta(days=horizon) <= now:
            found.append(moment)
        day = (day - timedelta(days=1)).replace(day=1)
    return found[::-1]


def replay(
    log: Log, moments: Iterable[datetime], horizon: int, at: Callable[[datetime], Known] | None = None
) -> list[Past]:
    """Each moment forecast from what was known then. Moments at which no pipeline had closings enough are left out.
    `at` gives what was known at a moment where it is more than the log says, such as prices."""
    known_at = at or log.at
    step = timedelta(days=horizon)
    found = (_past(known_at(moment - step), known_at(moment), known_at(moment + step), horizon) for moment in moments)
    return [past for past in found if past.deals.height]


def _past(before: Known, known: Known, after: Known, horizon: int) -> Past:
    deals = values.with_values(known, before).with_columns(
        chance=hazard.chances(known, [horizon]).within, aalen_johansen=survival.win_chances(known, horizon)
    )
    # A pipeline without closings enough has no forecast, and so nothing to compare.
    deals = deals.filter(pl.col("chance").is_not_nan())
    by_hand = known.stages.select("stage_id", static="probability")
    deals = deals.join(by_hand, on="stage_id", how="left", maintain_order="left")
    deals = deals.join(_won(after), on="deal_id", how="left", maintain_order="left")
    return Past(
        at=known.at,
        deals=deals.select(
            "deal_id",
            "pipeline_id",
            "owner_id",
            "variation",
            "chance",
            "aalen_johansen",
            pl.col("static").fill_null(0.0),
            value="expected_value",
            won=pl.col("came_to").is_not_null(),
            came_to=pl.col("came_to").fill_null(0.0),
        ),
        last_actual=before.open_deals()
        .join(_won(known), on="deal_id")
        .filter(pl.col("pipeline_id").is_in(deals["pipeline_id"].unique().to_list()))
        .group_by("pipeline_id", "owner_id")
        .agg(amount=pl.col("came_to").sum()),
    )


def _won(known: Known) -> pl.DataFrame:
    """What the deals that are won by then came to, 0 where they carry no value."""
    return known.deals.filter(pl.col("status") == "won").select("deal_id", came_to=pl.col("value").fill_null(0.0))


def result(
    pasts: list[Past], horizon: int, condition: pl.Expr | None = None, *, of_owner: bool = False
) -> Backtest | None:
    """The back-test of the deals that meet a condition on pipeline_id and owner_id; None where there were none. Of one
    owner (`of_owner`) it has no ranges."""
    condition = pl.lit(True) if condition is None else condition
    chosen = [Past(past.at, past.deals.filter(condition), past.last_actual.filter(condition)) for past in pasts]
    chosen = [past for past in chosen if past.deals.height]
    if not chosen:
        return None
    spread, drawn = (Spread(None, 0, 0), [None] * len(chosen)) if of_owner else _ranges(chosen)
    points = [_point(past, of_past) for past, of_past in zip(chosen, drawn, strict=True)]
    every = pl.concat([past.deals for past in chosen])
    return Backtest(
        horizon=horizon,
        points=points,
        accuracy={method: _accuracy(points, chosen, method, of_owner=of_owner) for method in Method},
        discrimination={
            method: _discrimination(every[column].to_numpy(), every["won"].to_numpy())
            for method, column in CHANCE.items()
        },
        spread=spread.value,
        covered=spread.covered,
        backtests=spread.backtests,
    )


CHANCE = {Method.MODEL: "chance", Method.AALEN_JOHANSEN: "aalen_johansen", Method.STATIC: "static"}
"""The methods that give each deal a chance, and its column."""


def portfolio(deals: pl.DataFrame) -> Portfolio:
    """Of the deals of a `Past`, without buckets."""
    return Portfolio(deals["chance"].to_numpy()[:, None], deals["value"].to_numpy(), deals["variation"].to_numpy())


def _ranges(pasts: list[Past]) -> tuple[Spread, list[Quantiles | None]]:
    """The spread that covers 80 % of the month ends, and the range at each of them with it."""
    portfolios = [portfolio(past.deals) for past in pasts]
    spread = tune((each, float(past.deals["came_to"].sum())) for each, past in zip(portfolios, pasts, strict=True))
    if spread.value is None:
        return spread, [None] * len(pasts)
    # The draws that tuned it: with others, a month end at the edge might fall to the other side.
    return spread, [simulate(each, spread.value, draws=DRAWS_TO_TUNE).total for each in portfolios]


def _point(past: Past, drawn: Quantiles | None) -> Point:
    deals = past.deals
    forecasts = {method: float((deals[column] * deals["value"]).sum()) for method, column in CHANCE.items()}
    return Point(
        # The day that ended then.
        day=(past.at - timedelta(hours=12)).date(),
        deals=deals.height,
        actual=float(deals["came_to"].sum()),
        forecasts=forecasts | {Method.LAST_ACTUAL: float(past.last_actual["amount"].sum())},
        p10=drawn.p10 if drawn else None,
        p90=drawn.p90 if drawn else None,
    )


def _accuracy(points: list[Point], pasts: list[Past], method: Method, *, of_owner: bool) -> Accuracy:
    actual = sum(point.actual for point in points)
    if not actual:
        return Accuracy(bias=None, wape=None, wape_by_owner=None)
    errors = [point.forecasts[method] - point.actual for point in points]
    wape = sum(abs(error) for error in errors) / actual
    # Of one owner both are the same, and grouping each month for each owner took two fifths of a back-test.
    by_owner = wape if of_owner else sum(_by_owner(past, method) for past in pasts) / actual
    return Accuracy(bias=sum(errors) / actual, wape=wape, wape_by_owner=by_owner)


def _by_owner(past: Past, method: Method) -> float:
    """Σ|F - A| over the owners of one month end."""
    if method in CHANCE:
        gap = past.deals.select("owner_id", gap=pl.col(CHANCE[method]) * pl.col("value") - pl.col("came_to"))
    else:
        actual = past.deals.select("owner_id", gap=-pl.col("came_to"))
        gap = pl.concat([actual, past.last_actual.select("owner_id", gap="amount")])
    return float(gap.group_by("owner_id").agg(pl.col("gap").sum())["gap"].abs().sum())


def _discrimination(chances: Floats, won: NDArray[np.bool_]) -> Discrimination:
    share = won.mean()
    place = np.minimum((chances * BINS).astype(int), BINS - 1)
    return Discrimination(
        brier=float(((chances - won) ** 2).mean()),
        base=float(share * (1 - share)),
        auc=_auc(chances, won),
        reliability=[
            Bin(chance=float(chances[inside].mean()), won=float(won[inside].mean()), deals=int(inside.sum()))
            for inside in (place == number for number in range(BINS))
            if inside.any()
        ],
    )


def _auc(chances: Floats, won: NDArray[np.bool_]) -> float | None:
    """By ranks, ties counted half (Mann and Whitney 1947)."""
    many, lost = int(won.sum()), int((~won).sum())
    if not many or not lost:
        return None
    ranks = pl.Series(chances).rank().to_numpy()
    return float((ranks[won].sum() - many * (many + 1) / 2) / (many * lost))
