"""Taking a person out of the tables: their own rows go, what is about others stays without them."""

from crm.erasing import places
from crm.erasing.log import BLOTTED
from crm.erasing.person import Person
from crm.store import Writing

Counts = dict[str, int]


def remove(tx: Writing, person: Person) -> tuple[Counts, list[str]]:
    """({table: rows gone}, the hashes of uploaded files that were attached to the person)."""
    ids = list(person.ids)
    own = places.own(tx)
    attached = tx.rows(f"SELECT upload_id AS id FROM base.attachments WHERE {own['attachments']}", ids=ids)
    gone = {table: tx.run(f"DELETE FROM base.{table} WHERE {theirs}", ids=ids) for table, theirs in own.items()}
    uploads = _remove_loose_uploads(tx, [row["id"] for row in attached])
    gone["uploads"] = len(uploads)
    gone["contacts"] = tx.run(f"DELETE FROM base.contacts WHERE id {places.THEIRS}", ids=ids)
    return gone, uploads


def unlink(tx: Writing, person: Person) -> Counts:
    """Deals and whatever else goes on without its contact."""
    unlinked = {}
    for table in places.UNLINKED:
        rows = tx.rows(
            f"SELECT id, contact_id FROM base.{table} WHERE contact_id IN (SELECT unnest($ids::BIGINT[]))",
            ids=list(person.ids),
        )
        tx.run(
            f"""
            UPDATE base.{table} SET contact_id = NULL, updated_at = $now, version = version + 1
            WHERE contact_id IN (SELECT unnest($ids::BIGINT[]))
            """,
            ids=list(person.ids),
            now=tx.now,
        )
        tx.record_each(
            f"{table.removesuffix('s')}.changed",
            table.removesuffix("s"),
            [row["id"] for row in rows],
            changes={"contact_name": [BLOTTED, None]},
        )
        unlinked[table] = len(rows)
    return unlinked


def blot_out(tx: Writing, person: Person) -> Counts:
    """Replace the person's words in the texts of others."""
    if not person.terms:
        return {}
    blotted: Counts = {}
    for text in places.texts(tx):
        replaced = _replaced("one") if text.many else _replaced(text.column)
        value = f"list_transform({text.column}, LAMBDA one: {replaced})" if text.many else replaced
        rows = tx.run(
            f"UPDATE base.{text.table} SET {text.column} = {value} WHERE {holding(text)}",
            words=person.terms.sql,
            blotted=rf"\1{BLOTTED}\2",
        )
        if rows:
            blotted[text.table] = blotted.get(text.table, 0) + rows
    return blotted


def holding(text: places.Text) -> str:
    """A condition on $words."""
    value = f"array_to_string({text.column}, chr(10))" if text.many else text.column
    return f"regexp_matches({value}, $words, 'i')"


def forget_what_was_told(tx: Writing, person: Person) -> Counts:
    """Notices, mails and kept answers that hold a word of theirs, even one that others share."""
    if not person.every:
        return {}
    gone = {}
    for table, columns in {"idempotency_keys": "body", "notices": "text", "mails": "subject || ' ' || body"}.items():
        gone[table] = tx.run(
            f"DELETE FROM base.{table} WHERE regexp_matches({columns}, $words, 'i')", words=person.every.sql
        )
    return gone


def _remove_loose_uploads(tx: Writing, upload_ids: list[int]) -> list[str]:
    """The uploads of which nothing else is made; their hashes."""
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
    """Twice: what stands between two words belongs to the first match alone."""
    once = f"regexp_replace({value}, $words, $blotted, 'gi')"
    return f"regexp_replace({once}, $words, $blotted, 'gi')"
