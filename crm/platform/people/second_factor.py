"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost.

A code is valid in its half minute and the ones before and after it, and only once: the last step used is stored. Seeds
are sealed with the key beside the store. A recovery code is hashed like a password and deleted when used.
"""

import hmac
import io
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

import pyotp
import segno
from pydantic import BaseModel

from crm.foundation import sealing
from crm.foundation.access import SYSTEM, Actor, Permission, Role
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import later, speaking, tr
from crm.platform import mail, notices
from crm.platform.people import passwords, sessions, users
from crm.platform.people.throttle import BROWSER, THROTTLE
from crm.store import Reading, Store, Writing

SECONDS = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class WrongCode(CrmError):
    """The code is wrong, too old, or used already: the message never says which."""

    def __init__(self) -> None:
        super().__init__(tr("That code is not right, or was used already. Take the one that is shown now."))


class SecondFactor(BaseModel, frozen=True):
    set_up_at: datetime
    codes_left: int


class Enrolment(BaseModel, frozen=True):
    """What an authenticator app needs: `uri` as a QR code, or `key` typed in."""

    key: str
    uri: str

    @property
    def picture(self) -> str:
        """The QR code as SVG: dark on white whatever the page's colours, since not every camera reads the reverse."""
        out = io.BytesIO()
        segno.make(self.uri, error="m").save(
            out, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, nl=False, omitsize=True
        )
        return out.getvalue().decode()


def of_user(tx: Reading, user_id: int) -> SecondFactor | None:
    """A user's second factor, for themselves and for those who manage settings; None where none is set up."""
    if user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    found = tx.rows(
        """
        SELECT
            factor.set_up_at,
            (SELECT count(*) FROM base.recovery_codes WHERE user_id = $user_id) AS codes_left
        FROM base.second_factors AS factor
        WHERE factor.user_id = $user_id AND factor.set_up_at IS NOT NULL
        """,
        user_id=user_id,
    )
    return SecondFactor(**found[0]) if found else None


def owners(tx: Reading) -> frozenset[int]:
    """The ids of the users who have a second factor."""
    tx.require(Permission.MANAGE_SETTINGS)
    return frozenset(
        row["user_id"] for row in tx.rows("SELECT user_id FROM base.second_factors WHERE set_up_at <= now()")
    )


def roles(tx: Reading) -> frozenset[Role]:
    """The roles that require a second factor."""
    found: str = tx.value("SELECT coalesce(second_factor_roles, '') FROM base.workspace")
    return frozenset(Role(role) for role in found.split())


def require_of(tx: Writing, required: Collection[Role]) -> None:
    """Require a second factor of exactly these roles. Users without one are signed out and set it up at their next
    sign-in. Raises Invalid where the actor's own role needs one and they have none yet."""
    tx.require(Permission.MANAGE_SETTINGS)
    tx.require_confirmed()
    before = sorted(roles(tx))
    after = sorted(set(required))
    if tx.actor.role in required and tx.actor.id and of_user(tx, tx.actor.id) is None:
        raise Invalid(tr("Set up your own second factor first, under Account: your role would need it."), "roles")
    tx.run("UPDATE base.workspace SET second_factor_roles = $roles", roles=" ".join(after))
    for row in tx.rows(
        "SELECT id FROM base.users WHERE list_contains($roles, role) AND id <> $me", roles=after, me=tx.actor.id
    ):
        if users.misses_second_factor(tx, row["id"]):
            sessions.end_all(tx, row["id"])
    tx.record("workspace.changed", "workspace", 1, changes={"second_factor_roles": [before, after]})


def begin(tx: Writing, code: str | None = None) -> None:
    """Make a new seed for the actor's authenticator. It replaces the current one only once `set_up` has seen a code of
    it; an actor who has a second factor gives a `code` of that first."""
    tx.require_confirmed()
    if of_user(tx, tx.actor.id) is not None:
        _use_own(tx, code or "")
    tx.run(
        """
        INSERT INTO base.second_factors (user_id, last_step, waiting_seed) VALUES ($me, 0, $seed)
        ON CONFLICT DO UPDATE SET waiting_seed = excluded.waiting_seed
        """,
        me=tx.actor.id,
        seed=sealing.seal(tx.folder, pyotp.random_base32().encode(), of=_purpose(tx.actor.id)),
    )


