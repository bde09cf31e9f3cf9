"""The catalogues: one gettext file of texts for each language beside English, read when it is first asked for.

Babel is imported where it is used: it takes as long as Python itself, and each file is read by a new process."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).parent
ENGLISH = "en"
LANGUAGES: tuple[str, ...] = (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.po")))
"""The codes of the languages: English, and each that has a catalogue."""


@cache
def own_name(language: str) -> str:
    """What the language calls itself: Português (Brasil)."""
    from babel import Locale

    return capitalized(Locale.parse(language).get_display_name(language) or language)


def capitalized(text: str) -> str:
    """The text as it begins a sentence or stands alone: its first letter is a capital, the rest stays as it is."""
    return text[:1].upper() + text[1:]


def preferred(accepted: str | None) -> str | None:
    """The language that suits an Accept-Language header, or a LANG, best; None where none does."""
    for tag in sorted((accepted or "").split(","), key=_weight, reverse=True):
        wanted = tag.partition(";")[0].partition(".")[0].strip().replace("-", "_").casefold()
        same = [code for code in LANGUAGES if wanted == code.casefold()]
        near = [code for code in LANGUAGES if wanted.partition("_")[0] == code.partition("_")[0]]
        if same or near:
            return (same or near)[0]
    return None


@cache
def texts(language: str) -> NullTranslations:
    """What answers with the text of a language, with the English one where the catalogue lacks it."""
    if language == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def of_scripts(language: str) -> dict[str, str]:
    """The texts that the browser's scripts show, by the English ones."""
    return {} if language == ENGLISH else _of_scripts(language)


def read(language: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    return FOLDER / f"{language}.po"


@cache
def _of_scripts(language: str) -> dict[str, str]:
    return {
        message.id: message.string
        for message in read(language)
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string
        if any(file.endswith(".js") for file, _ in message.locations)
    }


def _weight(tag: str) -> float:
    _, _, weight = tag.partition(";q=")
    try:
        return float(weight or 1)
    except ValueError:
        return 0.0
