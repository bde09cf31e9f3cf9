"""Who sees a custom record under owner-based privacy, unless everybody sees the type's records.

As with companies, a person also sees the records that are linked to their contacts and deals, but may not change those:
`crm.companies.owning` says who may.
"""


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
