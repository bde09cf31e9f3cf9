"""Patterns that texts and links must match as a whole.

Forms, API and imports use one engine: Rust's regular expressions through Polars. It runs in linear time, without
look-around or backreferences, so that no pattern can make it hang, and refuses an automaton of more than 10 MiB.
"""

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

LONGEST = 300


def checked(pattern: str | None) -> str | None:
    """The pattern in its stored form, None for none. Raises Invalid for an invalid one."""
    found = identity.text(pattern, later("pattern"), limit=LONGEST)
    if found is not None:
        # Alone and wrapped: “a)|(b” is no pattern, but wrapped it would be one, of another meaning.
        for expression in (found, _whole(found)):
            _compile(expression)
    return found


def fits(pattern: str, text: str) -> bool:
    return bool(matches(pattern, pl.Series([text], dtype=pl.String))[0])


def matches(pattern: str, texts: pl.Series) -> pl.Series:
    """Whether each text matches as a whole; null for null."""
    return texts.str.contains(_whole(pattern))


def misfit(text: str, name: str, pattern: str, hint: str | None) -> str:
    """The error message for a text that does not match the pattern of the field with this name."""
    requirement = hint or tr("it must match {pattern}", pattern=pattern)
    return tr(
        "“{value}” does not fit “{name}”: {requirement}.",
        value=text[:80],
        name=name,
        requirement=requirement.rstrip("."),
    )


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def _compile(expression: str) -> None:
    try:
        pl.Series([""]).str.contains(expression)
    except pl.exceptions.ComputeError as error:
        raise Invalid(tr("This pattern cannot be used: {reason}.", reason=_reason(str(error))), "pattern") from None


def _reason(message: str) -> str:
    """The engine's error message, without its drawing of the position."""
    lines = [line.strip() for line in message.splitlines()]
    reason = next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])
    return reason.removeprefix("regex error: ").rstrip(".")
