"""Stores the answer of a change, in the transaction of the change: a repeated request gets the same answer.

Before a replay the permissions and modules that the change required are checked again, of the token and the role as
they are now, and so is whether the caller still sees the records of the answer.
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

_OTHERS = {
    "import": "imports",
    "upload": "uploads",
    "segment": "segments",
    "saved_view": "saved_views",
    "sql_query": "sql_queries",
    "scenario": "forecast_scenarios",
    "dashboard": "dashboards",
    "dashboard_schedule": "dashboard_schedules",
}
"""{kind that is no record type, and not everybody's to see: its view}."""


@dataclass(frozen=True)
class Answer:
    """A status and the JSON of the record that was written, from which the headers follow."""

    status: int
    body: str

    def response(self, kind: str | None = None) -> Response:
        """The answer with its headers. `kind` is the kind of a new record, for its Location."""
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


def find(tx: Reading, key: str, fingerprint: str) -> Answer | None:
    """The stored answer of this caller's request with this key, None for a new key.

    Raises Invalid where the key came with another request; Forbidden, ModuleOff or NotFound where the caller could not
    do now what the change did, or not see the records of its answer.
    """
    found = answers.find(tx, key)
    if found is None:
        return None
    if found["request_hash"] != fingerprint:
        raise Invalid("This Idempotency-Key came before with another request. Use a new one.", "Idempotency-Key")
    # Answers of before the guard was stored: nothing says whom they may be shown to.
    if found["guard"] is None:
        raise Invalid(
            "This Idempotency-Key was used before the last update, whose answers are gone.", "Idempotency-Key"
        )
    _check_again(tx, json.loads(found["guard"]))
    return Answer(found["status"], found["body"])


def save(tx: Writing, key: str, fingerprint: str, answer: Answer) -> None:
    guard = json.dumps({"needs": _needs(tx), "seen": _visible_now(tx, _records_of(tx, answer))})
    answers.keep(tx, key, fingerprint, status=answer.status, body=answer.body, guard=guard)


def _needs(tx: Writing) -> list[tuple[str, str | None]]:
    return sorted((permission.value, module.value if module else None) for permission, module in tx.required)


def _records_of(tx: Writing, answer: Answer) -> dict[str, set[int]]:
    """{kind: ids} of the records that the change was about, and of those that the answer points to."""
    found: dict[str, set[int]] = {}
    about = [(link.subject_kind, link.subject_id) for link in tx.recorded]
    for kind, record_id in (*about, *_references(json.loads(answer.body or "null"))):
        if _views(kind):
            found.setdefault(kind, set()).add(record_id)
    return found


def _references(value: object) -> Iterable[tuple[str, int]]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_id") and isinstance(item, int):
                yield name.removesuffix("_id"), item
            else:
                yield from _references(item)


def _views(kind: str) -> tuple[str, ...]:
    """The views that show the records of a kind that one sees; none where everybody sees all of them."""
    if kind in _OTHERS:
        return (_OTHERS[kind],)
    of = registry.types().get(kind)
    return (of.plural, f"{kind}_bin") if of and of.has(Trait.BIN) else ()


def _visible_now(tx: Reading, records: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """{kind: ids} of those that the caller sees after the change."""
    # What their own change hid from them, such as a contact given away, is told again at a replay.
    return {kind: sorted(_visible(tx, kind, ids)) for kind, ids in sorted(records.items())}


def _visible(tx: Reading, kind: str, ids: Iterable[int]) -> set[int]:
    if not _views(kind):  # a custom type that was deleted since
        return set()
    views = " UNION ALL ".join(f"SELECT id FROM {view}" for view in _views(kind))
    listed = "SELECT unnest($ids::BIGINT[])"
    return {row["id"] for row in tx.rows(f"SELECT id FROM ({views}) WHERE id IN ({listed})", ids=sorted(ids))}


def _check_again(tx: Reading, guard: dict[str, Any]) -> None:
    for permission, module in guard["needs"]:
        tx.require(Permission(permission), Module(module) if module else None)
    for kind, ids in guard["seen"].items():
        if set(ids) - _visible(tx, kind, ids):
            raise NotFound(registry.one_of(kind))
