"""The words by which a person is found in the texts of others, as patterns for SQL and for files."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import phonenumbers

from crm import identity

LEAST_DIGITS = 7
LEAST_LETTERS = 5
LEAST_PART = 4
BETWEEN_DIGITS = r"[\s().\-/]*"


@dataclass(frozen=True)
class Terms:
    """`words` are names, addresses and identifiers as they were written, `phones` are in E.164."""

    words: tuple[str, ...]
    phones: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.phones)

    @cached_property
    def sql(self) -> str:
        """For RE2, which knows no look-around: its groups 1 and 2 are what stands before and after. In a JSON text the
        letter of an escape such as a line break stands before a word and is no part of it."""
        return rf"(^|[^\pL\pN]|\\[nrtbf]|\\u[0-9a-fA-F]{{4}})(?:{self._any})($|[^\pL\pN])"

    @cached_property
    def python(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{self._any})(?!\w)", re.IGNORECASE)

    @cached_property
    def _any(self) -> str:
        found = [_spelled(form) for word in self.words for form in _forms(word)]
        return "|".join([*dict.fromkeys(found), *map(_dialled, self.phones)])


def is_telling(name: str) -> bool:
    """Whether a name is nobody else's word: of two words, or with a digit in it. “Office” is in many texts."""
    return len(name) >= LEAST_LETTERS and (len(name.split()) > 1 or any(letter.isdigit() for letter in name))


def is_telling_key(identifier: str) -> bool:
    """Whether an identifier can be told from any other number."""
    return len(identifier) >= (LEAST_DIGITS if identifier.isdigit() else LEAST_LETTERS)


def is_part(part: str) -> bool:
    """Whether a part of a name is long enough to be looked for in the name of a file."""
    return len(part) >= LEAST_PART


def of(words: Iterable[str], phones: Iterable[str]) -> Terms:
    return Terms(tuple(sorted(set(words), key=len, reverse=True)), tuple(sorted(set(phones))))


def _forms(word: str) -> list[str]:
    """As it is written, as searches fold it, and both as JSON escapes them."""
    return [
        form for text in (word, identity.folded(word)) for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])
    ]


def _spelled(word: str) -> str:
    return r"\s+".join(re.escape(part) for part in word.split())


def _dialled(phone: str) -> str:
    """However people write it: with or without the country's code, with anything between the digits."""
    number = phonenumbers.parse(phone)
    country, own = str(number.country_code), str(number.national_number)
    return rf"(?:\+?{BETWEEN_DIGITS.join(country)}{BETWEEN_DIGITS})?\(?0?{BETWEEN_DIGITS.join(own)}"
