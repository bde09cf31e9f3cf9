"""Moving and closing a deal from a page: the verb, and the message that says it and offers to undo it."""

from collections.abc import Callable
from typing import Any

from crm import deals
from crm.deals import Deal
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.ui import refusals, session, undo


def do(verb: Callable[..., Deal], deal: Deal, *, version: int | None = None, **fields: Any) -> Deal:
    """Call `win`, `lose`, `move` or `reopen` on the deal as it was drawn, or as of another `version`; a refusal is
    raised."""
    moved = session.do(verb, deal.id, version=version or deal.version, **fields)
    offer_undo(deal, moved)
    return moved


def on_press(verb: Callable[..., Deal], deal: Deal, **fields: Any) -> None:
    """As `session.on_press`."""
    try:
        do(verb, deal, **fields)
    except CrmError as refusal:
        refusals.keep(refusal)


def attempt(verb: Callable[..., Deal], deal: Deal, **fields: Any) -> Deal | None:
    """As `session.attempt`."""
    try:
        return do(verb, deal, **fields)
    except CrmError as refusal:
        refusals.show(refusal)
        return None


def offer_undo(before: Deal, moved: Deal) -> None:
    if (before.stage_id, before.rank) != (moved.stage_id, moved.rank):
        undo.offer(_sentence(before, moved), deals.undo_move, before, version=moved.version)


def _sentence(before: Deal, moved: Deal) -> str:
    if moved.status is not Kind.OPEN:
        won = moved.status is Kind.WON
        return tr("“{title}” is won.", title=moved.title) if won else tr("“{title}” is lost.", title=moved.title)
    if not before.is_open:
        return tr("“{title}” is open again, in {stage}.", title=moved.title, stage=moved.stage_name)
    if before.stage_id == moved.stage_id:
        return tr("“{title}” has another place in {stage}.", title=moved.title, stage=moved.stage_name)
    return tr("“{title}” moved to {stage}.", title=moved.title, stage=moved.stage_name)
