"""Signs users in: by password and second factor, by OpenID Connect, and the first administrator by the set-up link.

entry = by_password(store, email, password, place=…, browser=…)      Entry, or PendingSignIn: a code is needed
entry = with_code(store, entry.ticket, code)
"""

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crm.foundation import clock, identity
from crm.foundation.access import FOREVER, SYSTEM, Actor, Role
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import later, tr
from crm.platform import workspace
from crm.platform.people import known_browsers, passwords, presence, second_factor, sessions, users
from crm.platform.people.second_factor import Enrolment
from crm.platform.people.throttle import ACCOUNT, ACCOUNT_HERE, BROWSER, PLACE, THROTTLE, Key, Limit, Throttle, place_of
from crm.platform.people.users import User
from crm.store import Reading, Store, Writing

TIME_FOR_CODE = timedelta(minutes=10)
"""The time for the second step, after the password."""
MOST_PENDING = 10_000
CODES = Limit(10, timedelta(days=1))
"""Tries of second-factor codes for one account, after a correct password."""
OWN_BROWSER = later(", or sign in with a browser in which you have signed in before")


class WrongPassword(CrmError):
    """The address is unknown, the password is wrong, or the user is disabled: the message never says which."""

    def __init__(self) -> None:
        super().__init__(tr("Wrong email or password."))


class StartAgain(CrmError):
    """The ticket of this sign-in has expired or was replaced."""

    def __init__(self) -> None:
        super().__init__(tr("This sign-in took too long, or another was begun since. Begin it again."))


class Proof(StrEnum):
    """The means by which a signed-in user confirms their identity: the strongest that they have here."""

    PASSWORD = "password"  # noqa: S105
    CODE = "code"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Entry:
    """A completed sign-in, with the texts of two cookies: of the session, and of the known browser."""

    session_id: str
    browser: str
    recovery_codes: tuple[str, ...] = ()
    """Recovery codes to be shown once, where the second factor was set up during the sign-in."""


@dataclass(frozen=True)
class PendingSignIn:
    """A sign-in after the password: the code is missing, or (`enrol`) the second factor has to be set up first."""

    ticket: str
    enrol: bool


@dataclass(frozen=True)
class _Pending:
    user_id: int
    by: str
    browser: str | None
    enrol: bool
    confirmed: bool
    until: datetime
    password_hash: str | None
    """The account's hash at that time: if it has changed since, the ticket is void."""
    seed: str | None = None
    """When enrolling: the hash of the seed that was shown for this ticket."""


_pending: OrderedDict[str, _Pending] = OrderedDict()
_pending_guard = threading.Lock()


def by_password(
    store: Store, email: str, password: str, *, place: str, browser: str | None = None, throttle: Throttle = THROTTLE
) -> Entry | PendingSignIn:
    """Sign in by password. Raises WrongPassword or TooManyTries. `place` is the client's IP address, `browser` the
    cookie of a known browser."""
    key = identity.email_key(email.strip()) or ""
    keys = _keys(store, key, place, browser)
    throttle.reserve(keys, OWN_BROWSER)  # before hashing, so that parallel guesses all count
    with store.reading(SYSTEM) as tx:
        found = tx.rows("SELECT id, password_hash FROM base.users WHERE email_key = $key AND active", key=key)
    # Outside a transaction: the hash takes 20 ms on purpose.
    if not passwords.matches(found[0]["password_hash"] if found else None, password):
        raise WrongPassword
    throttle.passed(keys)
    return _after_first_factor(store, found[0]["id"], "password", browser)


def by_identity(
    store: Store,
    issuer: str,
    subject: str,
    email: str | None,
    email_verified: bool,
    *,
    browser: str | None = None,
    confirmed: bool = False,
    with_second_factor: bool = False,
) -> Entry | PendingSignIn:
    """Sign in a user whom an OpenID provider has authenticated; `confirmed` where it has just asked them again.

    Users are matched by issuer and subject; the first time by an address that the provider has verified. Raises
    WrongPassword where nobody matches: administrators create accounts, signing in never does. The provider's second
    factor is trusted, unless `with_second_factor` requires ours.
    """
    name = f"{issuer} {subject}"
    with store.writing(SYSTEM) as tx:
        user_id = tx.value("SELECT id FROM base.users WHERE identity = $name AND active", name=name)
        # An address that was not verified proves nothing, and once bound, a user's address may be another's there.
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
        if not with_second_factor:
            return _begin_session(tx, user_id, "OpenID Connect", browser, confirmed=confirmed)
    return _after_first_factor(store, user_id, "OpenID Connect", browser, confirmed=confirmed)


