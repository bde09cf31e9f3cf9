"""Saves several changes of a deal's lines as one: everything a person did in the grid before they pressed Save."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel

from crm.deals.quote.lines import Lines, of
from crm.deals.quote.verbs import change, insert, reorder, require_change, take_away
from crm.deals.record import Deal
from crm.deals.revaluing import revalued
from crm.foundation.errors import Invalid
from crm.store import Writing


class New(BaseModel, frozen=True):
    fields: Mapping[str, Any]
    """As `add` takes them."""


class Changed(BaseModel, frozen=True):
    line_id: int
    version: int
    fields: Mapping[str, Any]
    """As `edit` takes them."""


class Removed(BaseModel, frozen=True):
    line_id: int
    version: int


Edit: TypeAlias = New | Changed | Removed


class LineRefused(Invalid):
    """One of several changes was refused, so none was made. `place` is its index from 0."""

    def __init__(self, refusal: Invalid, place: int) -> None:
        super().__init__(str(refusal), refusal.field)
        self.place = place


def save(
    tx: Writing,
    deal_id: int,
    edits: Sequence[Edit],
    *,
    currency: str | None = None,
    order: Sequence[int | None] | None = None,
) -> Lines:
    """Make all of these changes, or none. Raises Stale where somebody changed one of the lines, LineRefused for the
    edit that breaks a rule. `order` lists the remaining lines, new ones as None in the order of `edits`. `currency`
    sets the deal's where it had no lines.
    """
    before = require_change(tx, deal_id)
    deal, made = before, list[int]()
    for place, edit in enumerate(edits):
        try:
            deal = _make(tx, deal, edit, currency, made)
        except Invalid as refusal:
            raise LineRefused(refusal, place) from None
    # Once, after all edits: one version and one event for what the person saved as one change.
    revalued(tx, before, currency=None if before.has_lines or not made else deal.currency)
    if order is not None:
        new = iter(made)
        # 0 is no line: `reorder` refuses an order that names more new lines than were made.
        reorder(tx, deal_id, [next(new, 0) if line_id is None else line_id for line_id in order])
    return of(tx, deal_id)


def _make(tx: Writing, deal: Deal, edit: Edit, currency: str | None, made: list[int]) -> Deal:
    """Make one edit; the deal for the next one, since the first line sets its currency. Appends ids of new lines to
    `made`."""
    match edit:
        case New():
            line, own = insert(tx, deal, dict(edit.fields), currency)
            made.append(line.id)
            return deal.model_copy(update={"currency": own, "has_lines": True})
        case Changed():
            change(tx, deal, edit.line_id, dict(edit.fields), edit.version)
        case Removed():
            take_away(tx, deal, edit.line_id, edit.version)
    return deal
