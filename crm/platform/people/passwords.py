"""Password rules, and their hashes (argon2id)."""

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

SHORTEST = 15
LONGEST = 200
"""Characters. Without a limit anybody could make the server hash megabytes."""

_HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each verification takes 19 MiB and a core: two at a time."""

_DUMMY_HASH = _HASHER.hash(secrets.token_urlsafe(32))
"""Verified where there is no such user, so that an unknown address takes as long as a wrong password."""

_UNTYPABLE = ("Cc", "Cs")
"""Control characters and surrogates. zxcvbn fails at a line break, the hash at a lone surrogate."""

PRODUCT = ("mallard", "crm")
FEWEST_GUESSES = 10**10
ESTIMATED = 24
"""Characters that the estimate reads. It takes 10–30 ms for what people type, but 9 s for 72 characters made to be slow
(2 s for 24). What is hard to guess in its first 24 characters is hard to guess."""

_WARNINGS = (
    later("Straight rows of keys are easy to guess."),
    later("Short keyboard patterns are easy to guess."),
    later('Repeats like "aaa" are easy to guess.'),
    later('Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
    later('Sequences like "abc" or "6543" are easy to guess.'),
    later("Recent years are easy to guess."),
    later("Dates are often easy to guess."),
    later("This is a top-10 common password."),
    later("This is a top-100 common password."),
    later("This is a very common password."),
    later("This is similar to a commonly used password."),
    later("A word by itself is easy to guess."),
    later("Names and surnames by themselves are easy to guess."),
    later("Common names and surnames are easy to guess."),
)
"""What zxcvbn says of a password."""

_ONE_ESTIMATE = threading.Lock()


def generated() -> str:
    """A random password: five groups of four characters, 99 bits, without letters that look alike."""
    letters = [secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(20)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 20, 4))


def hashed(password: str, *, email: str = "", name: str = "", workspace: str = "") -> str:
    """The hash of a new password. Raises Invalid where it is too short or long, or easy to guess for someone who knows
    common passwords, words, keyboard patterns, dates, the product, the workspace and the person."""
    _refuse_weak(password, [*PRODUCT, *_words(workspace), *_words(name), *_words(email)])
    return hash_of_random(password)


def hash_of_random(secret: str) -> str:
    """The hash of a secret that we generated, without the rules for passwords."""
    with _AT_ONCE:
        return _HASHER.hash(secret)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is no hash, so that timing does not reveal accounts."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _DUMMY_HASH, password[:LONGEST])
        except (VerifyMismatchError, InvalidHashError):
            return False
    return password_hash is not None


def _refuse_weak(password: str, known: Iterable[str]) -> None:
    if len(password) < SHORTEST:
        raise Invalid(
            tr("A password needs at least {limit} characters. A few words in a row do well.", limit=SHORTEST),
            "password",
        )
    if len(password) > LONGEST:
        raise Invalid(tr("A password may have at most {limit} characters.", limit=LONGEST), "password")
    if any(unicodedata.category(character) in _UNTYPABLE for character in password):
        raise Invalid(tr("A password cannot hold a line break or another sign that nobody can type."), "password")
    # Whoever knows the person knows these words: they add nothing to the guesses.
    unknown_part = identity.folded(password)
    # The longest first: a shorter one inside it would leave a rest that counts.
    for word in sorted(known, key=len, reverse=True):
        unknown_part = unknown_part.replace(word, "")
    # As typed where no word was in it: capitals and accents add to the guesses.
    guesses, why = _estimated(unknown_part if len(unknown_part) < len(password) else password)
    if guesses < FEWEST_GUESSES:
        refusal = tr("This password is too easy to guess.")
        advice = tr("Use a few words that do not belong together.")
        raise Invalid(" ".join(filter(None, (refusal, why and tr(why), advice))), "password")


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", identity.folded(text)) if len(word) > 2]


def _estimated(password: str) -> tuple[float, str]:
    """(number of guesses that the password takes, the estimate's warning or an empty text)."""
    from zxcvbn import zxcvbn  # its lists take a third of a second to read

    if not password:
        return 0, ""
    with _ONE_ESTIMATE:
        found = zxcvbn(password[:ESTIMATED])
    return float(found["guesses"]), found["feedback"].get("warning") or ""
