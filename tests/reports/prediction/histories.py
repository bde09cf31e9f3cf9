"""Small histories by hand, as the frames that estimates are made from. Times are days since `START`."""

from datetime import UTC, datetime, timedelta

import polars as pl

from crm.reports.prediction.known import DEALS, STAGES, VISITS, Known

START = datetime(2026, 1, 1, tzinfo=UTC)
WON, LOST = 98, 99

Path = list[tuple[float, int]]
"""(day, stage) of each arrival of a deal, `WON` and `LOST` among them."""


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def known(
    paths: list[Path],
    day: float,
    *,
    values: list[float | None] | None = None,
    owners: list[int] | None = None,
    probabilities: dict[int, float] | None = None,
) -> Known:
    """What is known on a day of deals with these paths, in pipeline 1. Stages are numbers below `WON`."""
    visits, deals = [], []
    for number, path in enumerate(paths, 1):
        past = [step for step in path if step[0] <= day]
        for step, after in zip(past, [*past[1:], None], strict=True):
            visits.append((number, 1, step[1], kind(step[1]), at(step[0]), at(after[0]) if after else None))
        if past:
            value = values[number - 1] if values else 100.0
            owner = owners[number - 1] if owners else 1
            entered, stage = past[-1]
            deals.append((number, 1, stage, kind(stage), at(past[0][0]), at(entered), value, owner))
    stages = sorted({stage for path in paths for _, stage in path} | {WON, LOST} | set(probabilities or {}))
    chances = {WON: 1.0, LOST: 0.0} | (probabilities or {})
    return Known(
        at=at(day),
        deals=pl.DataFrame(deals, schema=DEALS, orient="row"),
        visits=pl.DataFrame(visits, schema=VISITS, orient="row"),
        stages=pl.DataFrame(
            [(stage, 1, kind(stage), chances.get(stage, 0.5)) for stage in stages], schema=STAGES, orient="row"
        ),
    )


def kind(stage: int) -> str:
    return {WON: "won", LOST: "lost"}.get(stage, "open")
