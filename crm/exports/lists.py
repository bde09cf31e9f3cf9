"""Reads a list for export, as a table with typed columns."""

from typing import Any

import pyarrow as pa

from crm.exports import columns
from crm.exports.headers import headers
from crm.foundation.language import tr
from crm.records import attributes, listing, lists, registry
from crm.records.declaration import RecordType, Trait
from crm.records.listing import ListQuery
from crm.store import Reading


def kinds() -> list[str]:
    """The plurals of the types that can be exported."""
    return [of.plural for of in registry.having(Trait.EXPORT)]


def type_of(word: str) -> RecordType[Any]:
    """The type with this plural, or with this slug where a team made it. Raises Invalid where it cannot be exported."""
    refusal = tr("There is no export of “{plural}”, only of {known}.")
    return registry.by_word(word, trait=Trait.EXPORT, refusal=refusal)


def table(tx: Reading, kind: str, query: ListQuery) -> pa.Table:
    """The list as typed columns; times on the workspace's clock. The caller checks the permission."""
    found = type_of(kind)
    source = lists.source(found)
    where = listing.condition(tx, source, query)
    selected = ", ".join(f"{sql} AS {_quoted(header)}" for header, sql in _columns(tx, found).items())
    rows = tx.arrow(
        f"""
        SELECT {selected}
        FROM {source.table} AS {source.alias}
        {source.joins}
        {columns.joins(found, tx.actor)}
        {_attributes(found)}
        WHERE {where.sql}
        ORDER BY {listing.order(tx, source, query.sort)}
        """,
        **where.params,
    )
    return _on_the_clock(rows, tx.actor.time_zone)


def _attributes(of: RecordType[Any]) -> str:
    """SQL of the attributes of the visible records."""
    if not of.has(Trait.ATTRIBUTES):
        return ""
    return f"LEFT JOIN base.{attributes.table_of(of.key)} AS attribute ON attribute.id = {of.row}.id"


def _columns(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """{header: SQL} of all columns. An attribute's header does not depend on which modules are on."""
    definitions = attributes.definitions(tx, of.key) if of.has(Trait.ATTRIBUTES) else []
    # All headers of the type, whichever modules are on: an attribute's header must not change with a module.
    standard = [*columns.headers(of).values(), *columns.LAST.values()]
    custom = {header: f"attribute.{one.column}" for header, one in headers(definitions, standard).items()}
    return columns.own(of, tx.actor) | custom | columns.last(of)


def _quoted(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'


def _on_the_clock(rows: pa.Table, time_zone: str) -> pa.Table:
    for place, column in enumerate(rows.schema):
        if pa.types.is_timestamp(column.type):
            there = rows.column(place).cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.timestamp("s", time_zone))
            rows = rows.set_column(place, column.name, there)
    return rows