def with_code(store: Store, ticket: str, code: str, *, throttle: Throttle = THROTTLE) -> Entry:
    """Complete a sign-in by a code of the authenticator or a recovery code. Raises StartAgain for an expired ticket."""
    pending = _find_pending(store, ticket)
    if pending.enrol:
        raise StartAgain
    keys = [_code_key(store, pending)]
    throttle.reserve(keys, OWN_BROWSER)
    second_factor.check(store, pending.user_id, code)
    throttle.passed(keys)
    # Only now: a mistyped code must not begin the sign-in anew.
    _drop(ticket)
    return _complete(store, pending)


def enrolment(store: Store, ticket: str) -> Enrolment:
    """The enrolment of a user who has to set up a second factor during the sign-in.

    Each ticket has a seed of its own: somebody else who knows the password and opened this page earlier has not seen
    it. Raises StartAgain where another ticket has received a seed since.
    """
    pending, actor = _enrolling(store, ticket)
    with store.writing(actor) as tx:
        if pending.seed is None:
            second_factor.begin(tx)
        found = second_factor.waiting(tx)
    if found is None or pending.seed not in (None, _hashed(found.key)):
        raise StartAgain
    with _pending_guard:
        if _hashed(ticket) in _pending:
            _pending[_hashed(ticket)] = replace(pending, seed=_hashed(found.key))
    return found


def with_first_code(store: Store, ticket: str, code: str) -> Entry:
    """Set up the second factor with its first code, and complete the sign-in."""
    pending, actor = _enrolling(store, ticket)
    codes = second_factor.set_up(store, actor, code)
    _drop(ticket)
    entry = _complete(store, pending)
    return Entry(entry.session_id, entry.browser, tuple(codes))


def change_password(
    store: Store,
    actor: Actor,
    *,
    old: str,
    new: str,
    session_hash: str | None,
    end_tokens: bool = True,
    throttle: Throttle = THROTTLE,
) -> User:
    """Change the actor's own password. It ends their other sessions and, with `end_tokens`, revokes their API tokens.
    Raises Invalid where `old` is wrong."""
    with store.reading(SYSTEM) as tx:
        row = tx.row("SELECT email, password_hash FROM base.users WHERE id = $id", id=actor.id)
        team_name = tx.value("SELECT name FROM base.workspace")
    keys = [_session_key(session_hash)]
    throttle.reserve(keys)
    if not passwords.matches(row["password_hash"], old):
        raise Invalid(tr("That is not your password."), "old")
    throttle.passed(keys)
    password_hash = passwords.hashed(new, email=row["email"], name=actor.name, workspace=team_name)
    # The old password, just checked, is the confirmation.
    with store.writing(replace(actor, confirmed_until=FOREVER)) as tx:
        user = users.set_password(tx, actor.id, password_hash, but=session_hash, end_tokens=end_tokens)
        second_factor.notify(tx, actor.id, later("Your password was changed"))
        return user


def confirm(
    store: Store,
    actor: Actor,
    session_hash: str,
    *,
    password: str = "",
    code: str = "",
    throttle: Throttle = THROTTLE,
) -> datetime:
    """Confirm the actor's identity within a session: by their password, or by a code where they have none. Returns when
    it was confirmed; raises Invalid or WrongCode."""
    with store.reading(SYSTEM) as tx:
        password_hash = tx.value("SELECT password_hash FROM base.users WHERE id = $id AND active", id=actor.id)
    keys = [_session_key(session_hash)]
    throttle.reserve(keys)
    if password_hash is None:
        second_factor.check(store, actor.id, code)
    elif not passwords.matches(password_hash, password):
        raise Invalid(tr("That is not your password."), "password")
    throttle.passed(keys)
    with store.writing(actor) as tx:
        sessions.confirm(tx, session_hash)
        return tx.now


def proof_of(tx: Reading) -> Proof:
    """The means by which the actor confirms their identity."""
    if tx.value("SELECT password_hash IS NOT NULL FROM base.users WHERE id = $me", me=tx.actor.id):
        return Proof.PASSWORD
    return Proof.ORGANISATION if second_factor.of_user(tx, tx.actor.id) is None else Proof.CODE


def as_first_administrator(
    store: Store, *, name: str, email: str, password: str, currency: str, time_zone: str, region: str, locale: str
) -> Entry:
    """Create the first administrator, set the workspace's regional settings and sign them in. Raises Invalid where
    there is already a user, or for a wrong value: nothing is changed then."""
    password_hash = passwords.hashed(password, email=email, name=name)
    with store.writing(SYSTEM) as tx:
        # Under the writer lock: of two set-ups at once one is refused.
        if users.exist(tx):
            raise Invalid(tr("There is already a user here. Sign in instead."))
        workspace.change(tx, currency=currency, time_zone=time_zone, region=region, locale=locale)
        user = users.add(tx, email=email, name=name, role=Role.ADMINISTRATOR, password_hash=password_hash)
        return _begin_session(tx, user.id, "set-up link", None)


