"""How far the set-up of a new workspace has come."""

from pydantic import BaseModel

from crm.store import Reading
from crm.store.kept import kept


class FirstSteps(BaseModel, frozen=True):
    has_pipeline: bool
    has_contacts: bool
    has_people: bool

    @property
    def done(self) -> bool:
        """Whether the set-up is complete. Other people are not required: some teams are one person."""
        return self.has_pipeline and self.has_contacts


@kept
def read(tx: Reading) -> FirstSteps:
    """How far the set-up of a new workspace has come. Reads past privacy and modules: it asks whether anything
    exists."""
    return FirstSteps(
        **tx.row(
            """
            SELECT
                EXISTS (FROM base.pipelines) AS has_pipeline,
                EXISTS (FROM base.contacts) AS has_contacts,
                (SELECT count(*) > 1 FROM base.users) AS has_people
            """
        )
    )
