"""The secrets of senders: generated here, shown once, and used to verify each message. They are stored encrypted, not
hashed: verifying a signature needs the plain text.

Rotation: a new secret is valid at once, and the former one for another day; a sender may also sign with both, since
`webhook-signature` takes several.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import BaseModel
from standardwebhooks import Webhook, WebhookVerificationError

from crm.foundation import sealing
from crm.foundation.access import Module, Permission
from crm.foundation.errors import CrmError, Invalid, NotFound
from crm.foundation.language import tr
from crm.store import Reading, Row, Writing
from crm.store.kept import kept
from crm.store.plain_secrets import PLAIN, of_webhook

SecretSource = Literal["webhook", "commerce", "payments"]
SOURCES: tuple[SecretSource, ...] = get_args(SecretSource)

GRACE = timedelta(days=1)
BYTES = 32
LONGEST_ID = 255


class NotSigned(CrmError):
    """The signature is not valid. The message does not say why, which would help only an attacker."""

    def __init__(self) -> None:
        super().__init__("The message is not signed as it must be.")


class Secret(BaseModel, frozen=True):
    """A secret without its text. `ends_at`: it is valid until then. `readable`: whether the key that decrypts it is
    beside the store; without it messages signed with it cannot be accepted."""

    id: int
    source: SecretSource
    created_by_name: str
    created_at: datetime
    ends_at: datetime | None
    readable: bool


def make(tx: Writing, source: str) -> str:
    """Generate a secret for a source; its text, to be shown once. The previous one ends in a day, earlier ones now."""
    tx.require(Permission.MANAGE_SETTINGS, Module.ORDERS)
    tx.require_confirmed()
    if source not in SOURCES:
        raise Invalid(
            tr("Webhooks come from one of {sources}, not from “{source}”.", sources=", ".join(SOURCES), source=source),
            "source",
        )
    text = f"{PLAIN}{base64.b64encode(secrets.token_bytes(BYTES)).decode()}"
    # At most two are valid at a time: a secret that leaked is gone after two rotations at once.
    tx.run("DELETE FROM base.webhook_secrets WHERE source = $source AND ends_at IS NOT NULL", source=source)
    tx.run(
        "UPDATE base.webhook_secrets SET ends_at = $ends_at WHERE source = $source",
        ends_at=tx.now + GRACE,
        source=source,
    )
    secret_id = tx.insert(
        """
        INSERT INTO base.webhook_secrets (source, secret, created_by, created_at)
        VALUES ($source, $sealed, $me, $now)
        RETURNING id
        """,
        source=source,
        sealed=sealing.seal(tx.folder, text.encode(), of=of_webhook(source)),
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record("webhook_secret.made", "webhook_secret", secret_id, source=source)
    return text


def end(tx: Writing, secret_id: int) -> Secret:
    """Delete a secret; messages signed with it are refused from now on."""
    tx.require(Permission.MANAGE_SETTINGS, Module.ORDERS)
    found = next((secret for secret in live(tx) if secret.id == secret_id), None)
    if found is None:
        raise NotFound(tr("secret"))
    tx.run("DELETE FROM base.webhook_secrets WHERE id = $id", id=secret_id)
    tx.record("webhook_secret.ended", "webhook_secret", secret_id, source=found.source)
    return found


def live(tx: Reading) -> list[Secret]:
    """The valid secrets, by source, newest first."""
    tx.require(Permission.MANAGE_SETTINGS, Module.ORDERS)
    rows = tx.rows(
        """
        SELECT
            secret.id,
            secret.source,
            secret.secret,
            coalesce(person.name, 'Mallard') AS created_by_name,
            secret.created_at,
            secret.ends_at
        FROM base.webhook_secrets AS secret
        LEFT JOIN base.users AS person ON person.id = secret.created_by
        WHERE ends_at IS NULL OR ends_at > $now
        ORDER BY source, secret.id DESC
        """,
        now=tx.now,
    )
    return [Secret(**row, readable=_opened(tx, row) is not None) for row in rows]


def signed_by(tx: Reading, body: bytes, headers: Mapping[str, str]) -> SecretSource:
    """The source that signed the message. Raises NotSigned where no secret fits, or its time is more than five minutes
    off; Unreadable where none fits and some could not be decrypted, so that its sender tries again later."""
    rows = [row for row in _every(tx) if row["ends_at"] is None or row["ends_at"] > tx.now]
    opened = [(row, _opened(tx, row)) for row in rows]
    # All secrets are tried, also after one that fits, so that the time taken reveals nothing.
    fitting = [row["source"] for row, secret in opened if secret and _fits(secret, body, headers)]
    for row, secret in opened:
        # For its refusal, Unreadable: whether this secret signed the message cannot be known now.
        if not fitting and secret is None:
            _open(tx, row)
    if not fitting or len(headers.get("webhook-id", "")) > LONGEST_ID:
        raise NotSigned
    source: SecretSource = fitting[0]
    return source


@kept
def _every(tx: Reading) -> list[Row]:
    """The secrets, as they are sealed, also those that have ended."""
    return tx.rows("SELECT source, secret, ends_at FROM base.webhook_secrets ORDER BY id")


def _open(tx: Reading, row: Row) -> str:
    return sealing.unseal(tx.folder, row["secret"], of=of_webhook(row["source"])).decode()


def _opened(tx: Reading, row: Row) -> str | None:
    try:
        return _open(tx, row)
    except sealing.Unreadable:
        return None


def _fits(secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether this secret signed the message. The library compares in constant time; it raises ValueError for malformed
    headers."""
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
