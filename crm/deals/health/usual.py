"""The usual time of won deals in each stage: the P90 of their completed visits.

Over all deals, visible or not: else a deal would be stalled for one person and not for another.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from pydantic import BaseModel

from crm.deals.activity import won_visits
from crm.store import Reading, Row
from crm.store.kept import kept

FEWEST = 10
"""The fewest visits for a P90: of fewer it would be just the longest."""

MICROSECONDS_A_DAY = 86_400_000_000


class Usual(BaseModel, frozen=True):
    visits: int
    """Completed visits among won deals."""
    microseconds: int | None
    """Their P90; None below ten visits, or where they took no time: an imported file did not say when the deals
    opened."""


@kept
def usual(tx: Reading) -> Mapping[int, Usual]:
    """{stage id: its usual time} as of now, without stages that no won deal has passed."""
    return from_rows(tx.rows(NOW))


def as_of(tx: Reading, at: datetime) -> Mapping[int, Usual]:
    """{stage id: its usual time} from what was known at a moment: visits of the deals that were won at that time."""
    return from_rows(tx.rows(_P90S.format(visits=f"({won_visits.visits(known='<= $at')})"), at=at))


def usual_days(tx: Reading) -> dict[int, float]:
    """{stage id: usual days}, only for stages with enough visits."""
    return {
        stage_id: round(found.microseconds / MICROSECONDS_A_DAY, 1)
        for stage_id, found in usual(tx).items()
        if found.microseconds is not None
    }


_P90S = "SELECT stage_id, count(*) AS visits, quantile_cont(stood, 0.9) AS p90 FROM {visits} GROUP BY stage_id"

NOW = _P90S.format(visits="base.won_visits")
"""SQL of the rows of which `from_rows` makes the usual times of now."""


def from_rows(rows: Iterable[Row]) -> Mapping[int, Usual]:
    """{stage id: its usual time}."""
    return MappingProxyType(
        {
            row["stage_id"]: Usual(
                visits=row["visits"], microseconds=round(row["p90"]) or None if row["visits"] >= FEWEST else None
            )
            for row in rows
        }
    )
