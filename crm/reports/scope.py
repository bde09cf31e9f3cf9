"""The scope of a report: which of the visible deals it covers, and as of when."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from crm.deals.counted import COUNTED
from crm.deals.history import PRESENT
from crm.foundation import clock
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff
from crm.reports import membership
from crm.store import Reading
from crm.store.kept import kept

NOBODY = 0
"""The `owner_id` that selects deals without an owner."""


class Scope(BaseModel, frozen=True):
    """Filters of a report; no pipeline means all. Owner and team are those of the time asked, of closed deals those of
    the closing; source, segments and attributes are those of now, since nobody records when they change.

    An empty source, or value of an attribute, asks for the deals that have none; a team 0 likewise."""

    pipeline_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    team_id: int | None = None
    source: str | None = None
    segment_ids: tuple[int, ...] = ()
    """Segments of deals, of their contacts or of their companies; a deal counts that is in all of them."""
    attributes: tuple[tuple[str, str], ...] = ()
    """(key, value) of list attributes of deals."""
    as_of: date | None = None
    """The day at whose end the deals are counted, as they were known then; None for now."""

    def sql(self, every: str = COUNTED) -> str:
        """SQL of the deals in scope, with parameters `params()`. `every` is the query to filter by its pipeline_id,
        owner_id, team_id and source, and by the deal's id."""
        return f"SELECT * FROM ({every}) AS counted WHERE {self.condition()}"

    def condition(self) -> str:
        """SQL: whether a deal is in scope."""
        conditions = ["true"]
        if self.pipeline_ids:
            conditions.append("list_contains($pipeline_ids, pipeline_id)")
        if self.owner_id is not None:
            conditions.append("coalesce(owner_id, 0) = $owner_id")
        if self.team_id is not None:
            conditions.append("coalesce(team_id, 0) = $team_id")
        if self.source is not None:
            conditions.append("coalesce(source, '') = $source")
        if self.of_now:
            conditions.append("id IN (SELECT unnest($members::BIGINT[]))")
        return " AND ".join(conditions)

    @property
    def of_now(self) -> bool:
        """Whether it asks for what stands in no history."""
        return bool(self.segment_ids or self.attributes)

    def moment(self, tx: Reading) -> datetime:
        """The moment as of which the log is read."""
        return PRESENT if self.as_of is None else clock.end_of(self.as_of, tx.actor.time_zone)

    def today(self, tx: Reading) -> date:
        """The day from which the report looks forward and back."""
        return self.as_of or tx.today

    def params(self, tx: Reading) -> dict[str, Any]:
        given = {"owner_id": self.owner_id, "team_id": self.team_id, "source": self.source}
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        found["as_of"] = self.moment(tx)
        if self.of_now:
            found["members"] = list(membership.selected(tx, self.segment_ids, self.attributes))
        return found | ({"pipeline_ids": list(self.pipeline_ids)} if self.pipeline_ids else {})


def require_crm(tx: Reading) -> None:
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)


@kept
def sources(tx: Reading) -> list[str]:
    """The sources of the visible deals, sorted."""
    return [row["source"] for row in tx.rows("SELECT DISTINCT source FROM deals WHERE source IS NOT NULL ORDER BY 1")]


@kept
def currencies(tx: Reading) -> list[str]:
    """The workspace's currency, then the other currencies of visible deals."""
    found = [row["currency"] for row in tx.rows("SELECT DISTINCT currency FROM deals ORDER BY 1")]
    return [tx.actor.currency, *(code for code in found if code != tx.actor.currency)]
