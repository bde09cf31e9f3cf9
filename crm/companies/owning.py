"""Whose a company is while owner-based privacy is on.

One sees a company for the sake of a contact or a deal of one's own, too; that is no leave to change it.
"""

from crm.companies.record import Company
from crm.foundation.access import Actor
from crm.foundation.errors import Forbidden

WHY = "You see it because of a contact or a deal of yours. Its owner, somebody of its team or a manager may change it."

FOREIGN = """(
    owner_id IS DISTINCT FROM getvariable('actor_id')
    AND NOT coalesce(list_contains(getvariable('team_ids'), team_id), false)
)"""
"""Of a row of base.companies, for an actor who does not see everything: that it is not theirs to change."""


def may_change(actor: Actor, company: Company) -> bool:
    """Whether the company is theirs, their team's, or they see everything. The permission is asked for elsewhere."""
    return actor.sees_everything or company.owner_id == actor.id or company.team_id in actor.team_ids


def refuse_foreign(actor: Actor, company: Company) -> None:
    """Forbidden where the actor sees the company and may not change it."""
    if not may_change(actor, company):
        raise Forbidden(f"“{company.name}” is not yours to change. {WHY}")
