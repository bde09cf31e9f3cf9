"""Who sees, and who may change, a custom record under owner-based privacy, unless everybody sees the type's records.

As with companies, a person also sees the records that are linked to their contacts and deals, but may not change those.
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
"""SQL condition on the base table: an actor who does not see everything may not change the row."""


def may_change(actor: Actor, record: Any) -> bool:
    """Whether the record is the actor's or their team's, or they see everything. Permissions are checked elsewhere."""
    return actor.sees_everything or record.owner_id == actor.id or record.team_id in actor.team_ids


def narrow(kind: str, table: str) -> str:
    """The privacy rule of the views of a type, as `crm/store/migrate.py` replaces it for those who see everything."""
    return f"""
  -- narrow
  AND (
    owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), team_id)
    OR {table}.id IN (
      SELECT object_id
      FROM base.links
      WHERE object_kind = '{kind}'
        AND (
          (subject_kind = 'contact' AND subject_id IN (SELECT id FROM visible.contacts))
          OR (subject_kind = 'deal' AND subject_id IN (SELECT id FROM visible.deals))
        )
    )
  )
  -- wide
"""
