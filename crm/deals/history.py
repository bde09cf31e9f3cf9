"""Deals as they were known at a past moment, and a deal's state at its closing.

“Known” differs from “happened”: a win of the 3rd that was recorded on the 20th had happened by the 10th, but nobody
knew. Back-tests filter by `known_at`, so that a forecast of the past never sees the future.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.pipelines.versions import OPEN_STAGES
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


class Closing(BaseModel, frozen=True):
    """A deal's state at its closing, which later changes of the deal leave as it is."""

    result: Literal["won", "lost"]
    closed_on: date
    value: Decimal | None
    currency: str
    owner_id: int | None
    team_id: int | None


def as_known(schema: str = "") -> str:
    """SQL with the columns of `State`, one row per deal that was known at `$as_of`. `schema` is "base." for figures
    over all deals, visible or not.

    An imported file gives a deal's stage and contact as of the import only. Before that, or before its closing, the
    deal counts as in the first stage and without a contact.
    """
    # `brought`: the stage and the contact of a file's last line would predict how the deal ends.
    return f"""
        SELECT
            stood.deal_id,
            stood.last.pipeline AS pipeline_id,
            stage.id AS stage_id,
            stage.kind AS status,
            stood.opened_at,
            stood.last.entered AS entered_at,
            was.last.value,
            was.last.currency,
            was.last.close AS expected_close,
            was.last.owner AS owner_id,
            was.last.team AS team_id,
            was.last.contact AND brought.deal_id IS NULL AS has_contact
        FROM (
            SELECT
                deal_id,
                min(happened_at) AS opened_at,
                arg_max(
                    {{
                        'pipeline': pipeline_id,
                        'stage': to_stage_id,
                        'entered': happened_at,
                        'opened': from_stage_id IS NULL
                    }},
                    id
                ) AS last
            FROM {schema}stage_events
            WHERE known_at <= $as_of
            GROUP BY deal_id
        ) AS stood
        JOIN (
            SELECT
                deal_id,
                arg_max(
                    {{
                        'value': value,
                        'currency': currency,
                        'close': expected_close,
                        'owner': owner_id,
                        'team': team_id,
                        'contact': has_contact
                    }},
                    id
                ) AS last
            FROM {schema}deal_versions
            WHERE known_at <= $as_of
            GROUP BY deal_id
        ) AS was ON was.deal_id = stood.deal_id
        LEFT JOIN ({BROUGHT}) AS brought
            ON brought.deal_id = stood.deal_id AND brought.told_at > $as_of AND stood.last.opened
        LEFT JOIN ({FIRST_STAGES}) AS first ON first.pipeline_id = stood.last.pipeline AND brought.deal_id IS NOT NULL
        JOIN base.stages AS stage ON stage.id = coalesce(first.stage_id, stood.last.stage)
    """


def known(tx: Reading, as_of: datetime) -> list[State]:
    """The visible deals that were known at the moment `as_of`, by id."""
    return [State(**row) for row in tx.rows(f"{as_known()} ORDER BY stood.deal_id", as_of=as_of)]


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
