"""A dashboard's tiles and how they stand in rows, and the one that everybody has out of the box."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from crm.dashboards.tiles import TYPES, TileType, Width

PERIOD = "this-quarter"
"""What figures are of where nobody chose another period."""
FILTERS = ("pipeline", "owner", "team", "source", "period")
"""The words of an address that a dashboard is filtered by, see crm/reports/query.py."""


class Tile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(max_length=40)
    width: Width
    title: str = Field("", max_length=80)
    """Of its own; empty for that of its type."""
    source_id: int | None = Field(None, ge=1, strict=True, le=2**63 - 1)
    """Of the segment or saved query that it shows."""

    @property
    def type(self) -> TileType:
        return TYPES[self.kind]


OVERVIEW = tuple(
    Tile(kind=kind, width=width)
    for kind, width in {
        "open_pipeline": Width.THIRD,
        "won_target": Width.THIRD,
        "win_rate": Width.THIRD,
        "cycle": Width.THIRD,
        "forecast_range": Width.THIRD,
        "stalled": Width.THIRD,
        "bridge": Width.HALF,
        "leaderboard": Width.HALF,
        "forecast": Width.FULL,
    }.items()
)
"""A manager's home."""


def rows(tiles: Iterable[Tile]) -> list[list[Tile]]:
    """The tiles in rows, in their order: each row holds as many as fit."""
    found: list[list[Tile]] = []
    room = 0
    for tile in tiles:
        if tile.width.sixths > room:
            found.append([])
            room = 6
        found[-1].append(tile)
        room -= tile.width.sixths
    return found
