"""The answers of the reports: their figures with computed sums and rates."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from crm.pipelines import Category
from crm.reports.amounts import RateUsed
from crm.reports.attainment import Attainment, Attainments
from crm.reports.breakdown import Breakdown, Part
from crm.reports.bridge import Bridge
from crm.reports.causes import Cause, Total
from crm.reports.closings import Closed, Closings, Cycle, Reason, Reversal, WinRate
from crm.reports.conversion import Cohort, Conversion, LossReason, Step
from crm.reports.forecast import Bucket, Figure, Forecast
from crm.reports.periods import Grain, Period
from crm.reports.stage_times import Days
from crm.reports.unvalued import Unvalued, UnvaluedPart
from crm.reports.velocity import Velocity


class ChangesShown(BaseModel):
    """`start` + the amounts of `causes` = `end`. Every amount is in `currency`, at the rate of its day; `left_out`
    counts deals whose currency had none, which count as nothing."""

    currency: str
    first: date
    last: date
    period: Period | None
    start: Total
    end: Total
    difference: Decimal
    causes: dict[Cause, Total]
    left_out: dict[str, int]

    @classmethod
    def of(cls, bridge: Bridge) -> "ChangesShown":
        return cls(**dict(bridge), difference=bridge.difference)


class AttainmentShown(BaseModel):
    """`coverage` = (won + open) / target, and `gap` = target - won - weighted; null unless every month has a target, of
    which `missing` have none. A quarter's target is of no month."""

    target: Decimal | None
    missing: int
    coverage: float | None
    gap: Decimal | None

    @classmethod
    def of(cls, attainment: Attainment) -> "AttainmentShown":
        return cls(
            target=attainment.target, missing=attainment.missing, coverage=attainment.coverage, gap=attainment.gap
        )


class ForecastBucket(BaseModel):
    """A month or quarter. `expected` = the value won so far + the weighted value of what is open."""

    period: Period
    won: Figure
    open: Figure
    expected: Decimal
    attainment: AttainmentShown

    @classmethod
    def of(cls, bucket: Bucket, attainment: Attainment) -> "ForecastBucket":
        # Copied one by one, here and below: sums and rates are properties, which pydantic does not serialise.
        return cls(
            period=bucket.period,
            won=bucket.won,
            open=bucket.open,
            expected=bucket.expected,
            attainment=AttainmentShown.of(attainment),
        )


class UnvaluedShown(BaseModel):
    """Open deals without a value, at the median of what deals of their pipeline were won for by then: in no other
    figure of the forecast. `typical` is null, and `value` 0, where none of the pipeline was won with a value."""

    rule: Literal["median_of_won"] = "median_of_won"
    count: int
    value: Decimal
    weighted: Decimal
    unknown: int
    parts: list[UnvaluedPart]

    @classmethod
    def of(cls, found: Unvalued) -> "UnvaluedShown":
        return cls(
            count=found.count,
            value=found.value,
            weighted=found.weighted,
            unknown=found.unknown,
            parts=found.parts,
        )


class ForecastShown(BaseModel):
    """Every amount is in `currency`; deals in others are converted at `rates`, and `left_out` counts those that are
    not. `day` is the day that a rate is of: the latest on or before the day asked, for a won deal its closing day.
    `categories` are of the open deals of the period; `commit` is won and commit, `best_case` also best case, each at
    its whole value."""

    currency: str
    today: date
    period: Period
    grain: Grain
    won: Figure
    open: Figure
    overdue: Figure
    undated: Figure
    outside: Figure
    categories: dict[Category, Figure]
    commit: Figure
    best_case: Figure
    rates: list[RateUsed]
    left_out: dict[str, int]
    attainment: AttainmentShown
    why_no_attainment: str | None
    buckets: list[ForecastBucket]
    unvalued: UnvaluedShown | None

    @classmethod
    def of(cls, report: Forecast, attainments: Attainments, unvalued: Unvalued | None) -> "ForecastShown":
        return cls(
            currency=report.currency,
            today=report.today,
            period=report.period,
            grain=report.grain,
            won=report.won,
            open=report.open,
            overdue=report.overdue,
            undated=report.undated,
            outside=report.outside,
            categories=report.categories,
            commit=report.at_least(Category.COMMIT),
            best_case=report.at_least(Category.BEST_CASE),
            rates=report.rates,
            left_out=report.left_out,
            attainment=AttainmentShown.of(attainments.total),
            why_no_attainment=attainments.why_not,
            buckets=[
                ForecastBucket.of(bucket, each)
                for bucket, each in zip(report.buckets, attainments.buckets, strict=True)
            ],
            unvalued=UnvaluedShown.of(unvalued) if unvalued else None,
        )


class ConversionStep(BaseModel):
    """`name` and order are those of the cohort's start. `rate` is as it stands, `rate_at_most` if every undecided deal
    passes; null where nothing arrived. `strict` counts the deals that entered every earlier stage in order, and
    `strict_rate` those of them that entered the next; null for a stage that the order did not have. `touched` are
    counts of any order; `snapshot` are the open deals of the day asked, a distribution and no conversion. `reasons` are
    those of the `dropped`. `time` is in days."""

    stage_id: int
    name: str
    name_now: str
    removed: bool
    is_won: bool
    reached: int
    strict: int | None
    dropped: int
    reasons: list[LossReason]
    undecided: int
    touched: int
    snapshot: int
    rate: float | None
    rate_at_most: float | None
    strict_rate: float | None
    drop_off: float | None
    time: Days
    young: bool

    @classmethod
    def of(cls, step: Step) -> "ConversionStep":
        return cls(
            **step.model_dump(exclude={"next_reached", "next_strict", "time", "reasons"}),
            time=step.time,
            reasons=list(step.reasons),
            strict_rate=step.strict_rate,
            rate=step.rate,
            rate_at_most=step.rate_at_most,
            drop_off=step.drop_off,
        )


