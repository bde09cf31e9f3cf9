"""Passwords: what may be one, how it is kept (argon2id), and how a guess is slowed down."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crm import identity
from crm.errors import Invalid

SHORTEST = 15
LONGEST = 200
"""Longer ones would let anybody make the server hash megabytes."""

_HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each verify takes 19 MiB and a core: two at a time, whoever asks."""

_NOBODYS = _HASHER.hash(secrets.token_urlsafe(32))
"""Verified where there is no such user, so that an unknown address takes as long as a wrong password."""

COMMON = ("password", "passphrase", "qwerty", "letmein", "welcome", "senha", "mallard", "iloveyou", "12345", "abcdef")
FEWEST_LETTERS = 6
"""Different characters that a password needs at least."""


def generated() -> str:
    """A password nobody chose: five groups of four, 99 bits, without letters that look alike."""
    letters = [secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(20)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 20, 4))


def hashed(password: str, *, email: str = "", name: str = "") -> str:
    """What to keep of a new password. Invalid where it is too short, too common, or made of the person's own name."""
    _refuse_weak(password, email, name)
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none to compare with."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _NOBODYS, password[:LONGEST])
        except (VerifyMismatchError, InvalidHashError):
            return False
    return password_hash is not None


def _refuse_weak(password: str, email: str, name: str) -> None:
    if len(password) < SHORTEST:
        raise Invalid(f"A password needs at least {SHORTEST} characters. A few words in a row do well.", "password")
    if len(password) > LONGEST:
        raise Invalid(f"A password may have at most {LONGEST} characters.", "password")
    if "\0" in password:
        raise Invalid("A password cannot hold a NUL character.", "password")
    rest = identity.folded(password)
    known = [*COMMON, *identity.folded(name).split(), identity.folded(email).split("@")[0]]
    for word in sorted((word for word in known if len(word) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2 or len(set(rest)) < FEWEST_LETTERS:
        raise Invalid("This password is too easy to guess. Use a few words that do not belong together.", "password")
