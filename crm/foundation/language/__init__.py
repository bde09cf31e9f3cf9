"""The languages that Mallard speaks: texts are written in English in the code and translated where they are shown.

    tr("Add {kind}", kind=of.one)
    plural("{count:,} deal", "{count:,} deals", len(found))
    STAGE = later("Stage")            # declared where nobody reads yet, and shown by tr(STAGE)

Each language beside English is one gettext catalogue in this folder; `python -m crm.foundation.language.keeping` keeps
it in step with the code. Whose language it is stands in the context of the thread: pages, requests, mails and jobs
set it by `use` or `speaking`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache, lru_cache
from string import Formatter

from crm.foundation.language.catalogues import ENGLISH, LANGUAGES, capitalized, own_name, preferred, texts

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "capitalized",
    "current",
    "later",
    "listed",
    "number_of_uses",
    "own_name",
    "plural",
    "preferred",
    "speaking",
    "tr",
    "tr_as",
    "unset_means",
    "use",
]

_language: ContextVar[str | None] = ContextVar("language", default=None)
_uses: ContextVar[int] = ContextVar("uses of the language", default=0)


def _english() -> str:
    return ENGLISH


_if_unset: Callable[[], str] = _english


def unset_means(find: Callable[[], str]) -> None:
    """What tells the language in threads that nobody has told: Streamlit starts one for each rerun of a fragment."""
    global _if_unset
    _if_unset = find


def use(language: str) -> None:
    """From here on this thread, or this task, speaks the language."""
    _language.set(language if language in LANGUAGES else ENGLISH)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Inside, the language is this one; English where it is None."""
    token = _language.set(language if language in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def current() -> str:
    """The code of the language that texts are in now, such as pt_BR."""
    _uses.set(_uses.get() + 1)
    found = _language.get()
    if found is None:
        found = _if_unset()
        _language.set(found)
    return found


def number_of_uses() -> int:
    """How often this thread has asked for the language: what it built in between depends on it if this has grown."""
    return _uses.get()


class Given(str):
    """A text that a person typed, such as the name of a field: it is in no catalogue, and `tr` leaves it as it is, also
    where it is one of the product's own words."""

    def shown(self) -> str:
        """In the current language."""
        return str(self)


class AroundGiven(Given):
    """A text of the catalogue around a name that people gave: `AroundGiven(later("{record} (linked)"), record=name)`.
    As a `str` it is English."""

    _text: str
    _names: dict[str, str]

    def __new__(cls, text: str, **names: str) -> "AroundGiven":
        made = super().__new__(cls, text.format(**names))
        made._text, made._names = text, names
        return made

    def shown(self) -> str:
        return tr(self._text, **self._names)


def tr(text: str, /, **values: object) -> str:
    """The text in the current language. `{name}` in it stands for a value; numbers in a format such as `{name:,}`
    or `{name:.1f}` have the language's signs."""
    if isinstance(text, Given):
        return text.shown()
    # Of no text, gettext would give the catalogue's header.
    return _filled(texts(current()).gettext(text) if text else "", values)


def tr_as(context: str, text: str, /, **values: object) -> str:
    """As `tr`, for a text that means different things: `tr_as("verb", "Open")`."""
    return _filled(texts(current()).pgettext(context, text), values)


def plural(one: str, many: str, count: int, /, **values: object) -> str:
    """The form of a text that goes with a number, which stands in it as `{count}`."""
    return _filled(texts(current()).ngettext(one, many, count), {"count": count, **values})


def later(text: str) -> str:
    """The text itself: it is marked here for the catalogues, and translated by `tr` where it is shown."""
    return text


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return tr("{first} and {last}", first=", ".join(items[:-1]), last=items[-1])


def _filled(text: str, values: dict[str, object]) -> str:
    """The text with its values; the signs in formatted numbers are those of the current language."""
    if not values:
        return text
    filled = []
    for before, name, spec in _parts(text):
        filled.append(before)
        if name is not None:
            value = values[name]
            filled.append(value if type(value) is str and not spec else _formatted(value, spec))
    return "".join(filled)


@lru_cache(maxsize=1 << 13)
def _parts(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """What stands before each value, the value's name and its format; a name of None at the end."""
    return tuple((before, name, spec or "") for before, name, spec, _ in Formatter().parse(text))


def _formatted(value: object, spec: str) -> str:
    filled = format(value, spec)
    has_signs = ("," in filled or "." in filled) and spec.endswith((",", "f", "g"))
    return filled.translate(_signs(current())) if has_signs and isinstance(value, int | float | Decimal) else filled


@cache
def _signs(language: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol  # slow to import: see `catalogues`

    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})
