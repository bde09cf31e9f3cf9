"""Removes a person from the log: who did what and when stays, the person and the contents do not."""

import json
from typing import Any

from crm.privacy.erasing.person import Person
from crm.store import Row, Writing, events

BLOTTED = "[erased]"


def redact(tx: Writing, person: Person, erasure_id: int) -> dict[str, str]:
    """Empty the person's own events and redact those of others that mention them; what the erasing event records."""
    own = _own(tx, person)
    emptied = dict.fromkeys(own, json.dumps({"erasure": erasure_id}))
    for row in _mentioning(tx, person, own):
        payload = blotted(json.loads(row["particulars"]), person)
        text = json.dumps(payload, ensure_ascii=False)
        if text != row["particulars"]:
            emptied[row["seq"]] = text
    return events.redact(tx, emptied)


def blotted(payload: Any, person: Person) -> Any:
    """The payload without the person: their words in any text, and the name beside their id."""
    if isinstance(payload, dict):
        found = {key: blotted(value, person) for key, value in payload.items()}
        return _unnamed(found, person)
    if isinstance(payload, list):
        return [blotted(value, person) for value in payload]
    if isinstance(payload, str) and person.terms:
        return person.terms.python.sub(BLOTTED, payload)
    return payload


def _unnamed(payload: dict[str, Any], person: Person) -> dict[str, Any]:
    """`contact_name` beside a `contact_id` of theirs: one value, or before and after a change."""
    ids, names = payload.get("contact_id"), payload.get("contact_name")
    if isinstance(ids, list) and isinstance(names, list):
        hidden = [BLOTTED if id_ in person.ids and name else name for id_, name in zip(ids, names, strict=False)]
        return {**payload, "contact_name": hidden}
    if ids in person.ids and names:
        return {**payload, "contact_name": BLOTTED}
    return payload


def _own(tx: Writing, person: Person) -> list[int]:
    """The numbers of their own events and those of their orders."""
    # Without the events of earlier erasures: they hold numbers only, and emptying them would break their proof.
    rows = tx.rows(
        """
        SELECT seq
        FROM base.events
        WHERE name <> $redacting
            AND (
                (subject_kind = 'contact' AND subject_id IN (SELECT unnest($ids::BIGINT[])))
                OR (
                    subject_kind = 'order'
                    AND subject_id IN (
                        SELECT id FROM base.orders WHERE contact_id IN (SELECT unnest($ids::BIGINT[]))
                    )
                )
            )
        """,
        ids=list(person.ids),
        redacting=events.REDACTING,
    )
    return [row["seq"] for row in rows]


def _mentioning(tx: Writing, person: Person, own: list[int]) -> list[Row]:
    """Events of other records that refer to them or contain a word of theirs."""
    # A contact's id stands in a payload by itself, or in a list of before and after.
    numbers = "|".join(map(str, person.ids))
    return tx.rows(
        f"""
        SELECT seq, particulars
        FROM base.events
        WHERE name <> $redacting
            AND (
                regexp_matches(particulars, $pointing)
                OR {person.terms.holding("particulars")}
            )
            AND seq NOT IN (SELECT unnest($own::BIGINT[]))
        """,
        redacting=events.REDACTING,
        pointing=rf'"contact_id": ?(?:\[[^\]]*)?\b(?:{numbers})\b',
        **person.terms.params,
        own=own,
    )
