"""Wins, loses and reopens deals: with a day, a reason from a managed list, and a note in free text."""

from datetime import date

from crm.deals.arrivals import last_of
from crm.deals.close_reasons import closing_fields
from crm.deals.moving import arrive
from crm.deals.record import Deal
from crm.deals.verbs import get
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.pipelines import Kind
from crm.pipelines import get as pipeline_of
from crm.store import Reading, Writing

_CLOSED_SO = {
    Kind.WON: later("“{title}” is won already. Reopen it first to close it in another way."),
    Kind.LOST: later("“{title}” is lost already. Reopen it first to close it in another way."),
}


def win(
    tx: Writing,
    deal_id: int,
    *,
    on: date | None = None,
    reason_id: int | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Deal:
    """Close the deal as won on the day `on` (today by default, in the workspace's time zone); a reason is optional."""
    return _close(tx, deal_id, Kind.WON, on, reason_id, note, version)


def lose(
    tx: Writing,
    deal_id: int,
    *,
    on: date | None = None,
    reason_id: int | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Deal:
    """Close the deal as lost. Raises Invalid without a reason or a note."""
    return _close(tx, deal_id, Kind.LOST, on, reason_id, note, version)


def reopen(tx: Writing, deal_id: int, *, to_stage: int | None = None, version: int | None = None) -> Deal:
    """Reopen a closed deal in `to_stage`, by default in the open stage where it last was."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    if deal.is_open:
        raise Invalid(tr("“{title}” is open already.", title=deal.title))
    # A stage of the deal's own pipeline: reopening moves it to no other.
    target = pipeline_of(tx, deal.pipeline_id).stage(to_stage or _stood_in(tx, deal))
    if target.kind is not Kind.OPEN:
        raise Invalid(tr("A deal is reopened in an open stage."), "to_stage")
    return arrive(tx, deal, target, "reopen")


def _close(
    tx: Writing, deal_id: int, kind: Kind, on: date | None, reason_id: int | None, note: str | None, version: int | None
) -> Deal:
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    if deal.status is kind:
        raise Invalid(tr(_CLOSED_SO[kind], title=deal.title))
    closing = closing_fields(tx, kind, on, reason_id, note)
    # History runs by the closing's day, so a day before the last movement would put the closing in the midst of it.
    _refuse_before_last(tx, deal, kind, closing["closed_on"])
    pipeline = pipeline_of(tx, deal.pipeline_id)
    return arrive(tx, deal, pipeline.won if kind is Kind.WON else pipeline.lost, kind.value, closing=closing)


def _refuse_before_last(tx: Reading, deal: Deal, kind: Kind, day: date) -> None:
    """Raise Invalid where the closing day is before the deal's last movement: history would run backwards."""
    last = last_of(tx, deal.id)
    if day < last.day:
        raise Invalid(last.refusal(f"“{deal.title}”", kind, day), "on")


def _stood_in(tx: Reading, deal: Deal) -> int:
    """The last open stage in the deal's history that still exists, else the pipeline's first."""
    # `stages`, not `base.stages`: a stage that was removed since is none to come back to.
    stood: int | None = tx.value(
        """
        SELECT stage.id
        FROM base.stage_events AS event
        JOIN stages AS stage ON stage.id = event.to_stage_id
        WHERE event.deal_id = $id AND stage.pipeline_id = $pipeline AND stage.kind = 'open'
        ORDER BY event.happened_at DESC, event.id DESC
        LIMIT 1
        """,
        id=deal.id,
        pipeline=deal.pipeline_id,
    )
    return stood or pipeline_of(tx, deal.pipeline_id).open_stages[0].id