def waiting(tx: Reading) -> Enrolment | None:
    """The enrolment that `begin` started and `set_up` has not confirmed, None where there is none."""
    sealed = tx.value("SELECT waiting_seed FROM base.second_factors WHERE user_id = $me", me=tx.actor.id)
    if sealed is None:
        return None
    key = sealing.unseal(tx.folder, sealed, of=_purpose(tx.actor.id)).decode()
    email, workspace = tx.row(
        "SELECT person.email, place.name FROM base.users AS person, base.workspace AS place WHERE person.id = $me",
        me=tx.actor.id,
    ).values()
    return Enrolment(key=key, uri=pyotp.TOTP(key).provisioning_uri(name=email, issuer_name=workspace))


def cancel_enrolment(tx: Writing) -> None:
    """Drop an enrolment that was begun and not confirmed."""
    tx.run("UPDATE base.second_factors SET waiting_seed = NULL WHERE user_id = $me", me=tx.actor.id)


def set_up(store: Store, actor: Actor, code: str) -> list[str]:
    """Confirm the enrolment with a first code: from now on the sign-in requires it. Returns the recovery codes, to be
    shown once. Raises WrongCode where the code is not the new seed's."""
    codes, hashes = _made_codes()
    with store.writing(actor) as tx:
        tx.require_confirmed()
        enrolment = waiting(tx)
        if enrolment is None:
            raise Invalid(tr("Begin anew: nothing waits for a code."), "code")
        step = _step_of(enrolment.key, _normalized(code), tx.now)
        if step is None:
            raise WrongCode
        tx.run(
            """
            UPDATE base.second_factors
            SET seed = waiting_seed, waiting_seed = NULL, set_up_at = $now, last_step = $step
            WHERE user_id = $me
            """,
            now=tx.now,
            step=step,
            me=tx.actor.id,
        )
        _replace_codes(tx, hashes)
        tx.record("user.second_factor_set_up", "user", tx.actor.id)
        notify(tx, tx.actor.id, later("Your sign-in now asks for a second factor"))
    return codes


def renew_codes(store: Store, actor: Actor, code: str) -> list[str]:
    """Replace all of the actor's recovery codes; the new ones."""
    codes, hashes = _made_codes()
    with store.writing(actor) as tx:
        tx.require_confirmed()
        _use_own(tx, code)
        _replace_codes(tx, hashes)
        tx.record("user.recovery_codes_made", "user", tx.actor.id)
        notify(tx, tx.actor.id, later("Your recovery codes were made anew"))
    return codes


def turn_off(tx: Writing, code: str) -> None:
    """Remove the actor's second factor. It takes a code. Raises Invalid where their role requires one."""
    tx.require_confirmed()
    if tx.actor.role in roles(tx):
        raise Invalid(
            tr(
                "Your role, {role}, has to have a second factor. You can change it for another.", role=tr(tx.actor.role)
            ),
            "code",
        )
    _use_own(tx, code)
    _remove(tx, tx.actor.id)
    tx.record("user.second_factor_turned_off", "user", tx.actor.id)
    notify(tx, tx.actor.id, later("Your sign-in no longer asks for a second factor"))


def reset(tx: Writing, user_id: int) -> None:
    """Remove the second factor of a user who lost theirs. Their sessions end, and where their role requires one they
    set up a new one at the next sign-in. For those who manage settings; Invalid for the actor's own."""
    tx.require(Permission.MANAGE_SETTINGS)
    tx.require_confirmed()
    if user_id == tx.actor.id:
        raise Invalid(tr("Turn off your own under Account, with a code of it."), "user")
    user = users.get(tx, user_id)
    if of_user(tx, user.id) is None:
        raise Invalid(tr("{name} has no second factor.", name=user.name), "user")
    _remove(tx, user.id)
    sessions.end_all(tx, user.id)
    tx.record("user.second_factor_reset", "user", user.id)
    notify(tx, user.id, later("{name} took away the second factor of your sign-in"), name=tx.actor.name)


