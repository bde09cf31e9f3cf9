"""What can be asked about a deal. Expressions speak of `deal`, the visible view."""

from collections.abc import Mapping

from crm import attributes, users
from crm.deals.model import PRIORITIES
from crm.filters import Field, FieldType
from crm.pipelines import all_of
from crm.store import Reading

STANDARD = (
    Field("title", "Title", FieldType.TEXT, "deal.title"),
    Field("identifier", "Identifier", FieldType.TEXT, "deal.identifier"),
    Field("value", "Value", FieldType.MONEY, "deal.value"),
    Field("currency", "Currency", FieldType.TEXT, "deal.currency"),
    Field(
        "priority", "Priority", FieldType.CHOICE, "deal.priority", options={name: name.title() for name in PRIORITIES}
    ),
    Field(
        "status",
        "Status",
        FieldType.CHOICE,
        "deal.status",
        options={"open": "Open", "won": "Won", "lost": "Lost"},
    ),
    Field("source", "Source", FieldType.TEXT, "deal.source"),
    Field("expected_close", "Expected close", FieldType.DATE, "deal.expected_close"),
    Field("closed_on", "Closed", FieldType.DATE, "deal.closed_on"),
    Field("created_at", "Opened", FieldType.MOMENT, "deal.created_at"),
    Field("updated_at", "Last changed", FieldType.MOMENT, "deal.updated_at"),
    Field("contact_id", "Contact", FieldType.REFERENCE, "deal.contact_id"),
    Field("company_id", "Company", FieldType.REFERENCE, "deal.company_id"),
    Field(
        "contact_name",
        "Contact’s name",
        FieldType.TEXT,
        "contact.name",
        within="deal.contact_id IN (SELECT contact.id FROM contacts AS contact WHERE {condition})",
    ),
    Field(
        "company_name",
        "Company’s name",
        FieldType.TEXT,
        "company.name",
        within="deal.company_id IN (SELECT company.id FROM companies AS company WHERE {condition})",
    ),
)


def fields(tx: Reading) -> Mapping[str, Field]:
    """Every field of a deal by its key, with the people, pipelines, stages and attributes of now to choose from."""
    pipelines = all_of(tx)
    stages = {stage.id: f"{pipeline.name}: {stage.name}" for pipeline in pipelines for stage in pipeline.stages}
    chosen = (
        Field("owner_id", "Owner", FieldType.REFERENCE, "deal.owner_id", options=_owners(tx)),
        Field("team_id", "Team", FieldType.REFERENCE, "deal.team_id", options=_teams(tx)),
        Field(
            "pipeline_id",
            "Pipeline",
            FieldType.REFERENCE,
            "deal.pipeline_id",
            options={pipeline.id: pipeline.name for pipeline in pipelines},
        ),
        Field("stage_id", "Stage", FieldType.REFERENCE, "deal.stage_id", options=stages),
        Field("close_reason_id", "Close reason", FieldType.REFERENCE, "deal.close_reason_id", options=_reasons(tx)),
    )
    return {field.key: field for field in (*STANDARD, *chosen)} | attributes.fields(tx, "deal", "deal.id")


def _owners(tx: Reading) -> dict[int, str]:
    return {person.id: person.name for person in users.everyone(tx)}


def _teams(tx: Reading) -> dict[int, str]:
    return {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM teams ORDER BY name")}


def _reasons(tx: Reading) -> dict[int, str]:
    rows = tx.rows("SELECT id, kind, name FROM close_reasons ORDER BY kind, position")
    return {row["id"]: f"{row['kind'].title()}: {row['name']}" for row in rows}
