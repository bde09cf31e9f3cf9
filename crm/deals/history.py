"""Deals as they were known at a moment, and how a deal was when it closed: the past, as it may be asked for.

What was known is another question than what had happened: a win of the 3rd that was recorded on the 20th had happened
by the 10th, and nobody knew. Back-tests ask by `known_at`, so that no forecast of the past sees the future.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.pipelines import Kind
from crm.pipelines.versions import OPEN_STAGES
from crm.store import Reading

BROUGHT = """
    SELECT change.subject_id AS deal_id, import.finished_at AS told_at
    FROM base.import_changes AS change
    JOIN base.imports AS import ON import.id = change.import_id
    WHERE change.subject_kind = 'deal' AND change.change = 'created'
"""
"""SQL: the deals that came in files, and when they came."""

FIRST_STAGES = f"""
    SELECT pipeline_id, arg_min(stage_id, position) AS stage_id
    FROM ({OPEN_STAGES})
    GROUP BY pipeline_id
"""
"""SQL: where deals begin, by pipeline, at `$as_of`."""


class State(BaseModel, frozen=True):
    """A deal as the product knew it at a moment."""

    deal_id: int
    pipeline_id: int
    stage_id: int
    status: Kind
    opened_at: datetime
    entered_at: datetime
    """When it came into its stage."""
    value: Decimal | None
    """None where it had none, or none was known yet."""
    currency: str
    expected_close: date | None
    owner_id: int | None
    team_id: int | None
    has_contact: bool


class Closing(BaseModel, frozen=True):
    """How a deal was when it closed; nothing that became of it later changes this."""

    result: Literal["won", "lost"]
    closed_on: date
    value: Decimal | None
    currency: str
    owner_id: int | None
    team_id: int | None


def as_known(schema: str = "") -> str:
    """SQL with the columns of `State`, a row for each deal that was known at `$as_of`. `schema`: "base." past what the
    actor may see, for figures that are of all deals.

    A file tells in which stage a deal is, or was last, and with whom, and none of it was known before the file came:
    until then, or until it closed, the deal stands where deals begin, without a contact.
    """
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
    """Every deal that the actor may see and that was known then, by id."""
    return [State(**row) for row in tx.rows(f"{as_known()} ORDER BY stood.deal_id", as_of=as_of)]


def last_closing(tx: Reading, deal_id: int) -> Closing:
    """NotFound where the deal never closed, or may not be seen."""
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
        raise NotFound("closing")
    return Closing(**rows[0])
