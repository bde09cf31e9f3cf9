"""Sub-queries of the health score: people's last actions on deals, and their next steps, as known at a moment.

Each is a named sub-query with one row per deal. `deals` is the condition on the deal's id.
"""

from datetime import date, datetime

TOUCHES = {
    "moved": "moved to its stage",
    "edited": "value or expected close changed",
    "noted": "note",
    "filed": "file",
    "ticked": "checklist item done",
}


def touches(at: datetime, today: date, deals: str) -> str:
    """SQL: moves (entered, moved), edits (edited, pushes), noted, filed and steps (ticked, next_due, planned)."""
    moment = f"TIMESTAMPTZ '{at.isoformat()}'"
    return ",".join(
        (
            _moves(moment, deals),
            _edits(moment, deals),
            _attached("noted", "notes", moment, deals),
            _attached("filed", "attachments", moment, deals),
            _steps(moment, today, deals),
        )
    )


def _moves(moment: str, deals: str) -> str:
    return f"""
    moves AS (
        SELECT
            deal_id,
            max(epoch_us(happened_at)) AS entered,
            max(epoch_us(happened_at)) FILTER (WHERE by_hand) AS moved
        FROM base.stage_events
        WHERE deal_id {deals} AND known_at <= {moment}
        GROUP BY deal_id
    )"""


def _edits(moment: str, deals: str) -> str:
    """The last edit by a person, and how often the expected close was pushed back. A deal's first version is no
    edit."""
    return f"""
    versions AS (
        SELECT
            deal_id,
            epoch_us(known_at) AS changed_at,
            door IN ('page', 'api') AS by_hand,
            value,
            expected_close,
            lag((value, expected_close)) OVER former AS was,
            lag(expected_close) OVER former AS close_was
        FROM base.deal_versions
        WHERE deal_id {deals} AND known_at <= {moment}
        WINDOW former AS (PARTITION BY deal_id ORDER BY id)
    ),
    edits AS (
        SELECT
            deal_id,
            max(changed_at) FILTER (WHERE by_hand AND was IS NOT NULL AND was <> (value, expected_close)) AS edited,
            count(*) FILTER (WHERE expected_close > close_was) AS pushes
        FROM versions
        GROUP BY deal_id
    )"""


def _attached(name: str, table: str, moment: str, deals: str) -> str:
    return f"""
    {name} AS (
        SELECT subject_id AS deal_id, max(epoch_us(created_at)) AS {name}
        FROM base.{table}
        WHERE subject_kind = 'deal' AND subject_id {deals} AND created_at <= {moment}
        GROUP BY subject_id
    )"""


def _steps(moment: str, today: date, deals: str) -> str:
    """The last completed checklist item, and the next open one. Due dates are today's, since their history is not
    kept."""
    return f"""
    items AS (
        SELECT deal_id, due_on, CASE WHEN done_at <= {moment} THEN epoch_us(done_at) END AS done
        FROM base.checklist_items
        WHERE deal_id {deals} AND created_at <= {moment}
    ),
    steps AS (
        SELECT
            deal_id,
            max(done) AS ticked,
            min(due_on) FILTER (WHERE done IS NULL AND due_on >= DATE '{today}') AS next_due,
            bool_or(done IS NULL AND (due_on IS NULL OR due_on >= DATE '{today}')) AS planned
        FROM items
        GROUP BY deal_id
    )"""
