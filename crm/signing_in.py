"""Proving who one is: by password, by OpenID Connect, and the first administrator by the set-up link."""

import threading
from collections import deque
from datetime import datetime, timedelta

from crm import clock, identity, passwords, sessions, users
from crm.access import SYSTEM, Actor, Role
from crm.errors import CrmError, Invalid
from crm.store import Store, Writing
from crm.users import User

TRIES = 5
WINDOW = timedelta(minutes=15)
TRIES_FROM_ONE_PLACE = 30


class WrongPassword(CrmError):
    """The address is unknown, the password is wrong, or the user is disabled: the three are never told apart."""

    def __init__(self) -> None:
        super().__init__("Wrong email or password.")


class TooManyTries(CrmError):
    """Too many failures for this address or from this place; later tries are not even looked at."""

    def __init__(self) -> None:
        super().__init__("Too many failed tries. Wait a quarter of an hour, or ask an administrator.")


class Throttle:
    """Counts failures by account and by place, in memory, over a sliding window."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}
        self._guard = threading.Lock()

    def refuse_if_spent(self, account: str, place: str) -> None:
        if self._count(f"account {account}") >= TRIES or self._count(f"place {place}") >= TRIES_FROM_ONE_PLACE:
            raise TooManyTries

    def failed(self, account: str, place: str) -> None:
        with self._guard:
            for key in (f"account {account}", f"place {place}"):
                self._failures.setdefault(key, deque()).append(clock.now())

    def passed(self, account: str) -> None:
        with self._guard:
            self._failures.pop(f"account {account}", None)

    def _count(self, key: str) -> int:
        oldest = clock.now() - WINDOW
        with self._guard:
            times = self._failures.get(key, deque())
            while times and times[0] < oldest:
                times.popleft()
            if not times:
                self._failures.pop(key, None)
            return len(times)


THROTTLE = Throttle()


def by_password(store: Store, email: str, password: str, *, place: str, throttle: Throttle = THROTTLE) -> str:
    """The id of a new session. WrongPassword or TooManyTries otherwise. `place` is the client's address."""
    account = email.strip().casefold()
    throttle.refuse_if_spent(account, place)
    with store.reading(SYSTEM) as tx:
        found = tx.rows(
            "SELECT id, password_hash FROM base.users WHERE email_key = $key AND active",
            key=identity.email_key(account),
        )
    # The hash is compared outside the store's work: it takes 20 ms on purpose.
    if not passwords.matches(found[0]["password_hash"] if found else None, password):
        throttle.failed(account, place)
        raise WrongPassword
    throttle.passed(account)
    with store.writing(SYSTEM) as tx:
        return _enter(tx, found[0]["id"], "password")


def by_identity(store: Store, issuer: str, subject: str, email: str | None, email_verified: bool) -> str:
    """The id of a new session for whom an OpenID provider vouches for.

    Known by issuer and subject. The first time, a user whose address the provider has verified is bound to them.
    WrongPassword where nobody fits: accounts are made by an administrator, never by signing in.
    """
    name = f"{issuer} {subject}"
    with store.writing(SYSTEM) as tx:
        user_id = tx.value("SELECT id FROM base.users WHERE identity = $name AND active", name=name)
        if user_id is None and email and email_verified:
            user_id = tx.value(
                "SELECT id FROM base.users WHERE email_key = $key AND identity IS NULL AND active",
                key=identity.email_key(email),
            )
            if user_id is not None:
                tx.run("UPDATE base.users SET identity = $name WHERE id = $id", id=user_id, name=name)
                tx.record("user.identity_bound", "user", user_id, issuer=issuer)
        if user_id is None:
            raise WrongPassword
        return _enter(tx, user_id, "OpenID Connect")


def change_password(store: Store, actor: Actor, *, old: str, new: str, session_hash: str | None) -> User:
    """Another password for oneself: it ends one's other sessions. Invalid where the old one is not right."""
    with store.reading(SYSTEM) as tx:
        row = tx.row("SELECT email, password_hash FROM base.users WHERE id = $id", id=actor.id)
    THROTTLE.refuse_if_spent(row["email"], "")
    if not passwords.matches(row["password_hash"], old):
        THROTTLE.failed(row["email"], "")
        raise Invalid("That is not your password.", "old")
    password_hash = passwords.hashed(new, email=row["email"], name=actor.name)
    with store.writing(actor) as tx:
        return users.set_password(tx, actor.id, password_hash, but=session_hash)


def as_first_administrator(store: Store, *, name: str, email: str, password: str) -> str:
    """Make the first administrator and sign them in. Invalid where there is already a user."""
    password_hash = passwords.hashed(password, email=email, name=name)
    with store.writing(SYSTEM) as tx:
        if users.exist(tx):
            raise Invalid("There is already a user here. Sign in instead.")
        user = users.add(tx, email=email, name=name, role=Role.ADMINISTRATOR, password_hash=password_hash)
        return _enter(tx, user.id, "set-up link")


def _enter(tx: Writing, user_id: int, by: str) -> str:
    session_id = sessions.begin(tx, user_id)
    tx.record("user.signed_in", "user", user_id, by=by)
    return session_id
