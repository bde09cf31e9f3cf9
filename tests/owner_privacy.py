"""Owner-based privacy, for the tests of what it hides."""

from crm.platform import workspace
from crm.store import Store
from tests.people import Team


def owner_privacy(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