def note_language(store: Store, entry: Entry, wished: str) -> None:
    """Whoever has never chosen a language reads the one that their browser asked for when they signed in."""
    user_id = presence.user_of(store, sessions.hashed(entry.session_id))
    if user_id is None:
        return
    with store.reading(SYSTEM) as tx:
        chosen = tx.value("SELECT language FROM base.users WHERE id = $id", id=user_id)
    if chosen is None:
        with store.writing(users.actor(store, user_id)) as writing:
            users.choose_language(writing, wished)


def _keys(store: Store, email_key: str, place: str, browser: str | None) -> list[Key]:
    """The throttle keys of a guess. In a known browser of the account's owner it counts there alone, so that guesses
    made elsewhere never lock the owner out."""
    if email_key and email_key in known_browsers.emails_of(store, browser):
        return [(BROWSER, f"{known_browsers.hashed(browser or '')} {email_key}")]
    # Keys are kept in memory, and strangers type them: no longer than an address can be.
    account, here = email_key[:320], place_of(place)
    return [
        (ACCOUNT_HERE, f"{account} at {here}"),
        (ACCOUNT, account),
        (PLACE, here),
    ]


def _code_key(store: Store, pending: _Pending) -> Key:
    with store.reading(SYSTEM) as tx:
        email_key = tx.value("SELECT email_key FROM base.users WHERE id = $id", id=pending.user_id)
    if email_key in known_browsers.emails_of(store, pending.browser):
        return (BROWSER, f"codes in {known_browsers.hashed(pending.browser or '')} {email_key}")
    return (CODES, f"codes of {pending.user_id}")


def _session_key(session_hash: str | None) -> Key:
    """The throttle key of a signed-in user's tries: they count against this session only."""
    return (BROWSER, f"session {session_hash}")


def _after_first_factor(
    store: Store, user_id: int, by: str, browser: str | None, *, confirmed: bool = True
) -> Entry | PendingSignIn:
    with store.writing(SYSTEM) as tx:
        enrol = users.misses_second_factor(tx, user_id)
        if not enrol and second_factor.of_user(tx, user_id) is None:
            return _begin_session(tx, user_id, by, browser, confirmed=confirmed)
        password_hash = tx.value("SELECT password_hash FROM base.users WHERE id = $id", id=user_id)
    # Tickets live in memory and are limited in number: half a sign-in needs no row, and a flood of them no space.
    ticket = secrets.token_urlsafe(32)
    with _pending_guard:
        _pending[_hashed(ticket)] = _Pending(
            user_id, by, browser, enrol, confirmed, clock.now() + TIME_FOR_CODE, password_hash
        )
        if len(_pending) > MOST_PENDING:
            _pending.popitem(last=False)
    return PendingSignIn(ticket, enrol)


def _find_pending(store: Store, ticket: str) -> _Pending:
    with _pending_guard:
        found = _pending.get(_hashed(ticket))
    if found is None or found.until <= clock.now():
        raise StartAgain
    with store.reading(SYSTEM) as tx:
        _refuse_outdated(tx, found)
    return found


def _refuse_outdated(tx: Reading, pending: _Pending) -> None:
    """Raise StartAgain where the password was changed or the account disabled since the first step."""
    rows = tx.rows("SELECT password_hash FROM base.users WHERE id = $id AND active", id=pending.user_id)
    if [row["password_hash"] for row in rows] != [pending.password_hash]:
        raise StartAgain


def _drop(ticket: str) -> None:
    """Use up a ticket. Raises StartAgain where it was used already."""
    with _pending_guard:
        if _pending.pop(_hashed(ticket), None) is None:
            raise StartAgain


def _enrolling(store: Store, ticket: str) -> tuple[_Pending, Actor]:
    pending = _find_pending(store, ticket)
    if not pending.enrol:
        raise StartAgain
    # The password was checked in the first step.
    return pending, users.actor(store, pending.user_id, confirmed_until=FOREVER)


def _complete(store: Store, pending: _Pending) -> Entry:
    with store.writing(SYSTEM) as tx:
        _refuse_outdated(tx, pending)  # again: the password may have changed while the code was compared
        return _begin_session(tx, pending.user_id, f"{pending.by} and code", pending.browser)


def _begin_session(tx: Writing, user_id: int, by: str, browser: str | None, *, confirmed: bool = True) -> Entry:
    session_id = sessions.begin(tx, user_id, confirmed=confirmed)
    known = known_browsers.remember(tx, user_id, browser)
    tx.record("user.signed_in", "user", user_id, by=by)
    return Entry(session_id, known)


def _hashed(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()
