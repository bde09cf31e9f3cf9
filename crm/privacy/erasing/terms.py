"""The words by which a person is found in texts, as patterns for SQL and for files."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import phonenumbers

from crm.foundation import identity

# Shorter ones stand in texts by chance: in dates, prices and other words.
LEAST_DIGITS = 7
LEAST_LETTERS = 5
LEAST_PART = 4
BETWEEN_DIGITS = r"[\s().\-/]*"


@dataclass(frozen=True)
class Terms:
    """Search terms of a person: `words` are names, emails and identifiers as written, `phones` are in E.164."""

    words: tuple[str, ...]
    phones: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.phones)

    @cached_property
    def sql(self) -> str:
        """For RE2, which knows no look-around: its groups 1 and 2 are what stands before and after. In a JSON text the
        letter of an escape such as a line break stands before a word and is no part of it."""
        return rf"(^|[^\pL\pN]|\\[nrtbf]|\\u[0-9a-fA-F]{{4}})(?:{self._any})($|[^\pL\pN])"

    @property
    def parts(self) -> dict[str, str]:
        """The parameters of `likely`."""
        needles = {f"needle_{index}": needle for index, needle in enumerate(self._needles)}
        digits = {f"digits_{index}": digits for index, digits in enumerate(self._digits)}
        return needles | digits

    @property
    def params(self) -> dict[str, str]:
        """The parameters of `holding`."""
        return {"words": self.sql, **self.parts} if self else {}

    def likely(self, value: str) -> str:
        """SQL of a cheap condition that every text with one of the terms meets, and few others."""
        parts = [f"contains(lower({value}), $needle_{index})" for index in range(len(self._needles))]
        parts += [f"contains({_bare_digits(value)}, $digits_{index})" for index in range(len(self._digits))]
        return f"({' OR '.join(parts)})" if parts else "false"

    def holding(self, value: str) -> str:
        """SQL of the exact condition that a text contains one of the terms."""
        return f"({self.likely(value)} AND regexp_matches({value}, $words, 'i'))" if self else "false"

    @cached_property
    def _needles(self) -> list[str]:
        texts = [
            text for word in self.words for text in (word.lower(), identity.folded(word), identity.searchable(word))
        ]
        return sorted({_rarest(text) for text in texts})

    @cached_property
    def _digits(self) -> list[str]:
        return sorted({_own_digits(phone) for phone in self.phones})

    @cached_property
    def python(self) -> re.Pattern[str]:
        return re.compile(rf"(?:(?<!\w)|(?<=\\[nrtbf]))(?:{self._any})(?!\w)", re.IGNORECASE)

    @cached_property
    def _any(self) -> str:
        found = [_spelled(form) for word in self.words for form in _forms(word)]
        return "|".join([*dict.fromkeys(found), *map(_dialled, self.phones)])


def is_distinctive(name: str) -> bool:
    """Whether a name or an identifier can be blotted out of texts: it has two words, or a digit in it."""
    # One plain word would take others with it: “Office” is in many notes, “commerce” in texts of the product itself.
    return len(name) >= LEAST_LETTERS and (len(name.split()) > 1 or any(letter.isdigit() for letter in name))


def is_distinctive_key(identifier: str) -> bool:
    """Whether an identifier is distinguishable from a word, and from any other number."""
    return is_distinctive(identifier) and (not identifier.isdigit() or len(identifier) >= LEAST_DIGITS)


def is_part(part: str) -> bool:
    """Whether a part of a name is long enough to be looked for in the name of a file."""
    return len(part) >= LEAST_PART


def of(words: Iterable[str], phones: Iterable[str]) -> Terms:
    """The search terms of these words and phones."""
    # The longest first: an alternative that is part of a longer one would match in its place and leave the rest.
    return Terms(tuple(sorted(set(words), key=len, reverse=True)), tuple(sorted(set(phones))))


def _forms(word: str) -> list[str]:
    """The spellings of a word: as written, folded, and as searches compare them; and all as escaped in JSON."""
    texts = (word, identity.folded(word), identity.searchable(word))
    return [form for text in texts for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])]


def _rarest(text: str) -> str:
    """The whole text, or its longest part where blanks or escapes may separate its parts."""
    return max(re.findall(r"\w+", text) or [text], key=len) if re.search(r'[\s"\\]', text) else text


def _bare_digits(value: str) -> str:
    """SQL of the text without the characters that people write between digits."""
    return f"translate({value}, ' ().-/' || chr(9) || chr(10) || chr(12) || chr(13), '')"


def _spelled(word: str) -> str:
    return r"\s+".join(re.escape(part) for part in word.split())


def _dialled(phone: str) -> str:
    """A pattern of the phone number in any notation: with or without country code, with separators between digits."""
    country, own = str(phonenumbers.parse(phone).country_code), _own_digits(phone)
    return rf"(?:\+?{BETWEEN_DIGITS.join(country)}{BETWEEN_DIGITS})?\(?0?{BETWEEN_DIGITS.join(own)}"


def _own_digits(phone: str) -> str:
    """The national number, without the country code."""
    return str(phonenumbers.parse(phone).national_number)
