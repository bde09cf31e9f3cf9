"""Deals as they were known at a past moment, and a deal's state at its closing.

“Known” differs from “happened”: a win of the 3rd that was recorded on the 20th had happened by the 10th, but nobody
knew. Back-tests filter by `known_at`, so that a forecast of the past never sees the future.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

import polars as pl
from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.pipelines.versions import OPEN_STAGES, STAGES_AS_OF
from crm.store import Reading

BROUGHT = """
    SELECT change.subject_id AS deal_id, import.finished_at AS told_at
    FROM base.import_changes AS change
    JOIN base.imports AS import ON import.id = change.import_id
    WHERE change.subject_kind = 'deal' AND change.change = 'created'
"""
"""SQL: the deals that imports created, and when each import finished."""

FIRST_STAGES = f"""
    SELECT pipeline_id, arg_min(stage_id, position) AS stage_id
    FROM ({OPEN_STAGES})
    GROUP BY pipeline_id
"""
"""SQL: the first open stage of each pipeline at `$as_of`."""


class State(BaseModel, frozen=True):
    """A deal as it was known at a moment."""

    deal_id: int
    pipeline_id: int
    stage_id: int
    status: Kind
    opened_at: datetime
    entered_at: datetime
    """When it entered its stage."""
    value: Decimal | None
    """None where the deal had no value, or none was known yet."""
    currency: str
    expected_close: date | None
    owner_id: int | None
    team_id: int | None
    has_contact: bool
    probability: Decimal
    """Percent: its own, else that of its stage then."""
    category: str
    """Its forecast category."""


class Closing(BaseModel, frozen=True):
    """A deal's state at its closing, which later changes of the deal leave as it is."""

    result: Literal["won", "lost"]
    closed_on: date
    value: Decimal | None
    currency: str
    owner_id: int | None
    team_id: int | None


PRESENT = datetime(9999, 12, 31, tzinfo=UTC)
"""The `$as_of` of what is known by now: no moment, since a machine's clock may have been set back after a change."""


def as_known(*, sight: str = "past_deals", with_bin: bool = False, one: bool = False) -> str:
    """SQL with the columns of `State` and those of the last closing, one row per deal that was known at `$as_of` and
    did not lie in the bin; `with_bin`: also those that did, told by `removed`. `sight` holds the ids of the deals to
    tell of; "base.deals" for figures over all deals, visible or not. `one`: only the deal `$deal_id`.

    An imported file gives a deal's stage and contact as of the import only. Before that, or before its closing, the
    deal counts as in the first stage and without a contact. A stage that was made after `$as_of` counts as it was made.
    """
    # The last row of each deal is found by the highest id and fetched by it: gathering its columns by `arg_max` takes
    # three times as long. `brought`: the stage and the contact of a file's last line would predict how the deal ends.
    only = "AND deal_id = $deal_id" if one else ""
    return f"""
        SELECT
            stood.deal_id,
            moved.pipeline_id,
            stage.id AS stage_id,
            stage.kind AS status,
            stood.opened_at,
            moved.happened_at AS entered_at,
            was.value,
            was.currency,
            was.expected_close,
            was.owner_id,
            was.team_id,
            was.has_contact AND brought.deal_id IS NULL AS has_contact,
            CASE stage.kind
                WHEN 'open' THEN coalesce(was.own_probability, stood_in.probability)
                ELSE stage.probability
            END AS probability,
            CASE stage.kind WHEN 'open' THEN coalesce(was.own_category, stood_in.category) ELSE stage.category END
                AS category,
            was.own_probability,
            was.own_category,
            stood_in.name AS stage_name,
            stood_in.position,
            moved.closed_on,
            moved.value AS closed_value,
            moved.currency AS closed_currency,
            moved.owner_id AS closed_owner_id,
            moved.team_id AS closed_team_id,
            moved.close_reason_id,
            was.removed
        FROM (
            SELECT deal_id, min(happened_at) AS opened_at, max(id) AS last_id
            FROM base.stage_events
            WHERE known_at <= $as_of {only}
            GROUP BY deal_id
        ) AS stood
        JOIN base.stage_events AS moved ON moved.id = stood.last_id
        JOIN (
            SELECT deal_id, max(id) AS last_id
            FROM base.deal_versions
            WHERE known_at <= $as_of {only}
            GROUP BY deal_id
        ) AS known ON known.deal_id = stood.deal_id
        JOIN base.deal_versions AS was ON was.id = known.last_id
        LEFT JOIN ({BROUGHT}) AS brought
            ON brought.deal_id = stood.deal_id AND brought.told_at > $as_of AND moved.from_stage_id IS NULL
        LEFT JOIN ({FIRST_STAGES}) AS first ON first.pipeline_id = moved.pipeline_id AND brought.deal_id IS NOT NULL
        JOIN base.stages AS stage ON stage.id = coalesce(first.stage_id, moved.to_stage_id)
        LEFT JOIN ({STAGES_AS_OF}) AS stood_in ON stood_in.stage_id = stage.id
        WHERE {"true" if with_bin else "NOT was.removed"} AND stood.deal_id IN (SELECT id FROM {sight})
    """


def known(tx: Reading, as_of: datetime) -> list[State]:
    """The visible deals that were known at the moment `as_of`, by id."""
    return [State(**row) for row in tx.rows(f"{as_known()} ORDER BY stood.deal_id", as_of=as_of)]


def deals_as_of(tx: Reading, as_of: datetime = PRESENT) -> pl.DataFrame:
    """The deals that the actor may see, as they were known at the moment `as_of`: a frame with the columns of
    `as_known`, one row per deal. Computed from the log, never from the deals as they are now."""
    return tx.frame(as_known(), as_of=as_of)


VISITS = """
    SELECT
        deal_id,
        pipeline_id,
        to_stage_id AS stage_id,
        happened_at AS entered_at,
        lead(happened_at) OVER stood AS left_at,
        lead(to_stage_id) OVER stood AS next_stage_id
    FROM base.stage_events
    WHERE known_at <= $as_of AND deal_id IN (SELECT id FROM past_deals)
    WINDOW stood AS (PARTITION BY deal_id ORDER BY happened_at, id)
"""
"""SQL: one row per visit of a deal to a stage as known at `$as_of`; it ends with the deal's next event, wherever that
led, and is NULL in `left_at` until then. The time between a closing and a reopening is a visit to the Won or Lost
stage, and so in no open stage."""


def visits(tx: Reading, as_of: datetime = PRESENT) -> pl.DataFrame:
    """The visits of the deals that the actor may see, as known at the moment `as_of`: deal_id, pipeline_id, stage_id,
    entered_at, left_at and next_stage_id (None for those that still last)."""
    return tx.frame(VISITS, as_of=as_of)


def last_closing(tx: Reading, deal_id: int) -> Closing:
    """The last closing of a deal. Raises NotFound where it never closed, or is not visible."""
    rows = tx.rows(
        """
        SELECT kind AS result, closed_on, value, currency, owner_id, team_id
        FROM stage_events
        WHERE deal_id = $id AND closed_on IS NOT NULL
        ORDER BY id DESC
        LIMIT 1
        """,
        id=deal_id,
    )
    if not rows:
        raise NotFound(tr("closing"))
    return Closing(**rows[0])
