"""The models of pipelines and stages, and how to read them."""

import re
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Literal

from pydantic import BaseModel

from crm.foundation import bounds, identity
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.pipelines.categories import Category
from crm.store import Reading, Row
from crm.store.kept import kept

COLOURS = (
    "#64748b",
    "#3b82f6",
    "#0ea5b7",
    "#7c6cf0",
    "#a855c7",
    "#d97706",
    "#c2793f",
    "#5b8c3e",
    "#12805c",
    "#c8323b",
)
"""Colours offered for stages: mid-tones with contrast on light and dark pages."""

RANK_STEP = 2**20
"""The gap between the ranks of two deals: 20 moves into the same gap halve it to nothing before ranks are
renumbered."""

WON_COLOUR = "#12805c"
LOST_COLOUR = "#c8323b"


class Kind(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Stage(BaseModel, frozen=True):
    id: int
    pipeline_id: int
    name: str
    colour: str
    position: int
    probability: Decimal
    """Percent, 0 to 100."""
    kind: Kind
    category: Category = Category.PIPELINE
    """The forecast category of its deals."""
    limit_days: int | None = None
    """Days idle after which a deal counts as stalled; None for the usual time of won deals."""


class Pipeline(BaseModel, frozen=True):
    id: int
    name: str
    position: int
    version: int
    winners: Literal["everybody", "managers", "named"] = "everybody"
    """Who may move deals into Won."""
    stages: tuple[Stage, ...]
    """In order: the open ones, then Won, then Lost."""

    @property
    def open_stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.kind is Kind.OPEN)

    @property
    def won(self) -> Stage:
        return next(stage for stage in self.stages if stage.kind is Kind.WON)

    @property
    def lost(self) -> Stage:
        return next(stage for stage in self.stages if stage.kind is Kind.LOST)

    def stage(self, stage_id: int) -> Stage:
        found = next((stage for stage in self.stages if stage.id == stage_id), None)
        if found is None:
            raise NotFound(tr("stage"))
        return found


class NewStage(BaseModel, frozen=True):
    """An open stage to create; missing values are derived from its position."""

    name: str
    probability: Decimal | None = None
    colour: str | None = None
    category: Category | None = None


def get(tx: Reading, pipeline_id: int) -> Pipeline:
    found = next((pipeline for pipeline in all_of(tx) if pipeline.id == pipeline_id), None)
    if found is None:
        raise NotFound(tr("pipeline"))
    return found


@kept
def all_of(tx: Reading) -> list[Pipeline]:
    """All pipelines with their stages, in order."""
    rows = tx.rows(
        """
        SELECT
            stage.*,
            pipeline.name AS pipeline_name,
            pipeline.position AS pipeline_position,
            pipeline.version AS pipeline_version,
            pipeline.winners
        FROM pipelines AS pipeline
        JOIN stages AS stage ON stage.pipeline_id = pipeline.id
        """
    )
    # Sorted here: the engine takes longer to plan a sort of a few rows than to read them.
    rows.sort(key=_place)
    return [_pipeline(list(stages)) for _, stages in groupby(rows, key=itemgetter("pipeline_id"))]


def _place(row: Row) -> tuple[int, ...]:
    """Pipelines in order, each with its open stages, then Won, then Lost."""
    return (
        *(row["pipeline_position"], row["pipeline_id"]),
        *(row["kind"] == Kind.LOST, row["kind"] == Kind.WON),
        *(row["position"], row["id"]),
    )


def stage(tx: Reading, stage_id: int) -> Stage:
    found = tx.rows("SELECT * FROM stages WHERE id = $id", id=stage_id)
    if not found:
        raise NotFound(tr("stage"))
    return Stage(**found[0])


def checked_name(name: str | None, of: str) -> str:
    """The name without blanks around it. Raises Invalid for none; `of` is what it names, in the actor's language."""
    found = identity.text(name, "name", limit=80)
    if not found:
        raise Invalid(tr("A {kind} needs a name.", kind=of), "name")
    return found


def checked_colour(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise Invalid(tr("“{colour}” is not a colour. Write it as #3b82f6.", colour=bounds.shown(colour)), "colour")
    return colour.lower()


def checked_probability(probability: Decimal) -> Decimal:
    # Asked first: comparing a NaN raises.
    if not probability.is_finite() or not 0 <= probability <= 100:
        raise Invalid(tr("A probability lies between 0 and 100 percent."), "probability")
    return probability.quantize(Decimal("0.01"))


def _pipeline(rows: list[Row]) -> Pipeline:
    first = rows[0]
    return Pipeline(
        id=first["pipeline_id"],
        name=first["pipeline_name"],
        position=first["pipeline_position"],
        version=first["pipeline_version"],
        winners=first["winners"],
        stages=tuple(Stage(**row) for row in rows),
    )
