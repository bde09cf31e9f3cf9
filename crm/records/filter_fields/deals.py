"""What a deal can be asked about. Expressions speak of `deal`, the visible view."""

from crm.deals import health
from crm.foundation.access import Module
from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

_LABELS = "(deal.id IN (SELECT deal_id FROM deal_labels WHERE {condition}))"

_STANDARD = (
    Field("title", "Title", FieldType.TEXT, "deal.title"),
    Field("identifier", "Identifier", FieldType.TEXT, "deal.identifier"),
    Field("value", "Value", FieldType.MONEY, "deal.value", currency="deal.currency"),
    Field("currency", "Currency", FieldType.TEXT, "deal.currency"),
    Field(
        "priority",
        "Priority",
        FieldType.CHOICE,
        "deal.priority",
        options={"low": "Low", "medium": "Medium", "high": "High"},
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
    Field("closing_day", "Closes", FieldType.DATE, "coalesce(deal.closed_on, deal.expected_close)"),
    Field("created_at", "Opened", FieldType.MOMENT, "deal.created_at"),
    Field("updated_at", "Last changed", FieldType.MOMENT, "deal.updated_at"),
)
_OF_CUSTOMER = (
    Field("contact_id", "Contact", FieldType.REFERENCE, "deal.contact_id"),
    Field("company_id", "Company", FieldType.REFERENCE, "deal.company_id"),
    Field(
        "contact_name",
        "Contact’s name",
        FieldType.TEXT,
        "contact.name",
        within="(deal.contact_id IS NOT NULL"
        " AND deal.contact_id IN (SELECT contact.id FROM contacts AS contact WHERE {condition}))",
    ),
    Field(
        "company_name",
        "Company’s name",
        FieldType.TEXT,
        "company.name",
        within="(deal.company_id IS NOT NULL"
        " AND deal.company_id IN (SELECT company.id FROM companies AS company WHERE {condition}))",
    ),
)


def own(look: Look) -> dict[str, Field]:
    """What stands in the deal itself: fields, labels and attributes, with the people, pipelines and stages of now."""
    chosen = (
        *look.choice("owner_id", "Owner", "deal.owner_id", "people"),
        *look.choice("team_id", "Team", "deal.team_id", "teams"),
        *look.choice("pipeline_id", "Pipeline", "deal.pipeline_id", "pipelines"),
        *look.choice("stage_id", "Stage", "deal.stage_id", "stages"),
        *look.choice("label", "Label", "label_id", "labels", _LABELS),
        *look.choice("close_reason_id", "Close reason", "deal.close_reason_id", "close_reasons"),
    )
    every = (*_STANDARD, *chosen, *_of_health(look))
    return {field.key: field for field in every} | look.attributes("deal", "deal.id")


def fields(look: Look) -> dict[str, Field]:
    """With whom the deal is: its contact, and its company where there are companies."""
    companies = look.tx.actor.has(Module.COMPANIES)
    there = [field for field in _OF_CUSTOMER if companies or not field.key.startswith("company")]
    return own(look) | {field.key: field for field in there}


def _of_health(look: Look) -> list[Field]:
    """How an open deal is; a closed one has no health. Scored for all open deals at once, as of now.

    Everything that can be asked is kept for the builder of filters, longer than a look lasts.
    """
    if not any(look.wants(key) for key in ("health", "health_score", "idle_days")):
        return []
    scored = health.now(look.tx, lasting=look.keys is None)
    within = f"(deal.status = 'open' AND deal.id IN (SELECT health.id FROM {scored} AS health WHERE {{condition}}))"
    return [
        Field("health", "Health", FieldType.CHOICE, "health.status", within, options=health.STATUSES),
        Field("health_score", "Health score", FieldType.NUMBER, "health.score", within),
        Field("idle_days", "Idle days", FieldType.NUMBER, "health.idle_days", within),
    ]
