"""What a change answered, kept with the change in one transaction: a repeated request gets the same answer."""

import json
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Response

from crm.api.paths import path_of
from crm.errors import Invalid
from crm.store import Reading, Writing

KEPT = timedelta(days=7)


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
    """What this caller's request with this key answered; Invalid where the key came with another request."""
    found = tx.rows(
        "SELECT request_hash, status, body FROM base.idempotency_keys WHERE user_id = $user_id AND key = $key",
        user_id=tx.actor.id,
        key=key,
    )
    if not found:
        return None
    if found[0]["request_hash"] != fingerprint:
        raise Invalid("This Idempotency-Key came before with another request. Use a new one.", "Idempotency-Key")
    return Answer(found[0]["status"], found[0]["body"])


def keep(tx: Writing, key: str, fingerprint: str, answer: Answer) -> None:
    tx.run("DELETE FROM base.idempotency_keys WHERE created_at < $oldest", oldest=tx.now - KEPT)
    tx.run(
        """
        INSERT INTO base.idempotency_keys (user_id, key, request_hash, status, body, created_at)
        VALUES ($user_id, $key, $fingerprint, $status, $body, $now)
        """,
        user_id=tx.actor.id,
        key=key,
        fingerprint=fingerprint,
        status=answer.status,
        body=answer.body,
        now=tx.now,
    )
