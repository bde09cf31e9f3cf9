"""Counts the notes, files and checklist items of deals when they are shown; nothing is stored."""

from pydantic import BaseModel


class Counters(BaseModel, frozen=True):
    notes: int = 0
    files: int = 0
    items: int = 0
    """Items of all checklists of the deal; `done` are the completed ones."""
    done: int = 0


NONE = Counters()


def counters_sql(ids: str) -> str:
    """SQL with one row for each of the deals that has something to count: deal_id and counters, a struct. `ids` is a
    query of ids from a visible view."""
    # base tables: a scan of three narrow columns, where the views would check privacy again.
    return f"""
        SELECT
            deal_id,
            {{
                'notes': sum(notes)::BIGINT,
                'files': sum(files)::BIGINT,
                'items': sum(items)::BIGINT,
                'done': sum(done)::BIGINT
            }} AS counters
        FROM (
            SELECT subject_id AS deal_id, 1 AS notes, 0 AS files, 0 AS items, 0 AS done
            FROM base.notes
            WHERE subject_kind = 'deal'
            UNION ALL
            SELECT subject_id, 0, 1, 0, 0
            FROM base.attachments
            WHERE subject_kind = 'deal'
            UNION ALL
            SELECT deal_id, 0, 0, 1, (done_at IS NOT NULL)::INTEGER
            FROM base.checklist_items
        )
        WHERE deal_id IN ({ids})
        GROUP BY deal_id
    """
