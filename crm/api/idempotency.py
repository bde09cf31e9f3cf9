"""What a change answered, kept with the change in one transaction: a repeated request gets the same answer.

It is no way around a wall that came after: what the change asked of its caller is asked again, of the token and the
role as they are now, and so is whether they still see the records that the answer tells of.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from crm.api.paths import path_of
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.platform import answers
from crm.records import registry
from crm.records.declaration import Trait
from crm.store import Reading, Writing

_OTHERS = {"import": "imports", "upload": "uploads", "segment": "segments", "saved_view": "saved_views"}
"""What is no registered type, and not everybody's to see."""


@dataclass(frozen=True)
class Answer:
    """A status and the JSON of the record that was written, from which the headers follow."""

    status: int
    body: str

    def response(self, kind: str | None = None) -> Response:
        """As it is sent. `kind` names the noun of a new record, for its Location."""
        record = json.loads(self.body) if self.body else {}
        response = Response(self.body or None, self.status, media_type="application/json" if self.body else None)
        if "version" in record:
            response.headers["ETag"] = f'"{record["version"]}"'
        where = path_of(kind, record["id"]) if kind else None
        if where:
            response.headers["Location"] = where
        return response

    def replayed(self, kind: str | None) -> Response:
        response = self.response(kind)
        response.headers["Idempotency-Replayed"] = "true"
        return response


def kept(tx: Reading, key: str, fingerprint: str) -> Answer | None:
    """What this caller's request with this key answered; Invalid where the key came with another request.

    Forbidden, ModuleOff or NotFound where the caller could not do or see now what the answer tells of.
    """
    found = answers.find(tx, key)
    if found is None:
        return None
    if found["request_hash"] != fingerprint:
        raise Invalid("This Idempotency-Key came before with another request. Use a new one.", "Idempotency-Key")
    if found["guard"] is None:
        raise Invalid(
            "This Idempotency-Key was used before the last update, whose answers are gone.", "Idempotency-Key"
        )
    _ask_again(tx, json.loads(found["guard"]))
    return Answer(found["status"], found["body"])


def keep(tx: Writing, key: str, fingerprint: str, answer: Answer) -> None:
    guard = json.dumps({"needs": _needs(tx), "seen": _seen(tx, _told_of(tx, answer))})
    answers.keep(tx, key, fingerprint, status=answer.status, body=answer.body, guard=guard)


def _needs(tx: Writing) -> list[tuple[str, str | None]]:
    return sorted((permission.value, module.value if module else None) for permission, module in tx.required)


def _told_of(tx: Writing, answer: Answer) -> dict[str, set[int]]:
    """The records, by kind, that the change was about, and those that the answer points to."""
    found: dict[str, set[int]] = {}
    about = [(link.subject_kind, link.subject_id) for link in tx.recorded]
    for kind, record_id in (*about, *_references(json.loads(answer.body or "null"))):
        if _views(kind):
            found.setdefault(kind, set()).add(record_id)
    return found


def _references(value: object) -> Iterable[tuple[str, int]]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name.endswith("_id") and isinstance(one, int):
                yield name.removesuffix("_id"), one
            else:
                yield from _references(one)


def _views(kind: str) -> tuple[str, ...]:
    """Where the records of a kind stand that one sees; none where everybody sees all of them."""
    if kind in _OTHERS:
        return (_OTHERS[kind],)
    of = registry.types().get(kind)
    return (of.plural, f"{kind}_bin") if of and of.has(Trait.BIN) else ()


def _seen(tx: Reading, records: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """Those that the caller sees. What their own change hid from them, a contact given away, is not of these."""
    return {kind: sorted(_visible(tx, kind, ids)) for kind, ids in sorted(records.items())}


def _visible(tx: Reading, kind: str, ids: Iterable[int]) -> set[int]:
    views = " UNION ALL ".join(f"SELECT id FROM {view}" for view in _views(kind))
    wanted = "SELECT unnest($ids::BIGINT[])"
    return {row["id"] for row in tx.rows(f"SELECT id FROM ({views}) WHERE id IN ({wanted})", ids=sorted(ids))}


def _ask_again(tx: Reading, guard: dict[str, Any]) -> None:
    for permission, module in guard["needs"]:
        tx.require(Permission(permission), Module(module) if module else None)
    for kind, ids in guard["seen"].items():
        if set(ids) - _visible(tx, kind, ids):
            raise NotFound(kind)
