"""The list of deals: what it shows, searches and sorts by."""

from crm.deals import health
from crm.foundation.access import Module
from crm.records import attributes as attribute_values
from crm.records import filter_fields, labels, listing
from crm.records.filters import Clause, Criteria, Filter
from crm.records.listing import Asked, Page, Sort, Source
from crm.store import Reading


def fields(tx: Reading, asked: Filter | None = None) -> Criteria:
    """What deals can be filtered by; given a filter, what that one mentions."""
    return filter_fields.fields(tx, "deals", asked)


def find(tx: Reading, asked: Asked) -> Page:
    """A page of deals, each a row with the fields of `Deal`."""
    page = listing.find(tx, SOURCE, asked)
    ids = [row["id"] for row in page.items]
    labelled, values = labels.on(tx, "deal", ids), attribute_values.values_of(tx, "deal", ids)
    for row in page.items:
        row["labels"] = [label.name for label in labelled.get(row["id"], ())]
        row["attributes"] = values[row["id"]]
    return page


def count(tx: Reading, asked: Asked) -> int:
    return listing.count(tx, SOURCE, asked)


def _searched(query: str) -> Clause:
    """Every word is in the deal's own words, in its contact's, or in its company's."""
    return listing.words(
        query,
        """
        contains(deal.search, {word})
        OR deal.contact_id IN (SELECT id FROM contacts WHERE contains(search, {word}))
        OR deal.company_id IN (SELECT id FROM companies WHERE contains(search, {word}))
        """,
    )


def _of_health(tx: Reading, column: str) -> str:
    """Nothing for closed deals, which come last."""
    return f"(SELECT health.{column} FROM {health.now(tx)} AS health WHERE health.id = deal.id)"


SOURCE = Source(
    table="deals",
    alias="deal",
    columns="""
        deal.* EXCLUDE (search),
        pipeline.name AS pipeline_name,
        stage.name AS stage_name,
        owner.name AS owner_name,
        team.name AS team_name,
        coalesce(contact.name, contact.email, contact.phone) AS contact_name,
        company.name AS company_name,
        reason.name AS close_reason
    """,
    joins="""
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        JOIN base.pipelines AS pipeline ON pipeline.id = deal.pipeline_id
        LEFT JOIN users AS owner ON owner.id = deal.owner_id
        LEFT JOIN teams AS team ON team.id = deal.team_id
        LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
        LEFT JOIN companies AS company ON company.id = deal.company_id
        LEFT JOIN base.close_reasons AS reason ON reason.id = deal.close_reason_id
    """,
    sorts={
        "title": Sort("lower(deal.title)", "VARCHAR"),
        "value": Sort("deal.value", "DECIMAL(18, 4)"),
        "expected_close": Sort("deal.expected_close", "DATE"),
        "closed_on": Sort("deal.closed_on", "DATE"),
        "priority": Sort("CASE deal.priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END", "INTEGER"),
        "stage": Sort("(SELECT position FROM base.stages WHERE id = deal.stage_id)", "INTEGER"),
        "owner": Sort("(SELECT lower(name) FROM users WHERE id = deal.owner_id)", "VARCHAR"),
        "company": Sort("(SELECT lower(name) FROM companies WHERE id = deal.company_id)", "VARCHAR", Module.COMPANIES),
        "created_at": Sort("deal.created_at", "TIMESTAMPTZ"),
        "updated_at": Sort("deal.updated_at", "TIMESTAMPTZ"),
        "probability": Sort("deal.probability", "DECIMAL(5, 2)"),
        "health": Sort(lambda tx: _of_health(tx, "score"), "INTEGER"),
        "idle_days": Sort(lambda tx: _of_health(tx, "idle_days"), "BIGINT"),
        "id": Sort("deal.id", "BIGINT"),
    },
    fields=fields,
    searched=_searched,
)
