"""The scope of a report: which of the visible deals it covers."""

from typing import Any

from pydantic import BaseModel

from crm.deals.counted import COUNTED
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff
from crm.store import Reading

NOBODY = 0
"""The `owner_id` that selects deals without an owner."""


class Scope(BaseModel, frozen=True):
    """Filters of a report; no pipeline means all. Owner and team are the current ones of open deals, those of the
    closing of closed deals."""

    pipeline_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    team_id: int | None = None
    source: str | None = None

    def sql(self, every: str = COUNTED) -> str:
        """SQL of the deals in scope, with parameters `params()`. `every` is the query to filter by its pipeline_id,
        owner_id, team_id and source."""
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
        """As `sql`, for counting deals without their values: without an owner or team it needs no join with
        closings."""
        # Of a closed deal owner and team are those of its closing; nothing else in a count needs one.
        return self.sql("SELECT * FROM deals" if self.owner_id is None and self.team_id is None else COUNTED)

    def params(self) -> dict[str, Any]:
        given = {"owner_id": self.owner_id, "team_id": self.team_id, "source": self.source}
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return found | ({"pipeline_ids": list(self.pipeline_ids)} if self.pipeline_ids else {})


def require_crm(tx: Reading) -> None:
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)


def sources(tx: Reading) -> list[str]:
    """The sources of the visible deals, sorted."""
    return [row["source"] for row in tx.rows("SELECT DISTINCT source FROM deals WHERE source IS NOT NULL ORDER BY 1")]


def currencies(tx: Reading) -> list[str]:
    """The workspace's currency, then the other currencies of visible deals."""
    found = [row["currency"] for row in tx.rows("SELECT DISTINCT currency FROM deals ORDER BY 1")]
    return [tx.actor.currency, *(code for code in found if code != tx.actor.currency)]
