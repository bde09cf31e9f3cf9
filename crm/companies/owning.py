"""Who may change a company under owner-based privacy; of custom records the same holds.

A person also sees the companies of their contacts and deals, but may not change those.
"""

from typing import Any

from crm.foundation.access import Actor
from crm.foundation.language import later

WHY = later(
    "You see it because of a contact or a deal of yours. Its owner, somebody of its team or a manager may change it."
)

FOREIGN = """(
    owner_id IS DISTINCT FROM getvariable('actor_id')
    AND NOT coalesce(list_contains(getvariable('team_ids'), team_id), false)
)"""
"""SQL condition on base.companies: an actor who does not see everything may not change the row."""


def may_change(actor: Actor, record: Any) -> bool:
    """Whether the record is the actor's or their team's, or they see everything. Permissions are checked elsewhere."""
    return actor.sees_everything or record.owner_id == actor.id or record.team_id in actor.team_ids
