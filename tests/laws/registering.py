"""The record type visit, which the product does not have: its files are in `tests/laws/visit`."""

from pathlib import Path

from crm.foundation.access import SYSTEM
from crm.records import registry, views
from crm.store import Store
from crm.store.migrate import EACH, in_both_schemas

VISIT = Path(__file__).parent / "visit"
"""README's recipe puts these files in their places."""
DECLARED_IN = "tests.laws.visit.declaration:VISIT"


def lay(store: Store) -> None:
    """Make its table and views, as its migration and the next start of the product would. It is registered already."""
    registry.declared.cache_clear()
    with store.writing(SYSTEM) as tx:
        tx.run((VISIT / "migration.sql").read_text())
        for view in (*in_both_schemas(EACH.split((VISIT / "views.sql").read_text())[1:]), *views.statements()):
            tx.run(view)
