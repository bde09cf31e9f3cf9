"""Search over the records of all types at once, the best matches first."""

from dataclasses import dataclass
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.identity import searchable
from crm.foundation.language import tr
from crm.records import listing, references, registry
from crm.records.declaration import RecordType
from crm.records.filters import Clause
from crm.store import Reading, Row

MOST = 50

LEAST_LETTERS = 2
"""Of a search: one letter is in almost every record."""


@dataclass(frozen=True)
class Match:
    """A record that a search found. `detail` tells it from others of the same title."""

    kind: str
    id: int
    title: str
    detail: str


def find(
    tx: Reading,
    query: str,
    *,
    kinds: tuple[str, ...] | None = None,
    limit: int = 20,
    each: int = MOST,
    least: int = LEAST_LETTERS,
) -> list[Match]:
    """The best matches among the records that the actor may see; of these types alone where `kinds` are given,
    and at most `each` of one type.

    A record's own text holds every word of the query, or the digits of a phone number in any notation. Titles that are
    the query come first, then those that begin with it, then those with a word that begins with it; among equals the
    last changed. A query of fewer letters than `least` finds nothing. Raises Invalid beyond the length of a list's
    search, and for an unknown type.
    """
    if not 1 <= limit <= MOST:
        raise Invalid(tr("A search gives 1 to {most} records.", most=MOST), "limit")
    text = " ".join(searchable(query.replace("\0", "")).split())
    if len(text) < least:
        return []
    types = [registry.get(kind) for kind in kinds] if kinds is not None else list(registry.types().values())
    if len(query) > listing.LONGEST_SEARCH:
        raise Invalid(tr("A search takes at most {most} characters.", most=listing.LONGEST_SEARCH), "search")
    on = [of for of in types if of.is_on(tx.actor)]
    found = _ranked(tx, on, query, text, limit, min(limit, each)) if on else []
    return _described(tx, found)


def latest(tx: Reading, kind: str, *, limit: int) -> list[Match]:
    """The records of one type that were changed last, among those that the actor may see. Raises Invalid for an unknown
    type."""
    of = registry.get(kind)
    if not of.is_on(tx.actor):
        return []
    rows = tx.rows(f"SELECT id FROM {of.plural} ORDER BY updated_at DESC, id DESC LIMIT $limit", limit=limit)
    return _described(tx, [(kind, row["id"]) for row in rows])


def _ranked(
    tx: Reading, types: list[RecordType[Any]], query: str, text: str, limit: int, each: int
) -> list[tuple[str, int]]:
    """(key of the type, id), the best first."""
    parts, params = [], {"text": text, "limit": limit, "each": each}
    for place, of in enumerate(types):
        where = _found(of, query)
        params |= where.params  # the same words for every type
        # Each type's best on its own: the engine then keeps a few rows of a million, and fetches no column for others.
        parts.append(
            f"""
            (
                SELECT {place} AS place, {of.row}.id, {_rank(of)} AS rank, {of.row}.updated_at
                FROM {of.plural} AS {of.row}
                WHERE {where.sql}
                ORDER BY rank, updated_at DESC, id DESC
                LIMIT $each
            )
            """
        )
    rows = tx.rows(f"{' UNION ALL '.join(parts)} ORDER BY rank, updated_at DESC, place, id DESC LIMIT $limit", **params)
    return [(types[row["place"]].key, row["id"]) for row in rows]


def _found(of: RecordType[Any], query: str) -> Clause:
    """The condition on the record's own text: what a list finds by related records is found under these here."""
    text = f"{of.row}.search"
    return listing.or_phone(listing.words(query, f"contains({text}, {{word}})"), query, text)


def _rank(of: RecordType[Any]) -> str:
    """SQL: 0 where the title is the query, 1 where it begins with it, 2 where a word does, 3 elsewhere."""
    # The search text begins with the title, each further field is on a line of its own.
    text = f"{of.row}.search"
    return f"""
        CASE
            WHEN {text} = $text OR starts_with({text}, $text || chr(10)) THEN 0
            WHEN starts_with({text}, $text) THEN 1
            WHEN contains({text}, ' ' || $text) OR contains({text}, chr(10) || $text) THEN 2
            ELSE 3
        END
    """


def _described(tx: Reading, found: list[tuple[str, int]]) -> list[Match]:
    matches: dict[tuple[str, int], Match] = {}
    for kind in dict.fromkeys(kind for kind, _ in found):
        of = registry.get(kind)
        for row in _rows(tx, of, [record_id for each, record_id in found if each == kind]):
            record_id = row.pop("id")
            title = row.pop("title") or of.untitled(record_id)
            detail = " · ".join(str(value) for value in row.values() if value not in (None, "", title))
            matches[kind, record_id] = Match(kind, record_id, title, detail)
    # None that was found is missing: all statements read one snapshot.
    return [matches[each] for each in found]


def _rows(tx: Reading, of: RecordType[Any], ids: list[int]) -> list[Row]:
    """Each record's id, title and what it is described by; not its labels and attributes, which lists read as well."""
    columns, joins = [f"{of.row}.id", f"{of.title_sql(of.row)} AS title"], []
    for key in of.described_by:
        if key in of.names:
            field, alias = of.references[of.names[key]], references.alias(of.names[key])
            columns.append(f"{references.name_sql(field, alias)} AS {key}")
            joins.append(references.join(field, of.row, alias))
        else:
            columns.append(f"{of.row}.{key}")
    return tx.rows(
        f"""
        SELECT {", ".join(columns)}
        FROM {of.plural} AS {of.row}
        {" ".join(joins)}
        WHERE {of.row}.id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=ids,
    )
