"""Undoes a deal's last movement: it stands where it stood before, closing and place included.

The movement leaves the deal's history of stages, so that a slip of the hand is no win in a report. The log keeps both.
"""

from datetime import timedelta

from crm.deals import activity
from crm.deals.moving import EVENTS, write_place
from crm.deals.record import Deal
from crm.deals.verbs import get
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Kind, stage
from crm.records.edits import differences
from crm.store import Reading, Writing

LASTS = timedelta(minutes=10)
"""How long a movement can be undone. Later it belongs to what others have seen and reported."""


def undo_move(tx: Writing, was: Deal, *, version: int) -> Deal:
    """Undo the actor's own last movement of a deal, which made `version` of it. `was` is the deal before that.

    Raises Stale where the deal was changed since, NotFound where its former stage is gone, Invalid where the movement
    is another's or too long ago.
    """
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, was.id, version=version)
    if deal.stage_id == was.stage_id:
        return _put_in_place(tx, deal, was.rank)
    stage(tx, was.stage_id)
    tx.run("DELETE FROM base.stage_events WHERE id = $id", id=_own_last_movement(tx, deal, was))
    activity.recompute_moves(tx, "SELECT $deal::BIGINT", deal=deal.id)
    # What else the deal holds has not changed since: its version says so.
    back = was.model_copy(update={"updated_at": tx.now, "version": deal.version + 1})
    write_place(tx, back)
    tx.record(
        _event(deal, was),
        "deal",
        deal.id,
        from_stage=deal.stage_id,
        to_stage=was.stage_id,
        changes=differences(deal, back),
    )
    return back


def _put_in_place(tx: Writing, deal: Deal, rank: int) -> Deal:
    tx.run("UPDATE base.deals SET rank = $rank WHERE id = $id", rank=rank, id=deal.id)
    tx.record("deal.reordered", "deal", deal.id, stage=deal.stage_id)
    return deal.model_copy(update={"rank": rank})


def _own_last_movement(tx: Reading, deal: Deal, was: Deal) -> int:
    """The id of the movement that brought the deal from where it was. Raises Invalid where it is not to be undone."""
    last = tx.row(
        """
        SELECT id, from_stage_id, to_stage_id, by_id, known_at
        FROM base.stage_events
        WHERE deal_id = $id
        ORDER BY id DESC
        LIMIT 1
        """,
        id=deal.id,
    )
    came = (last["from_stage_id"], last["to_stage_id"], last["by_id"])
    if came != (was.stage_id, deal.stage_id, tx.actor.id) or last["known_at"] < tx.now - LASTS:
        raise Invalid(tr("It is too late to undo the last move of “{title}”. Move it back instead.", title=deal.title))
    return int(last["id"])


def _event(deal: Deal, was: Deal) -> str:
    if was.status is not Kind.OPEN:
        return EVENTS[was.status.value]
    return EVENTS["move" if deal.is_open else "reopen"]
