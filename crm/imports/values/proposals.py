"""What a text of a file comes nearest to among the values of a field: proposed to the person, never decided."""

import difflib
import re

from crm.imports.planning.cleaning import word
from crm.imports.values.value_fields import ValueField

CLOSE = 0.85
"""How alike two spellings are at least (difflib's ratio): Negociacion and Negociation, but not Paid and Unpaid."""

QUALIFIED = re.compile(r"\b(?:not|non|no|un|never|nao|sem|partial|partially|partly|parcial|parcialmente)\b")
"""“Partially refunded” and “not delivered” are not what their last word says."""


def proposed(of: ValueField, text: str) -> str | None:
    """The value, as a file would say it, that the text comes near to; None where none does, or several do."""
    said = _plain(text)
    if not said:
        return None
    phrases = {_plain(phrase): value for value, near in of.near.items() for phrase in near}
    phrases |= {_plain(name): value for value, name in of.values.items()}
    return phrases.get(said) or _held(said, phrases) or _alike(said, phrases)


def _held(said: str, phrases: dict[str, str]) -> str | None:
    """The value of the longest phrase that the text holds as whole words; None where two values are as long."""
    held = {phrase: value for phrase, value in phrases.items() if phrase and _whole(phrase) in _whole(said)}
    longest = max((len(phrase) for phrase in held), default=0)
    meant = {value for phrase, value in held.items() if len(phrase) == longest}
    phrase = next((phrase for phrase in held if len(phrase) == longest), "")
    rest = _whole(said).replace(_whole(phrase), " ")
    return meant.pop() if len(meant) == 1 and not QUALIFIED.search(rest) else None


def _alike(said: str, phrases: dict[str, str]) -> str | None:
    close = difflib.get_close_matches(said, list(phrases), n=3, cutoff=CLOSE)
    meant = {phrases[phrase] for phrase in close}
    return meant.pop() if len(meant) == 1 and len(said) > 4 else None


def _whole(text: str) -> str:
    return f" {text} "


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", word(text)).split())
