"""Timing two ways to the same end beside each other, and telling the result as a ratio."""

import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

WARM_UPS = 3


@dataclass(frozen=True)
class Case:
    """`product` does what a person asks for, `bare` is the SQL it stands on, written by hand."""

    name: str
    product: Callable[[], object]
    bare: Callable[[], object]
    aim: float
    """The ratio that we want to stay under."""


@dataclass(frozen=True)
class Ratio:
    """Medians in milliseconds."""

    name: str
    bare: float
    product: float
    aim: float

    @property
    def ratio(self) -> float:
        return self.product / self.bare


def measure(case: Case, rounds: int) -> Ratio:
    """Both in turn, so that what else the machine does falls on both alike; the medians."""
    for _ in range(WARM_UPS):
        case.bare()
        case.product()
    bare, product = [], []
    for _ in range(rounds):
        bare.append(_milliseconds(case.bare))
        product.append(_milliseconds(case.product))
    return Ratio(case.name, statistics.median(bare), statistics.median(product), case.aim)


def show(ratios: Iterable[Ratio]) -> None:
    print(f"{'':58} {'bare SQL':>10} {'product':>10} {'ratio':>7} {'aim':>6}")
    for one in ratios:
        missed = "" if one.ratio <= one.aim else "  missed"
        print(f"{one.name:58} {one.bare:7.2f} ms {one.product:7.2f} ms {one.ratio:6.2f}× {'≤':>3}{one.aim:3g}×{missed}")


def keep(path: Path, ratios: Iterable[Ratio]) -> None:
    path.write_text(json.dumps([asdict(one) | {"ratio": one.ratio} for one in ratios], indent=2) + "\n")


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)
