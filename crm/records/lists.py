"""The list of any record type: its `listing.Source` made from the declaration."""

from collections.abc import Callable
from functools import cache
from typing import Any

from crm.records import filtering, listing, references
from crm.records.declaration import RecordType
from crm.records.field_kinds import KINDS
from crm.records.fields import FieldKind, Reference
from crm.records.filters import Clause, FieldSet, Filter
from crm.records.listing import ListQuery, Page, Source
from crm.records.reading import complete
from crm.store import Reading
from crm.store.kept import kept


@kept
def find(tx: Reading, of: RecordType[Any], query: ListQuery) -> Page:
    """A page of records, each a row with the fields of the type's record."""
    page = listing.find(tx, source(of), query)
    complete(tx, of, page.items)
    return page


@kept
def count(tx: Reading, of: RecordType[Any], query: ListQuery) -> int:
    return listing.count(tx, source(of), query)


@cache
def source(of: RecordType[Any]) -> Source:
    names = {name: (of.references[key], references.alias(key)) for name, key in of.names.items()}
    return Source(
        table=of.plural,
        alias=of.row,
        columns=", ".join(
            [
                # The search text is as long as all searched fields together, and no list shows it.
                f"{of.row}.* EXCLUDE (search)",
                *(f"{references.name_sql(field, alias)} AS {name}" for name, (field, alias) in names.items()),
            ]
        ),
        joins="\n".join(references.join(field, of.row, alias) for field, alias in names.values()),
        sorts=sorts(of),
        fields=_fields(of),
        searched=of.searched or _searched(of),
    )


def sorts(of: RecordType[Any]) -> dict[str, listing.Sort]:
    """{key: sort}: the sorts of the declared fields, and those that the type adds."""
    found = {}
    for key, field in of.fields.items():
        if field.sort is None:
            continue
        sql = field.sort.sql.format(record=of.row) or _sort_sql(of, key)
        # A reference sorts by a name, so that is what its cursor holds.
        kind = FieldKind.TEXT if isinstance(field, Reference) else field.kind
        found[of.short_key(key)] = listing.Sort(sql, KINDS[kind].column, field.sort.module)
    return {**found, **of.sorts}


def _sort_sql(of: RecordType[Any], key: str) -> str:
    field, sql = of.fields[key], of.sql(key)
    if isinstance(field, Reference):
        to = references.target(field)
        return f"(SELECT lower({to.name}) FROM {to.view} WHERE id = {sql})"
    return f"lower({sql})" if KINDS[field.kind].column == "VARCHAR" else sql


def _fields(of: RecordType[Any]) -> Callable[[Reading, Filter | None], FieldSet]:
    def fields(tx: Reading, query: Filter | None = None) -> FieldSet:
        return filtering.fields(tx, of, query)

    return fields


def _searched(of: RecordType[Any]) -> Callable[[str], Clause]:
    return lambda query: listing.words(query, f"contains({of.row}.search, {{word}})")
