"""Adding many contacts to a pipeline: a deal for each."""

from dataclasses import replace

from crm import contacts
from crm.deals.verbs import create
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Kind, stage
from crm.records import bulk
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Writing

MOST = 200
"""Each is a deal as if it were made by hand, in one transaction, for which all other writers wait."""


def add_contacts(tx: Writing, query: ListQuery, *, stage_id: int) -> tuple[int, ...]:
    """Make a deal for each contact that the query finds; the ids of the deals.

    A deal is called as its contact, and has their company; its owner is the actor. Raises Invalid for none, for more
    than `MOST` and for a stage that is not open, NotFound for an unknown stage.
    """
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    to = stage(tx, stage_id)
    if to.kind is not Kind.OPEN:
        raise Invalid(tr("“{name}” is no stage for open deals.", name=to.name), "stage_id")
    found = contacts.find(tx, replace(query, offset=0, cursor=None, limit=MOST))
    if not found.total:
        raise Invalid(tr("None of these contacts is there any more, or yours to see."))
    if found.total > MOST:
        raise Invalid(tr("At most {most} contacts can be added at once, not {total:,}.", most=MOST, total=found.total))
    made = [
        create(
            tx,
            title=row["name"] or row["email"] or row["phone"],
            contact_id=row["id"],
            company_id=row["company_id"] if tx.actor.has(Module.COMPANIES) else None,
            pipeline_id=to.pipeline_id,
            stage_id=to.id,
        )
        for row in found.items
    ]
    return tuple(deal.id for deal in made)


def take_out(tx: Writing, deal_ids: tuple[int, ...]) -> None:
    """Put the deals that `add_contacts` made into the bin, as one bulk change."""
    bulk.apply(tx, "deals", ListQuery(ids=deal_ids), Change(action=Action.DELETE))
