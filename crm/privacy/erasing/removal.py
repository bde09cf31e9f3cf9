"""Removes a record from the tables: its own rows are deleted, other records lose their link to it."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from crm.privacy.erasing import log, mentions, places
from crm.privacy.erasing.log import BLOTTED
from crm.privacy.erasing.person import Person
from crm.records import registry
from crm.records.event_records import Changed
from crm.store import Writing

Counts = dict[str, int]


def remove(tx: Writing, kind: str, ids: Collection[int]) -> tuple[Counts, list[str]]:
    """Remove records and what belongs to them alone: ({table: rows gone}, the hashes of uploaded files that were
    attached to them alone)."""
    of = {"kind": kind, "ids": list(ids)}
    own = places.own(tx, kind)
    attached = tx.rows(f"SELECT upload_id AS id FROM base.attachments WHERE {own['attachments']}", **of)
    # In the order of `own`: rows of merges are found through the merges, which are deleted after them.
    gone = {table: tx.run(f"DELETE FROM base.{table} WHERE {theirs}", **of) for table, theirs in own.items()}
    uploads = _remove_loose_uploads(tx, [row["id"] for row in attached])
    gone["uploads"] = len(uploads)
    table = registry.get(kind).plural
    gone[table] = tx.run(f"DELETE FROM base.{table} WHERE id {places.THEIRS}", ids=list(ids))
    return gone, uploads


def unlink(tx: Writing, kind: str, ids: Collection[int]) -> dict[str, dict[int, int]]:
    """Clear the links of other records to these; {table: {id: id of the record that it was linked to}}. The caller
    records the events."""
    unlinked = {}
    for table, column in places.unlinked(kind).items():
        theirs = f"{column} {places.THEIRS}"
        rows = tx.rows(f"SELECT id, {column} AS was FROM base.{table} WHERE {theirs} ORDER BY id", ids=list(ids))
        unlinked[table] = {row["id"]: row["was"] for row in rows}
        tx.run(f"UPDATE base.{table} SET {column} = NULL WHERE {theirs}", ids=list(ids))
        if rows and table not in places.PAPERS:
            _follow_up(tx, table, list(unlinked[table]))
    return unlinked


def cut_links(kind: str, unlinked: Mapping[str, Mapping[int, int]]) -> Changed:
    """What `unlink` did to records of other types: what they were linked to, and its name as one that is gone."""
    return {
        (of.key, record_id): {field: [was, None]}
        | ({of.name_fields[field]: [BLOTTED, None]} if field in of.name_fields else {})
        for of in registry.types().values()
        for field, one in of.references.items()
        if one.to == kind
        for record_id, was in unlinked.get(of.plural, {}).items()
    }


def _follow_up(tx: Writing, table: str, ids: list[int]) -> None:
    """Run the type's hook after a change of many: a deal's history has to know that it has no contact now."""
    follow_up = registry.by_plural(table).hooks.after_set
    if follow_up:
        # The hook takes SQL without parameters: the ids are whole numbers of our own.
        follow_up(tx, f"SELECT unnest({ids}::BIGINT[])")


def blot_out(tx: Writing, person: Person) -> tuple[Counts, Changed]:
    """Replace the person's words in the texts of other records: ({table: number of rows}, what became of fields of
    records)."""
    blotted: Counts = {}
    changed: Changed = {}
    for text in mentions.columns(tx, person.terms):
        replaced = _replaced("one") if text.many else _replaced(text.column)
        value = f"list_transform({text.column}, LAMBDA one: {replaced})" if text.many else replaced
        if text.column in places.unique_texts(text.table):
            value = f"{value} || '-' || id"
        if text.column in places.ALIKE_ARE_ONE.get(text.table, ()):
            _drop_doubles(tx, person, text)
        field = places.field_of(text)
        mended = 0 if field or text.many else _blot_numbers(tx, person, text)
        rows = tx.rows(
            f"""
            UPDATE base.{text.table} SET {text.column} = {value}
            WHERE {person.terms.holding(text.value)}
            RETURNING {f"id, {text.column} AS became" if field else "true"}
            """,
            **person.terms.params,
            blotted=rf"\1{BLOTTED}\2",
        )
        if rows or mended:
            blotted[text.table] = blotted.get(text.table, 0) + len(rows) + mended
        if field:
            for row in rows:
                changed.setdefault((field.kind, row["id"]), {})[field.key] = [BLOTTED, row["became"]]
    return blotted, changed


def _blot_numbers(tx: Writing, person: Person, text: places.Text) -> int:
    """Replace JSON in which a number is a phone number of theirs; in how many rows. Replacing it as text, without
    quotes, would leave no JSON."""
    rows = tx.rows(
        f"""
        SELECT DISTINCT {text.column} AS found
        FROM base.{text.table}
        WHERE {person.terms.holding(text.column)}
            AND regexp_matches({text.column}, '^[\\[{{]')
            AND json_valid({text.column})
            AND NOT json_valid({_replaced(text.column)})
        """,
        **person.terms.params,
        blotted=rf"\1{BLOTTED}\2",
    )
    return sum(
        tx.run(
            f"UPDATE base.{text.table} SET {text.column} = $mended WHERE {text.column} = $found",
            found=row["found"],
            mended=_mended(row["found"], person),
        )
        for row in rows
    )


def _mended(found: str, person: Person) -> str:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(one) for key, one in value.items()}
        if isinstance(value, list):
            return [without(one) for one in value]
        is_theirs = isinstance(value, int | float) and person.terms.python.search(str(value))
        return BLOTTED if is_theirs else value

    return json.dumps(log.blotted(without(json.loads(found)), person), ensure_ascii=False, separators=(",", ":"))


def _drop_doubles(tx: Writing, person: Person, text: places.Text) -> None:
    """Delete all but the first of the rows that will have the same name."""
    others = ", ".join(column for column in places.ALIKE_ARE_ONE[text.table] if column != text.column)
    tx.run(
        f"""
        DELETE FROM base.{text.table}
        WHERE {person.terms.holding(text.column)} AND rowid NOT IN (
            SELECT rowid
            FROM base.{text.table}
            QUALIFY row_number() OVER (
                PARTITION BY {others}, {_replaced(text.column)}
                ORDER BY {person.terms.holding(text.column)}, rowid
            ) = 1
        )
        """,
        **person.terms.params,
        blotted=rf"\1{BLOTTED}\2",
    )


def forget_messages(tx: Writing, person: Person) -> Counts:
    """Delete notices, mails and stored API answers with a word of theirs, even one that others share. A mail goes for
    what its attachments say, too."""
    gone = {}
    attached = "(SELECT string_agg(words, ' ') FROM base.mail_attachments WHERE mail_id = mails.id)"
    mailed = f"concat_ws(' ', subject, body, {attached})"
    for table, columns in {"idempotency_keys": "body", "notices": "text", "mails": mailed}.items():
        gone[table] = tx.run(
            f"DELETE FROM base.{table} WHERE {person.every.holding(f'({columns})')}", **person.every.params
        )
    tx.run("DELETE FROM base.mail_attachments WHERE mail_id NOT IN (SELECT id FROM base.mails)")
    return gone


def _remove_loose_uploads(tx: Writing, upload_ids: list[int]) -> list[str]:
    """Delete the uploads that nothing else refers to; their hashes."""
    rows = tx.rows(
        """
        DELETE FROM base.uploads
        WHERE id IN (SELECT unnest($ids::BIGINT[]))
            AND id NOT IN (SELECT upload_id FROM base.attachments)
            AND id NOT IN (SELECT upload_id FROM base.imports)
        RETURNING sha256
        """,
        ids=upload_ids,
    )
    return sorted({row["sha256"] for row in rows})


def _replaced(value: str) -> str:
    """SQL of the redacted text. Replaced twice, since a separator between two words is part of the first match only."""
    once = f"regexp_replace({value}, $words, $blotted, 'gi')"
    return f"regexp_replace({once}, $words, $blotted, 'gi')"
