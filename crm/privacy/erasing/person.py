"""The person to erase: the contact, the contacts merged with it, and every name and key it ever had."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import CrmError, NotFound
from crm.foundation.language import tr
from crm.privacy.erasing import terms
from crm.privacy.erasing.terms import Terms
from crm.store import Reading

IDENTITY = ("name", "email", "phone", "identifier")


@dataclass(frozen=True)
class Person:
    ids: tuple[int, ...]
    """The contact and those that were merged into it."""
    terms: Terms
    """Words that belong to nobody else, and are removed from every text."""
    shared: tuple[str, ...]
    """Names and keys that others have too, or that are ordinary words: removed only with the person's own records."""
    every: Terms
    """Both: notices, mails and stored API answers are deleted for any of these words."""


def find(tx: Reading, contact_id: int) -> Person:
    """The person of a contact, deleted or not. Raises NotFound where there is none, or it was merged into another."""
    merged = tx.value(
        """
        SELECT count(*) FROM base.merges
        WHERE absorbed_id = $id AND subject_kind = 'contact' AND undone_at IS NULL
        """,
        id=contact_id,
    )
    if merged or not tx.rows("SELECT id FROM base.contacts WHERE id = $id", id=contact_id):
        raise NotFound(tr("contact"))
    return known(tx, contact_id)


def known(tx: Reading, contact_id: int, upload_ids: Iterable[int] = ()) -> Person:
    """The person of a contact that may be gone or merged by now. `upload_ids` are files that name them; the name of
    such a file counts as a word of theirs if it contains a part of their name."""
    ids = _merged_with(tx, contact_id)
    values = _values(tx, ids)
    words = {value for field in ("name", "email", "identifier") for value in values[field]}
    phones = {phone for phone in values["phone"] if _is_phone(phone)}
    taken = _of_others(tx, ids, values)
    distinctive = (
        {name for name in values["name"] if terms.is_distinctive(name)}
        | values["email"]
        | {key for key in values["identifier"] if terms.is_distinctive_key(key)}
    )
    # A word in an attribute's key is part of a column's name, and cannot be blotted out of it.
    own = {word for word in distinctive if identity.folded(word) not in taken and not _is_in_a_key(tx, word)}
    own |= _file_names(tx, ids, upload_ids, words)
    own_phones = {phone for phone in phones if phone not in taken}
    return Person(
        ids=ids,
        terms=terms.of(own, own_phones),
        shared=tuple(sorted((words - own) | (phones - own_phones))),
        every=terms.of(words | own, phones),
    )


def _is_in_a_key(tx: Reading, word: str) -> bool:
    """Whether the word occurs in an attribute's key, which is also a column's name."""
    found = terms.of([word], [])
    keys = "SELECT key FROM base.attributes UNION ALL SELECT key FROM base.deleted_attributes"
    held = f"SELECT count(*) FROM ({keys}) WHERE NOT contains(key, ' ') AND {found.holding('key')}"
    return bool(tx.value(held, **found.params))


def _merged_with(tx: Reading, contact_id: int) -> tuple[int, ...]:
    """The ids of the contact and of those merged with it, the contact first."""
    rows = tx.rows(
        """
        WITH RECURSIVE
            standing AS (
                SELECT survivor_id, absorbed_id
                FROM base.merges
                WHERE subject_kind = 'contact' AND undone_at IS NULL
            ),
            same(id) AS (
                SELECT $id::BIGINT
                UNION
                SELECT CASE same.id WHEN standing.survivor_id THEN standing.absorbed_id ELSE standing.survivor_id END
                FROM standing
                JOIN same ON same.id IN (standing.survivor_id, standing.absorbed_id)
            )
        SELECT id FROM same ORDER BY id <> $id, id
        """,
        id=contact_id,
    )
    return tuple(row["id"] for row in rows)


def _values(tx: Reading, ids: tuple[int, ...]) -> dict[str, set[str]]:
    """{field: every name, email, phone or identifier} that they have, or had by the log and the imports."""
    found: dict[str, set[str]] = {field: set() for field in IDENTITY}
    rows = tx.rows(
        "SELECT name, email, phone, identifier FROM base.contacts WHERE id IN (SELECT unnest($ids::BIGINT[]))",
        ids=list(ids),
    )
    logged = tx.rows(
        """
        SELECT particulars AS told
        FROM base.events
        WHERE subject_kind = 'contact' AND subject_id IN (SELECT unnest($ids::BIGINT[]))
        UNION ALL
        SELECT before
        FROM base.import_changes
        WHERE subject_kind = 'contact' AND subject_id IN (SELECT unnest($ids::BIGINT[])) AND before IS NOT NULL
        """,
        ids=list(ids),
    )
    pairs = [pair for row in rows for pair in row.items()] + [pair for row in logged for pair in _logged(row["told"])]
    for field, value in pairs:
        if isinstance(value, str) and value.strip():
            found[field].add(value.strip())
    return found


def _logged(text: str) -> Iterator[tuple[str, Any]]:
    """The identity fields in the payload of an event: of a creation, or before and after a change."""
    payload = json.loads(text)
    for fields in (payload, payload.get("changes") or {}):
        for field in IDENTITY:
            value = fields.get(field)
            yield from ((field, each) for each in (value if isinstance(value, list) else [value]))


def _file_names(tx: Reading, ids: tuple[int, ...], upload_ids: Iterable[int], words: set[str]) -> set[str]:
    parts = {part for word in words for part in identity.folded(word).replace("@", " ").split() if terms.is_part(part)}
    rows = tx.rows(
        """
        SELECT DISTINCT upload.file_name
        FROM base.uploads AS upload
        LEFT JOIN base.imports AS import ON import.upload_id = upload.id
        LEFT JOIN base.import_changes AS change ON change.import_id = import.id
        WHERE upload.id IN (SELECT unnest($upload_ids::BIGINT[]))
            OR (change.subject_kind = 'contact' AND change.subject_id IN (SELECT unnest($ids::BIGINT[])))
        """,
        ids=list(ids),
        upload_ids=list(upload_ids),
    )
    names = [row["file_name"] for row in rows]
    return {name for name in names if any(part in identity.folded(name) for part in parts)}


def _is_phone(phone: str) -> bool:
    try:
        return identity.phone(phone, "ZZ") == phone
    except CrmError:
        return False


def _of_others(tx: Reading, ids: tuple[int, ...], values: dict[str, set[str]]) -> set[str]:
    """The values that other contacts, companies or users have too, folded."""
    held = [value for found in values.values() for value in found]
    rows = tx.rows(
        """
        WITH wanted AS (SELECT unnest($words::VARCHAR[]) AS word, unnest($searched::VARCHAR[]) AS searched)
        SELECT DISTINCT word
        FROM wanted
        JOIN (
            SELECT unnest([name, email, phone, identifier]) AS held
            FROM base.contacts
            WHERE id NOT IN (SELECT unnest($ids::BIGINT[]))
                AND EXISTS (FROM wanted WHERE contains(search, searched))  -- a look at one column of a million rows
            UNION ALL
            SELECT name FROM base.companies
            UNION ALL
            SELECT unnest([name, email]) FROM base.users
        ) ON strip_accents(lower(held)) = word
        """,
        words=[identity.folded(value) for value in held],
        searched=[identity.searchable(value) for value in held],
        ids=list(ids),
    )
    return {row["word"] for row in rows}
