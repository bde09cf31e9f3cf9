"""What a file of each list holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from crm import companies, contacts
from crm.deals import DEAL
from crm.exports.headers import headers
from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.orders import ORDER
from crm.records import attributes, listing, lists
from crm.records.listing import ListQuery, Source
from crm.store import Reading


@dataclass(frozen=True)
class Kind:
    source: Source
    model: str | None
    """Whose custom attributes stand in it; None where it has none."""
    columns: dict[str, str]
    """Header → SQL. Headers are words that an import knows; what only the store decides stands last."""
    joins: str = ""
    """What the columns need beside the joins of the source."""
    module: Module | None = None
    of_module: Mapping[str, Module] = field(default_factory=dict)
    """Columns that are gone while another module is off."""


# An import finds an owner by name or email and a company by name or domain, and refuses words that could mean two:
# so each is called by its name where no other answers to that, and by its email or domain otherwise.

_OWNER = """
    LEFT JOIN (
        SELECT person.id, if(count(other.id) = 1, any_value(person.name), any_value(person.email)) AS word
        FROM users AS person
        JOIN users AS other ON lower(person.name) IN (lower(other.name), lower(other.email))
        GROUP BY person.id
    ) AS owner_called ON owner_called.id = {alias}.owner_id
"""
_COMPANY = """
    LEFT JOIN (
        SELECT company.id, if(claim.many = 1, company.name, coalesce(company.domain, company.name)) AS word
        FROM companies AS company
        JOIN (
            SELECT words, count(DISTINCT id) AS many
            FROM (
                SELECT id, lower(name) AS words FROM companies
                UNION ALL
                SELECT id, domain FROM companies WHERE domain IS NOT NULL
            )
            GROUP BY words
        ) AS claim ON claim.words = lower(company.name)
    ) AS company_called ON company_called.id = {alias}.company_id
"""
_LABELS = r"""
    LEFT JOIN (
        SELECT
            link.{alias}_id AS id,
            string_agg(replace(replace(label.name, '\', '\\'), ';', '\;'), '; ' ORDER BY label.name_key) AS names
        FROM base.{alias}_labels AS link  -- of records that the visible list beside it holds
        JOIN base.labels AS label ON label.id = link.label_id
        GROUP BY link.{alias}_id
    ) AS labelled ON labelled.id = {alias}.id
"""

KINDS = {
    "contacts": Kind(
        lists.source(contacts.CONTACT),
        "contact",
        {
            "Name": "contact.name",
            "Email": "contact.email",
            "Phone": "contact.phone",
            "Identifier": "contact.identifier",
            "City": "contact.city",
            "Country": "contact.country",
            "Company": "company_called.word",
            "Owner": "owner_called.word",
            "Team": "team.name",
            "Labels": "labelled.names",
            "Blocked": "contact.blocked",
            "Created at": "contact.created_at",
            "Updated at": "contact.updated_at",
        },
        joins=_OWNER.format(alias="contact") + _COMPANY.format(alias="contact") + _LABELS.format(alias="contact"),
        of_module={"Company": Module.COMPANIES},
    ),
    "companies": Kind(
        lists.source(companies.COMPANY),
        "company",
        {
            "Name": "company.name",
            "Domain": "company.domain",
            "Description": "company.description",
            "Owner": "owner_called.word",
            "Team": "team.name",
            "Created at": "company.created_at",
            "Updated at": "company.updated_at",
        },
        joins=_OWNER.format(alias="company"),
        module=Module.COMPANIES,
    ),
    "deals": Kind(
        lists.source(DEAL),
        "deal",
        {
            "Identifier": "deal.identifier",
            "Title": "deal.title",
            "Value": "deal.value",
            "Currency": "deal.currency",
            "Pipeline": "pipeline.name",
            "Stage": "stage.name",
            "Owner": "owner_called.word",
            "Company": "company_called.word",
            "Contact": "coalesce(contact.email, contact.phone, contact.identifier, contact.name)",
            "Priority": "deal.priority",
            "Source": "deal.source",
            "Expected close": "deal.expected_close",
            "Closed": "deal.closed_on",
            "Close reason": "close_reason.name",
            "Labels": "labelled.names",
            "Created at": "deal.created_at",
            "Updated at": "deal.updated_at",
        },
        joins=_OWNER.format(alias="deal") + _COMPANY.format(alias="deal") + _LABELS.format(alias="deal"),
        of_module={"Company": Module.COMPANIES},
        module=Module.CRM,
    ),
    "orders": Kind(
        lists.source(ORDER),
        None,
        {
            "External id": "purchase.external_id",
            "Source": "purchase.source",
            "Title": "purchase.title",
            "Contact": "coalesce(contact.email, contact.phone, contact.identifier, contact.name)",
            "Deal": "coalesce(deal.identifier, deal.title)",
            "Value": "purchase.value",
            "Currency": "purchase.currency",
            "Status": "purchase.status",
            "Order date": "purchase.ordered_on",
            "Paid date": "purchase.paid_on",
            "Note": "purchase.note",
            "Created at": "purchase.created_at",
            "Updated at": "purchase.updated_at",
        },
        module=Module.ORDERS,
        of_module={"Deal": Module.CRM},
    ),
}


def of(kind: str) -> Kind:
    if kind not in KINDS:
        raise Invalid(f"There is no export of “{kind}”, only of {', '.join(KINDS)}.", "kind")
    return KINDS[kind]


def table(tx: Reading, kind: str, asked: ListQuery) -> pa.Table:
    """The list as typed columns; times on the workspace's clock. The caller has asked for the permission."""
    found = of(kind)
    alias = found.source.alias
    where = listing.wanted(tx, found.source, asked)
    columns = ", ".join(f"{sql} AS {_quoted(header)}" for header, sql in _columns(tx, found).items())
    rows = tx.arrow(
        f"""
        SELECT {columns}
        FROM {found.source.table} AS {alias}
        {found.source.joins}
        {found.joins}
        {_attributes(found)}
        WHERE {where.sql}
        ORDER BY {listing.order(tx, found.source, asked.sort)}
        """,
        **where.params,
    )
    return _on_the_clock(rows, tx.actor.time_zone)


def _attributes(kind: Kind) -> str:
    """Those of the visible records."""
    if kind.model is None:
        return ""
    return f"LEFT JOIN base.{attributes.table_of(kind.model)} AS attribute ON attribute.id = {kind.source.alias}.id"


def _columns(tx: Reading, kind: Kind) -> dict[str, str]:
    """Attributes stand before what only the store decides."""
    definitions = attributes.definitions(tx, kind.model) if kind.model else []
    own = {
        header: sql
        for header, sql in kind.columns.items()
        if header not in kind.of_module or tx.actor.has(kind.of_module[header])
    }
    last = {header: sql for header, sql in own.items() if header in ("Created at", "Updated at")}
    custom = {header: f"attribute.{one.column}" for header, one in headers(definitions, kind.columns).items()}
    return {header: sql for header, sql in own.items() if header not in last} | custom | last


def _quoted(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'


def _on_the_clock(rows: pa.Table, time_zone: str) -> pa.Table:
    for place, column in enumerate(rows.schema):
        if pa.types.is_timestamp(column.type):
            there = rows.column(place).cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.timestamp("s", time_zone))
            rows = rows.set_column(place, column.name, there)
    return rows