class ConversionShown(BaseModel):
    """Of the deals that arrived in the period, how many came how far, by the measure “reached”; the steps have the
    others, too."""

    pipeline_id: int
    pipeline_name: str
    today: date
    period: Period
    entered: int
    won: int
    undecided: int
    rate: float | None
    rate_at_most: float | None
    out: int
    reversed: int
    steps: list[ConversionStep]
    cohorts: list[Cohort]

    @classmethod
    def of(cls, report: Conversion) -> "ConversionShown":
        return cls(
            pipeline_id=report.pipeline_id,
            pipeline_name=report.pipeline_name,
            today=report.today,
            period=report.period,
            entered=report.entered,
            won=report.won,
            undecided=report.undecided,
            rate=report.rate,
            rate_at_most=report.rate_at_most,
            out=report.out,
            reversed=report.reversed,
            steps=[ConversionStep.of(step) for step in report.steps],
            cohorts=report.cohorts,
        )


class WinRateShown(BaseModel):
    """`interval` is Wilson's at 95 %, under 100 closings; a rate is null where it cannot be told honestly, and
    `why_not_by_value` says why."""

    won: Closed
    lost: Closed
    by_count: float | None
    by_value: float | None
    why_not_by_value: str | None
    interval: tuple[float, float] | None

    @classmethod
    def of(cls, rate: WinRate) -> "WinRateShown":
        return cls(
            won=rate.won,
            lost=rate.lost,
            by_count=rate.by_count,
            by_value=rate.by_value,
            why_not_by_value=rate.why_not_by_value,
            interval=rate.interval,
        )


class ClosingsBucket(BaseModel):
    period: Period
    rate: WinRateShown


class ClosingsShown(BaseModel):
    """Counts hold every currency; amounts are in `currency`: values in others are converted at `rates`, those of the
    closing days, and `left_out` counts the closings whose values are not."""

    currency: str
    period: Period
    grain: Grain
    rate: WinRateShown
    buckets: list[ClosingsBucket]
    reasons: list[Reason]
    cycle: Cycle
    reversals: list[Reversal]
    rates: list[RateUsed]
    left_out: dict[str, int]

    @classmethod
    def of(cls, report: Closings) -> "ClosingsShown":
        return cls(
            currency=report.currency,
            period=report.period,
            grain=report.grain,
            rate=WinRateShown.of(report.rate),
            buckets=[
                ClosingsBucket(period=bucket.period, rate=WinRateShown.of(bucket.rate)) for bucket in report.buckets
            ],
            reasons=report.reasons,
            cycle=report.cycle,
            reversals=report.reversals,
            rates=report.rates,
            left_out=report.left_out,
        )


class VelocityShown(BaseModel):
    """`per_day` = `open` × `win_rate` × `mean_value` / `cycle`, in `currency`; null where a term is. The last three are
    of the deals closed in `window`, the 90 days up to the day asked; `cycle` is in days, at least 1. `mean_value` is
    over won deals that carry a value, those in other currencies converted at `rates`; `left_out` counts the won deals
    that have no rate."""

    currency: str
    window: Period
    per_day: Decimal | None
    open: int
    win_rate: float | None
    mean_value: Decimal | None
    cycle: float | None
    rate: WinRateShown
    rates: list[RateUsed]
    left_out: dict[str, int]

    @classmethod
    def of(cls, report: Velocity) -> "VelocityShown":
        return cls(
            currency=report.currency,
            window=report.window,
            per_day=report.per_day,
            open=report.open,
            win_rate=report.win_rate,
            mean_value=report.mean_value,
            cycle=report.cycle,
            rate=WinRateShown.of(report.rate),
            rates=report.rates,
            left_out=report.left_out,
        )


class PartShown(BaseModel):
    """One part: `key` names it in `/breakdown/deals`; `name` is null for the deals that have none of what it is broken
    down by. `reached` has a count for each of `stages`."""

    key: str
    name: str | None
    arrived: int
    won: int
    undecided: int
    conversion: float | None
    conversion_at_most: float | None
    reached: list[int]
    rate: WinRateShown
    cycle: Cycle
    velocity: VelocityShown | None

    @classmethod
    def of(cls, part: Part) -> "PartShown":
        return cls(
            key=part.key,
            name=part.name,
            arrived=part.arrived,
            won=part.won,
            undecided=part.undecided,
            conversion=part.conversion,
            conversion_at_most=part.conversion_at_most,
            reached=part.reached,
            rate=WinRateShown.of(part.rate),
            cycle=part.cycle,
            velocity=VelocityShown.of(part.velocity) if part.velocity else None,
        )


class BreakdownShown(BaseModel):
    """The parts with most deals first, 50 at most; `left_out` counts the others. Segments overlap: a deal is in the
    part of each that it counts to."""

    split: str
    pipeline_id: int
    period: Period
    currency: str
    stages: list[str]
    parts: list[PartShown]
    left_out: int

    @classmethod
    def of(cls, report: Breakdown) -> "BreakdownShown":
        return cls(
            split=str(report.split),
            pipeline_id=report.pipeline_id,
            period=report.period,
            currency=report.amounts.currency,
            stages=report.stages,
            parts=[PartShown.of(part) for part in report.parts],
            left_out=report.left_out,
        )
