"""What a deal is, and finding one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from crm.foundation.access import Module
from crm.foundation.errors import NotFound
from crm.pipelines import Kind
from crm.records import attributes, labels
from crm.records.changes import refuse_stale
from crm.store import Reading

PRIORITIES = ("low", "medium", "high")


class Deal(BaseModel, frozen=True):
    id: int
    title: str
    identifier: str | None
    pipeline_id: int
    pipeline_name: str
    stage_id: int
    stage_name: str
    status: Kind
    probability: Decimal
    """Percent, the stage's."""
    rank: int
    value: Decimal | None
    """The sum of its lines where it has any, what was typed where it has none."""
    has_lines: bool
    currency: str
    priority: Literal["low", "medium", "high"] | None
    owner_id: int | None
    owner_name: str | None
    team_id: int | None
    team_name: str | None
    contact_id: int | None
    contact_name: str | None
    """None too where the actor may not see the contact."""
    company_id: int | None
    company_name: str | None
    source: str | None
    expected_close: date | None
    closed_on: date | None
    close_reason_id: int | None
    close_reason: str | None
    close_note: str | None
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    attributes: dict[str, Any]

    @property
    def is_open(self) -> bool:
        return self.status is Kind.OPEN


def get(tx: Reading, deal_id: int, *, version: int | None = None) -> Deal:
    """The deal; NotFound where the actor may not see it, Stale where `version` is not its current one."""
    found = find_one(tx, deal_id)
    if found is None:
        raise NotFound("deal")
    refuse_stale(tx, "deal", found, found.title, version)
    return found


def find_one(tx: Reading, deal_id: int) -> Deal | None:
    """None where the actor may not see it. Its names are looked up by key, one by one: joined, planning alone takes
    longer than all of these."""
    rows = tx.rows("SELECT * EXCLUDE (search) FROM deals WHERE id = $id", id=deal_id)
    if not rows:
        return None
    row = rows[0]
    return Deal(
        **row,
        pipeline_name=_name(tx, "base.pipelines", row["pipeline_id"]),
        stage_name=_name(tx, "base.stages", row["stage_id"]),
        owner_name=_name(tx, "users", row["owner_id"]),
        team_name=_name(tx, "teams", row["team_id"]),
        contact_name=_name(tx, "contacts", row["contact_id"], "coalesce(name, email, phone)"),
        company_name=_company_name(tx, row["company_id"]),
        close_reason=_name(tx, "base.close_reasons", row["close_reason_id"]),
        labels=tuple(label.name for label in labels.on(tx, "deal", [deal_id]).get(deal_id, ())),
        attributes=attributes.values(tx, "deal", deal_id),
    )


def _name(tx: Reading, table: str, key: int | None, name: str = "name") -> str | None:
    if key is None:
        return None
    found: str | None = tx.value(f"SELECT {name} FROM {table} WHERE id = $id", id=key)
    return found


def _company_name(tx: Reading, company_id: int | None) -> str | None:
    """A deal that is visible makes its company so, hence `base.`: the view would work that out once more."""
    if not tx.actor.has(Module.COMPANIES):
        return None
    return _name(tx, "base.companies", company_id, "CASE WHEN deleted_at IS NULL THEN name END")
