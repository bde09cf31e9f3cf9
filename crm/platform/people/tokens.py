"""API tokens: `crm_<id>_<secret>`, shown to a person once and kept as a hash.

A token acts as its user with at most their permissions: its scopes are intersected with them on every request, so that
a changed role or a disabled user takes effect at once.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from crm.foundation import bounds, identity
from crm.foundation.access import FOREVER, SYSTEM, Actor, Permission, Source
from crm.foundation.errors import CrmError, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.platform.people import users
from crm.store import Reading, Row, Store, Writing

_last_uses: dict[int, datetime] = {}
"""When each token was last used, until `write_last_uses` writes it: no request waits for the writer lock for that."""
_last_uses_guard = threading.Lock()


class Scope(StrEnum):
    """What a token may do. `read` opens the GET routes; a write returns its record even without it."""

    READ = later("read")
    WRITE = later("write")
    IMPORT = later("import")
    EXPORT = later("export")
    SETTINGS = later("settings")
    SQL = later("sql")
    PRIVACY = later("privacy")
    """All that is held on a person as one file, and erasing them; beside `settings`."""


SCOPE_PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset(),
    Scope.WRITE: frozenset({Permission.MANAGE_CONTACTS, Permission.MANAGE_CRM, Permission.MANAGE_OBJECTS}),
    Scope.IMPORT: frozenset({Permission.IMPORT}),
    Scope.EXPORT: frozenset({Permission.EXPORT}),
    Scope.SETTINGS: frozenset({Permission.MANAGE_SETTINGS}),
    Scope.SQL: frozenset({Permission.RUN_SQL}),
    Scope.PRIVACY: frozenset(),
}


class TokenRefused(CrmError):
    """The token is missing, unknown, expired or revoked, or its user is disabled: the message never says which."""

    def __init__(self) -> None:
        super().__init__(
            tr("This needs a valid API token: send “Authorization: Bearer crm_…”. Yours may have expired.")
        )


class Token(BaseModel, frozen=True):
    id: int
    user_id: int
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class Issued(BaseModel, frozen=True):
    """A new token with its text, which is shown only this once."""

    token: Token
    text: str


def issue(
    tx: Writing, *, name: str, scopes: Collection[Scope], expires_at: datetime | None, user_id: int | None = None
) -> Issued:
    """Issue a token for the actor or, with the permission to manage settings, for another user."""
    tx.require_confirmed()
    owner = users.get(tx, user_id or tx.actor.id)
    if owner.id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    shown_name = identity.text(name, later("name"), limit=100)
    if not shown_name:
        raise Invalid(tr("A token needs a name that says what it is for."), "name")
    if not scopes:
        raise Invalid(tr("A token needs at least one scope."), "scopes")
    if expires_at is not None and expires_at <= tx.now:
        raise Invalid(tr("The token would have expired already. Give a later day."), "expires_at")
    secret = secrets.token_urlsafe(32)
    token_id = tx.insert(
        """
        INSERT INTO base.tokens (user_id, name, secret_hash, scopes, created_at, expires_at)
        VALUES ($user_id, $name, $secret_hash, $scopes, $now, $expires_at)
        RETURNING id
        """,
        user_id=owner.id,
        name=shown_name,
        secret_hash=_hashed(secret),
        scopes=" ".join(sorted(scopes)),
        now=tx.now,
        expires_at=expires_at,
    )
    tx.record("token.issued", "user", owner.id, token_id=token_id, token=shown_name, scopes=sorted(scopes))
    return Issued(token=_get(tx, token_id), text=f"crm_{token_id}_{secret}")


def revoke(tx: Writing, token_id: int) -> Token:
    """Revoke one of the actor's tokens or, with the permission to manage settings, anybody's. A second time does
    nothing."""
    token = _get(tx, token_id)
    if token.user_id != tx.actor.id and not tx.actor.may(Permission.MANAGE_SETTINGS):
        raise NotFound(tr("token"))
    if token.revoked_at is not None:
        return token
    tx.run("UPDATE base.tokens SET revoked_at = $now WHERE id = $id", now=tx.now, id=token_id)
    tx.record("token.revoked", "user", token.user_id, token_id=token_id, token=token.name)
    return _get(tx, token_id)


def mine(tx: Reading) -> list[Token]:
    """The actor's own tokens, newest first, the ended ones included."""
    found = tx.rows("SELECT * FROM base.tokens WHERE user_id = $id ORDER BY id DESC", id=tx.actor.id)
    return [_token(row) for row in found]


def everyones(tx: Reading) -> list[Token]:
    """All tokens that still work, for those who manage settings, newest first."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = tx.rows(
        """
        SELECT *
        FROM base.tokens
        WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $now)
        ORDER BY id DESC
        """,
        now=tx.now,
    )
    return [_token(row) for row in found]


def find(store: Store, text: str) -> Token:
    """The valid token with this text. Raises TokenRefused where there is none."""
    prefix, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    token_id = bounds.whole(number)
    if prefix != "crm" or token_id is None:
        raise TokenRefused
    with store.reading(SYSTEM) as tx:
        found = tx.rows("SELECT * FROM base.tokens WHERE id = $id", id=token_id)
        now = tx.now
    secret_hash = found[0]["secret_hash"] if found else ""
    # An unknown id takes the same path as a wrong secret, so that the refusal does not tell which it was.
    if not hmac.compare_digest(secret_hash, _hashed(secret)):
        raise TokenRefused
    token = _token(found[0])
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise TokenRefused
    with _last_uses_guard:
        _last_uses[token.id] = now
    return token


def actor(store: Store, token: Token) -> Actor:
    """The actor of a token: its user, with no more permissions than its scopes. Always confirmed, since a program
    cannot enter a password: the person did when they issued the token."""
    try:
        person = users.actor(store, token.user_id, Source.API, confirmed_until=FOREVER)
    except NotFound:
        raise TokenRefused from None
    allowed = frozenset[Permission]().union(*(SCOPE_PERMISSIONS[scope] for scope in token.scopes))
    return replace(person, permissions=person.permissions & allowed)


def actor_of(store: Store, text: str) -> Actor:
    return actor(store, find(store, text))


def write_last_uses(store: Store) -> None:
    """Write the last use of tokens to the store. The server calls it once a minute."""
    with _last_uses_guard:
        last_uses = dict(_last_uses)
        _last_uses.clear()
    if not last_uses:
        return
    with store.writing(SYSTEM) as tx:
        for token_id, used_at in last_uses.items():
            tx.run("UPDATE base.tokens SET last_used_at = $moment WHERE id = $id", moment=used_at, id=token_id)


def _get(tx: Reading, token_id: int) -> Token:
    # Tokens have no visible view: whose they are is checked by the verbs above.
    found = tx.rows("SELECT * FROM base.tokens WHERE id = $id", id=token_id)
    if not found:
        raise NotFound(tr("token"))
    return _token(found[0])


def _token(row: Row) -> Token:
    return Token(**{**row, "scopes": row["scopes"].split()})


def _hashed(secret: str) -> str:
    # A plain hash is enough for 256 random bits; the slow ones are for what people choose.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
