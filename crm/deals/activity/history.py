"""The columns of `base.deal_activity` computed from history: as of now, or as known at a past moment.

Each function returns a query with one row per deal. `deals` is the condition on the deal's id, `known` the one on the
moment at which a row of history became known.
"""

BY_HAND = ("page", "api")
"""Sources of changes that a person made. What an import, an automation or a job does is no activity."""

EVERY = "IS NOT NULL"
ALWAYS = "IS NOT NULL"


def moves(deals: str = EVERY, known: str = ALWAYS) -> str:
    """SQL: deal_id, entered_at, moved_at."""
    return f"""
        SELECT
            deal_id,
            max(happened_at) AS entered_at,
            max(happened_at) FILTER (by_hand) AS moved_at
        FROM base.stage_events
        WHERE deal_id {deals} AND known_at {known}
        GROUP BY deal_id
    """


def edits(deals: str = EVERY, known: str = ALWAYS) -> str:
    """SQL: deal_id, edited_at, pushes. A deal's first version is no edit."""
    return f"""
        SELECT
            deal_id,
            max(known_at) FILTER (by_hand AND was IS NOT NULL AND was <> (value, expected_close)) AS edited_at,
            count(*) FILTER (expected_close > close_was) AS pushes
        FROM (
            SELECT
                deal_id,
                known_at,
                door IN {BY_HAND} AS by_hand,
                value,
                expected_close,
                lag((value, expected_close)) OVER former AS was,
                lag(expected_close) OVER former AS close_was
            FROM base.deal_versions
            WHERE deal_id {deals} AND known_at {known}
            WINDOW former AS (PARTITION BY deal_id ORDER BY id)
        )
        GROUP BY deal_id
    """


def notes(deals: str = EVERY, known: str = ALWAYS) -> str:
    """SQL: deal_id, noted_at."""
    return _children("notes", "noted_at", deals, known)


def files(deals: str = EVERY, known: str = ALWAYS) -> str:
    """SQL: deal_id, filed_at."""
    return _children("attachments", "filed_at", deals, known)


def _children(table: str, column: str, deals: str, known: str) -> str:
    return f"""
        SELECT subject_id AS deal_id, max(created_at) AS {column}
        FROM base.{table}
        WHERE subject_kind = 'deal' AND subject_id {deals} AND created_at {known}
        GROUP BY subject_id
    """


def activity(deals: str = EVERY, known: str = ALWAYS, of: str = "SELECT id FROM base.deals") -> str:
    """SQL: the columns of `base.deal_activity`, for each deal of the query `of`."""
    return f"""
        SELECT
            deal.id AS deal_id,
            moves.entered_at,
            moves.moved_at,
            edits.edited_at,
            noted.noted_at,
            filed.filed_at,
            coalesce(edits.pushes, 0)::INTEGER AS pushes
        FROM ({of}) AS deal
        LEFT JOIN ({moves(deals, known)}) AS moves ON moves.deal_id = deal.id
        LEFT JOIN ({edits(deals, known)}) AS edits ON edits.deal_id = deal.id
        LEFT JOIN ({notes(deals, known)}) AS noted ON noted.deal_id = deal.id
        LEFT JOIN ({files(deals, known)}) AS filed ON filed.deal_id = deal.id
    """
