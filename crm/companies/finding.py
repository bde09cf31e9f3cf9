"""The list of companies: what it is filtered, searched and sorted by."""

from crm.records import attributes as custom
from crm.records import filter_fields, listing
from crm.records.filters import Clause, Criteria, Filter
from crm.records.listing import Asked, Page, Sort, Source
from crm.store import Reading, Row


def fields(tx: Reading, asked: Filter | None = None) -> Criteria:
    """What companies can be filtered by; given a filter, what that one mentions."""
    return filter_fields.fields(tx, "companies", asked)


def searched(query: str) -> Clause:
    return listing.words(query, "contains(company.search, {word})")


SOURCE = Source(
    table="companies",
    alias="company",
    columns="company.* EXCLUDE (search), owner.name AS owner_name, team.name AS team_name",
    joins="""
        LEFT JOIN users AS owner ON owner.id = company.owner_id
        LEFT JOIN teams AS team ON team.id = company.team_id""",
    sorts={
        "created_at": Sort("company.created_at", "TIMESTAMPTZ"),
        "updated_at": Sort("company.updated_at", "TIMESTAMPTZ"),
        "name": Sort("company.search", "VARCHAR"),  # begins with the folded name
        "domain": Sort("company.domain", "VARCHAR"),
        "owner": Sort("(SELECT lower(name) FROM users WHERE id = company.owner_id)", "VARCHAR"),
    },
    fields=fields,
    searched=searched,
)


def find(tx: Reading, asked: Asked) -> Page:
    """A page of companies, each a row with the fields of `Company`."""
    page = listing.find(tx, SOURCE, asked)
    ids = [row["id"] for row in page.items]
    counts, values = _contact_counts(tx, ids), custom.values_of(tx, "company", ids)
    for row in page.items:
        row["contact_count"] = counts.get(row["id"], 0)
        row["attributes"] = values[row["id"]]
    return page


def count(tx: Reading, asked: Asked) -> int:
    return listing.count(tx, SOURCE, asked)


def named(tx: Reading, query: str, limit: int = 20) -> list[Row]:
    """id and name of the companies that a few letters find, for a field where one is chosen."""
    where = searched(query)
    return tx.rows(
        f"SELECT id, name, domain FROM companies AS company WHERE {where.sql} ORDER BY search, id LIMIT $limit",
        **where.params,
        limit=limit,
    )


def _contact_counts(tx: Reading, ids: list[int]) -> dict[int, int]:
    found = tx.rows(
        """
        SELECT company_id, count(*) AS contacts
        FROM contacts
        WHERE company_id IN (SELECT unnest($ids::BIGINT[]))
        GROUP BY company_id
        """,
        ids=ids,
    )
    return {row["company_id"]: row["contacts"] for row in found}
