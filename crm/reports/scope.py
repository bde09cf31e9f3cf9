"""Which deals a report looks at, beside what the actor may see."""

from typing import Any

from pydantic import BaseModel

from crm.deals.counted import COUNTED
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff
from crm.store import Reading

NOBODY = 0
"""As `owner_id`: deals without an owner."""


class Scope(BaseModel, frozen=True):
    """Narrowed by what is given; no pipeline means all of them. Owner and team are those of now where a deal is open,
    those of its closing where it is closed; the source is the deal's."""

    pipeline_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    team_id: int | None = None
    source: str | None = None

    def sql(self, every: str = COUNTED) -> str:
        """A query of all the columns of the deals in scope; its parameters are `params()`. `every` is a query of what
        is to be narrowed, by its pipeline_id, owner_id, team_id and source."""
        conditions = ["true"]
        if self.pipeline_ids:
            conditions.append("list_contains($pipeline_ids, pipeline_id)")
        if self.owner_id is not None:
            conditions.append("coalesce(owner_id, 0) = $owner_id")
        if self.team_id is not None:
            conditions.append("team_id = $team_id")
        if self.source is not None:
            conditions.append("source = $source")
        return f"SELECT * FROM ({every}) AS counted WHERE {' AND '.join(conditions)}"

    def members(self) -> str:
        """The same for counting deals alone, never their values: sooner where nobody's are asked for."""
        return self.sql("SELECT * FROM deals" if self.owner_id is None and self.team_id is None else COUNTED)

    def params(self) -> dict[str, Any]:
        given = {"owner_id": self.owner_id, "team_id": self.team_id, "source": self.source}
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return found | ({"pipeline_ids": list(self.pipeline_ids)} if self.pipeline_ids else {})


def require_crm(tx: Reading) -> None:
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)


def sources(tx: Reading) -> list[str]:
    """The sources that visible deals name, in order."""
    return [row["source"] for row in tx.rows("SELECT DISTINCT source FROM deals WHERE source IS NOT NULL ORDER BY 1")]


def currencies(tx: Reading) -> list[str]:
    """The workspace's currency first, then the others that visible deals are in."""
    found = [row["currency"] for row in tx.rows("SELECT DISTINCT currency FROM deals ORDER BY 1")]
    return [tx.actor.currency, *(code for code in found if code != tx.actor.currency)]