def notify(tx: Writing, user_id: int, what: str, **values: object) -> None:
    """Notify a user, in the app and by mail and in their language, that a way into their account has changed. `what`
    and `values` are what `tr` takes."""
    with speaking(users.language_of(tx, user_id)):
        said = tr(what, **values)
        body = tr(
            "{what}.\n\nIf that was not you, tell an administrator at once.\n\n{link}\n",
            what=said,
            link=mail.address_of("/account"),
        )
    notices.leave(tx, user_id, f"{said}.", "/account")
    mail.post(tx, user_id, said, body)


def check(store: Store, user_id: int, code: str) -> None:
    """Use up one of the user's codes, of the authenticator or for recovery. Raises WrongCode. The caller counts the try
    beforehand."""
    plain = _normalized(code)
    # Six digits are a code of the authenticator; a recovery code has twelve characters.
    if len(plain) == 6 and plain.isascii() and plain.isdigit():
        with store.writing(SYSTEM) as tx:
            _use(tx, user_id, plain)
        return
    with store.reading(SYSTEM) as tx:
        hashes = tx.rows("SELECT code_hash FROM base.recovery_codes WHERE user_id = $user_id", user_id=user_id)
    # Compared outside a transaction: each hash takes 20 ms on purpose.
    matching = next((row["code_hash"] for row in hashes if passwords.matches(row["code_hash"], plain)), None)
    if matching is None:
        raise WrongCode
    with store.writing(SYSTEM) as tx:
        # Of two requests with one code a single one deletes its row.
        if not tx.run("DELETE FROM base.recovery_codes WHERE code_hash = $code_hash", code_hash=matching):
            raise WrongCode
        left = tx.value("SELECT count(*) FROM base.recovery_codes WHERE user_id = $user_id", user_id=user_id)
        tx.record("user.recovery_code_used", "user", user_id, left=left)
        notify(tx, user_id, later("A recovery code was used to sign in as you; {left} are left"), left=left)


def _use_own(tx: Writing, code: str) -> None:
    """Use up a code of the actor's, throttled as at the sign-in: somebody else may sit at their open page."""
    keys = [(BROWSER, f"own code {tx.folder} {tx.actor.id}")]
    THROTTLE.reserve(keys)
    _use(tx, tx.actor.id, code)
    THROTTLE.passed(keys)


def _use(tx: Writing, user_id: int, code: str) -> None:
    """Use up a code of the authenticator. Reading the last step and writing the new one are one transaction: of two
    requests with the same code, one is refused."""
    found = tx.rows(
        "SELECT seed, last_step FROM base.second_factors WHERE user_id = $user_id AND set_up_at IS NOT NULL",
        user_id=user_id,
    )
    if not found:
        raise WrongCode
    seed = sealing.unseal(tx.folder, found[0]["seed"], of=_purpose(user_id)).decode()
    step = _step_of(seed, _normalized(code), tx.now)
    if step is None or step <= found[0]["last_step"]:
        raise WrongCode
    tx.run("UPDATE base.second_factors SET last_step = $step WHERE user_id = $user_id", step=step, user_id=user_id)


def _step_of(seed: str, code: str, now: datetime) -> int | None:
    """The step (half minute since 1970) of the code: the current one or a neighbour; None where it is of none of
    them."""
    current_step, totp = int(now.timestamp()) // SECONDS, pyotp.TOTP(seed, interval=SECONDS)
    matching = [
        step
        for step in (current_step - 1, current_step, current_step + 1)
        if hmac.compare_digest(totp.generate_otp(step), _ascii(code))
    ]
    return max(matching, default=None)


def _made_codes() -> tuple[list[str], list[str]]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes], [
        passwords.hash_of_random(code) for code in codes
    ]


def _replace_codes(tx: Writing, hashes: Iterable[str]) -> None:
    tx.run("DELETE FROM base.recovery_codes WHERE user_id = $me", me=tx.actor.id)
    for code_hash in hashes:
        tx.run("INSERT INTO base.recovery_codes VALUES ($code_hash, $me)", code_hash=code_hash, me=tx.actor.id)


def _remove(tx: Writing, user_id: int) -> None:
    tx.run("DELETE FROM base.second_factors WHERE user_id = $user_id", user_id=user_id)
    tx.run("DELETE FROM base.recovery_codes WHERE user_id = $user_id", user_id=user_id)


def _purpose(user_id: int) -> str:
    return f"second factor of user {user_id}"


def _normalized(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()[:100]


def _ascii(code: str) -> str:
    return code.encode("ascii", "replace").decode()
