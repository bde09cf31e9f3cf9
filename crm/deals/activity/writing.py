"""Writes `base.deal_activity`: what each change of a deal's history does to its columns."""

from datetime import datetime

from crm.deals.activity import history, won_visits
from crm.records.declaration import Trait
from crm.store import Writing

CHILDREN = {Trait.NOTES: ("notes", "noted_at"), Trait.FILES: ("attachments", "filed_at")}


def start(tx: Writing, deal_id: int, at: datetime) -> None:
    """Insert the row of a deal that a person has opened."""
    tx.run("INSERT INTO base.deal_activity (deal_id, entered_at, moved_at) VALUES ($id, $at, $at)", id=deal_id, at=at)


def start_each(tx: Writing, ids: str) -> None:
    """Insert the rows of deals that an import has created, after their movements and versions."""
    won_visits.add(tx, f"IN ({ids})")
    # A file's versions are no edits, and the first of them, which knows no expected close, makes no push of the next.
    tx.run(
        f"""
        INSERT INTO base.deal_activity (deal_id, entered_at, moved_at)
        FROM ({history.moves(f"IN ({ids})")})
        ORDER BY deal_id
        """
    )


def note_arrival(tx: Writing, deal_id: int, at: datetime, *, reopened: bool) -> None:
    """After a person moved one deal to an open stage."""
    if reopened:
        tx.run("DELETE FROM base.won_visits WHERE deal_id = $id", id=deal_id)
    tx.run("UPDATE base.deal_activity SET entered_at = $at, moved_at = $at WHERE deal_id = $id", id=deal_id, at=at)


def follow_arrivals(tx: Writing, after: int) -> None:
    """After arrivals were written: those with an id beyond `after`, at most one a deal."""
    closed = "SELECT deal_id FROM base.stage_events WHERE id > $after AND kind IN ('won', 'lost', 'reopen')"
    # Asked first: a move of many closes and reopens none, and the two statements scan the visits of all deals.
    if tx.value(f"SELECT EXISTS ({closed})", after=after):
        won_visits.recompute(tx, f"IN ({closed})", after=after)
    # Each is its deal's last one: no arrival is earlier than the one before it.
    tx.run(
        """
        UPDATE base.deal_activity AS activity SET
            entered_at = event.happened_at,
            moved_at = CASE WHEN event.by_hand THEN event.happened_at ELSE moved_at END
        FROM base.stage_events AS event
        WHERE event.id > $after AND event.deal_id = activity.deal_id
        """,
        after=after,
    )


def note_edit(tx: Writing, deal_id: int, at: datetime, *, by_hand: bool, pushed: bool) -> None:
    """After value or expected close of one deal changed; `pushed`: to a later day."""
    if not (by_hand or pushed):
        return
    tx.run(
        """
        UPDATE base.deal_activity SET
            edited_at = CASE WHEN $by_hand THEN $at ELSE edited_at END,
            pushes = pushes + $pushed::INTEGER
        WHERE deal_id = $id
        """,
        id=deal_id,
        at=at,
        by_hand=by_hand,
        pushed=pushed,
    )


def note_child(tx: Writing, trait: Trait, deal_id: int, added: bool) -> None:
    """After a note or a file of one deal was added or removed."""
    table, column = CHILDREN[trait]
    # Of those that are left after a removal; an addition is the newest, and needs no scan.
    newest = f"(SELECT max(created_at) FROM base.{table} WHERE subject_kind = 'deal' AND subject_id = $id)"
    tx.run(
        f"UPDATE base.deal_activity SET {column} = {f'greatest({column}, $now)' if added else newest} "
        "WHERE deal_id = $id",
        id=deal_id,
        **({"now": tx.now} if added else {}),
    )


def recompute_notes(tx: Writing, ids: str) -> None:
    """After notes of many deals were added or removed: from those that the deals still have."""
    tx.run(
        f"""
        UPDATE base.deal_activity AS activity SET noted_at = (
            SELECT max(created_at) FROM base.notes WHERE subject_kind = 'deal' AND subject_id = activity.deal_id
        )
        WHERE deal_id IN ({ids})
        """
    )


def recompute_moves(tx: Writing, ids: str, **params: object) -> None:
    """After arrivals were deleted: from those that the deals still have."""
    won_visits.recompute(tx, f"IN ({ids})", **params)
    tx.run(
        f"""
        UPDATE base.deal_activity AS activity SET entered_at = moves.entered_at, moved_at = moves.moved_at
        FROM ({history.moves(f"IN ({ids})")}) AS moves
        WHERE moves.deal_id = activity.deal_id
        """,
        **params,
    )


def recompute_edits(tx: Writing, ids: str, **params: object) -> int:
    """After versions of many deals were written: from all versions of these deals; how many."""
    return tx.run(
        f"""
        UPDATE base.deal_activity AS activity SET edited_at = edits.edited_at, pushes = edits.pushes
        FROM ({history.edits(f"IN ({ids})")}) AS edits
        WHERE edits.deal_id = activity.deal_id
            AND (edits.edited_at, edits.pushes) IS DISTINCT FROM (activity.edited_at, activity.pushes)
        """,
        **params,
    )


def refill(tx: Writing) -> None:
    """Compute the columns of all deals anew, and the visits of those that are won, after their history was written as
    it is."""
    won_visits.recompute(tx, won_visits.EVERY)
    tx.run("DELETE FROM base.deal_activity WHERE deal_id NOT IN (SELECT id FROM base.deals)")
    tx.run(
        f"""
        INSERT INTO base.deal_activity BY NAME
        {history.activity()}
        ORDER BY deal_id
        ON CONFLICT (deal_id) DO UPDATE SET
            entered_at = excluded.entered_at,
            moved_at = excluded.moved_at,
            edited_at = excluded.edited_at,
            noted_at = excluded.noted_at,
            filed_at = excluded.filed_at,
            pushes = excluded.pushes
        """
    )
