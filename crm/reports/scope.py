"""Which deals a report looks at, beside what the actor may see."""

from typing import Any

from pydantic import BaseModel

from crm.access import Module
from crm.errors import ModuleOff
from crm.store import Reading

NOBODY = 0
"""As `owner_id`: deals without an owner."""


class Scope(BaseModel, frozen=True):
    """Narrowed by what is given; no pipeline means all of them. Owner, team and source are the deal's current ones."""

    pipeline_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    team_id: int | None = None
    source: str | None = None

    def sql(self) -> str:
        """A query of all the columns of the visible deals in scope; its parameters are `params()`."""
        conditions = ["true"]
        if self.pipeline_ids:
            conditions.append("list_contains($pipeline_ids, pipeline_id)")
        if self.owner_id is not None:
            conditions.append("coalesce(owner_id, 0) = $owner_id")
        if self.team_id is not None:
            conditions.append("team_id = $team_id")
        if self.source is not None:
            conditions.append("source = $source")
        return f"SELECT * FROM deals WHERE {' AND '.join(conditions)}"

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
