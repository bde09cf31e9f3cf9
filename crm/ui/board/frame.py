"""The choices above every board: pipelines, and owners to narrow by."""

from dataclasses import dataclass

from crm import pipelines
from crm.deals.saved_views import EVERYBODY, ME
from crm.foundation.language import tr
from crm.pipelines import Pipeline
from crm.platform.people import users
from crm.store import Reading
from crm.store.kept import kept


@dataclass(frozen=True)
class Frame:
    pipelines: list[Pipeline]
    owners: dict[str, str]
    """What the address calls them → their names."""
    locale: str


@kept
def read(tx: Reading) -> Frame:
    # Those who have left too: their deals are still to be found.
    people = {str(person.id): person.name for person in users.everyone(tx)}
    return Frame(pipelines.all_of(tx), {EVERYBODY: tr("Everybody"), ME: tr("Mine"), **people}, tx.actor.language)
