"""Whose a company is while owner-based privacy is on.

One sees a company for the sake of a contact or a deal of one's own, too; that is no leave to change it.
"""

from typing import TYPE_CHECKING

from crm.foundation.access import Actor

if TYPE_CHECKING:
    from crm.companies.declaration import Company

WHY = "You see it because of a contact or a deal of yours. Its owner, somebody of its team or a manager may change it."

FOREIGN = """(
    owner_id IS DISTINCT FROM getvariable('actor_id')
    AND NOT coalesce(list_contains(getvariable('team_ids'), team_id), false)
)"""
"""Of a row of base.companies, for an actor who does not see everything: that it is not theirs to change."""


def may_change(actor: Actor, company: "Company") -> bool:
    """Whether the company is theirs, their team's, or they see everything. The permission is asked for elsewhere."""
    return actor.sees_everything or company.owner_id == actor.id or company.team_id in actor.team_ids
