"""Generates a deal's way through the stages: with waiting times, skipped stages, steps back and reopenings.

It ends at the last midnight: a deal whose next step would come later is still open.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime

from crm.demo.calendar import later
from crm.pipelines import Pipeline, Stage

SKIPS = 0.07
STEPS_BACK = 0.05
FORGOTTEN = 0.12
"""The share of neglected deals, whose waiting times are eight times as long."""
SECOND_CHANCE = 0.05
"""The share of lost deals that are reopened."""


@dataclass(frozen=True)
class Arrival:
    """The arrival of a deal in a stage: one row of its movement history."""

    kind: str
    stage: Stage
    happened_at: datetime


def walk(
    chance: random.Random, pipeline: Pipeline, *, opened: datetime, until: datetime, win_rate: float, cycle: float
) -> list[Arrival]:
    """The arrivals of one deal from its creation, in order. `cycle`: the days that a won deal usually takes."""
    stages = pipeline.open_stages
    waits = [cycle / len(stages) * (8 if chance.random() < FORGOTTEN else 1)] * len(stages)
    arrivals = [Arrival("create", stages[0], opened)]
    while True:
        here = arrivals[-1]
        kind, stage = _next(chance, pipeline, here.stage, win_rate)
        happened = later(chance, here.happened_at, chance.lognormvariate(0, 0.9) * waits[stages.index(here.stage)])
        # The step is yet to come: the deal is still open.
        if happened >= until:
            return arrivals
        arrivals.append(Arrival(kind, stage, happened))
        if kind == "won" or (kind == "lost" and chance.random() > SECOND_CHANCE):
            return arrivals
        if kind == "lost":
            again = later(chance, happened, chance.uniform(15, 90))
            if again >= until:
                return arrivals
            arrivals.append(Arrival("reopen", here.stage, again))


def _next(chance: random.Random, pipeline: Pipeline, here: Stage, win_rate: float) -> tuple[str, Stage]:
    stages = pipeline.open_stages
    place = stages.index(here)
    if chance.random() > _pass_rate(len(stages), place, win_rate):
        return "lost", pipeline.lost
    if place > 0 and chance.random() < STEPS_BACK:
        return "move", stages[place - 1]
    onward = place + (2 if chance.random() < SKIPS else 1)
    return ("move", stages[onward]) if onward < len(stages) else ("won", pipeline.won)


def _pass_rate(stages: int, place: int, win_rate: float) -> float:
    """The probability to pass a stage: early stages lose most."""
    # The shares of all stages sum to 1, so that the product of the probabilities is the win rate.
    share = (stages - place) / (stages * (stages + 1) / 2)
    return math.pow(win_rate, share)
