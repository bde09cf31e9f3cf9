"""What a deal is, and finding one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from crm.changes import refuse_stale
from crm.errors import NotFound
from crm.pipelines import Kind
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
    """The deal with its names and attributes, in one statement."""
    rows = tx.rows(
        """
        SELECT
            deal.* EXCLUDE (search),
            pipeline.name AS pipeline_name,
            stage.name AS stage_name,
            owner.name AS owner_name,
            team.name AS team_name,
            coalesce(contact.name, contact.email, contact.phone) AS contact_name,
            company.name AS company_name,
            reason.name AS close_reason,
            attributes
        FROM (SELECT * FROM deals WHERE id = $id) AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        JOIN base.pipelines AS pipeline ON pipeline.id = deal.pipeline_id
        LEFT JOIN users AS owner ON owner.id = deal.owner_id
        LEFT JOIN teams AS team ON team.id = deal.team_id
        LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
        LEFT JOIN companies AS company ON company.id = deal.company_id
        LEFT JOIN base.close_reasons AS reason ON reason.id = deal.close_reason_id
        LEFT JOIN base.deal_attributes AS attributes ON attributes.id = deal.id
        """,
        id=deal_id,
    )
    if not rows:
        return None
    values = rows[0].pop("attributes") or {}
    return Deal(**rows[0], attributes={key[2:]: value for key, value in values.items() if key != "id"})
