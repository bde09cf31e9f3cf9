"""Keeps the catalogues in step with the code.

python -m crm.foundation.language.keeping check            # names what is untranslated or unused, and fails
python -m crm.foundation.language.keeping update           # adds new texts, drops those that are gone
python -m crm.foundation.language.keeping missing [FOLDER] # prints what is untranslated, as JSON to fill in
python -m crm.foundation.language.keeping fill FILE        # takes translations from such a file: {English: text}
python -m crm.foundation.language.keeping begin pt_PT      # makes the catalogue of another language
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from crm.foundation.language import catalogues
from crm.foundation.language.catalogues import ENGLISH, LANGUAGES, path_of

ROOT = Path(__file__).parents[3]
KEYWORDS: dict[str, Any] = {"tr": None, "later": None, "tr_as": ((1, "c"), 2), "plural": (1, 2)}
TEMPLATES = Path("data", "templates")
"""TOML files of pipelines, whose names and descriptions are texts."""
WIDTH = 118
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: Mallard\n"
"Language: {language}\n"
"Plural-Forms: {forms}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def template() -> Catalog:
    """Every text of the code, with the files that it stands in."""
    found = Catalog(project="Mallard", header_comment="")
    for file in _files():
        for _, text, _, context in extract_from_file(METHODS[file.suffix], file, KEYWORDS):
            found.add(text, locations=[(str(file.relative_to(ROOT)), 0)], context=context)
    return found


def faults(language: str) -> list[str]:
    """What keeps the catalogue from being whole, a line each."""
    wanted, kept = template(), catalogues.read(language)
    found = []
    for message in _messages(wanted):
        own = kept.get(message.id, message.context)
        if own is None or not _is_translated(own):
            found.append(f"{message.locations[0][0]}: not translated: {_english(message)!r}")
        elif own.fuzzy:
            found.append(f"{message.locations[0][0]}: marked as fuzzy: {_english(message)!r}")
        elif not _same_values(own):
            found.append(f"{message.locations[0][0]}: other values stand in the translation of {_english(message)!r}")
    return found + [
        f"{path_of(language).name}: no longer used: {_english(message)!r}"
        for message in _messages(kept)
        if wanted.get(message.id, message.context) is None
    ]


def update(language: str, translations: dict[str, Any] | None = None) -> None:
    """Write the catalogue anew: the texts of the code, with their translations that it has and those given, by the keys
    of `missing`, or by English text."""
    wanted = template()
    kept = catalogues.read(language) if path_of(language).exists() else Catalog(locale=language)
    new, given = Catalog(locale=language), translations or {}
    for message in _messages(wanted):
        own = kept.get(message.id, message.context)
        text = given.get(_key(message)) or given.get(_english(message)) or (own.string if own else None)
        new.add(message.id, text, locations=message.locations, context=message.context)
    with path_of(language).open("wb") as file:
        file.write(HEADER.format(language=language, forms=kept.plural_forms).encode())
        write_po(file, new, width=WIDTH, include_lineno=False, sort_output=True, omit_header=True)


def missing(language: str, folder: str = "") -> dict[str, Any]:
    """{English text, after its context and a bar where it has one: "", or a list of both forms} of what is untranslated
    in the files below a folder."""
    kept = catalogues.read(language)
    return {
        _key(message): ["", ""] if message.pluralizable else ""
        for message in _messages(template())
        if any(file.startswith(folder) for file, _ in message.locations)
        if (own := kept.get(message.id, message.context)) is None or not _is_translated(own)
    }


def _files() -> Iterator[Path]:
    for folder in ("crm", "pages", "static", TEMPLATES):
        yield from sorted(file for file in (ROOT / folder).rglob("*") if file.suffix in METHODS)


def _of_template(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, None, str, list[str]]]:
    """The texts of a template, as Babel asks for them."""
    template = tomllib.load(file)
    for text in (template[key] for key in ("name", "niche", "description", "won", "lost")):
        yield 1, None, text, []
    for stage in template["stages"]:
        yield 1, None, stage["name"], []


METHODS: dict[str, Any] = {".py": "python", ".js": "javascript", ".toml": _of_template}


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _english(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _key(message: Message) -> str:
    """What a file to fill in calls a text: verb|Open."""
    return f"{message.context}|{_english(message)}" if message.context else _english(message)


def _is_translated(message: Message) -> bool:
    return bool(message.string) and all(message.string or ())


def _same_values(message: Message) -> bool:
    """Whether the translation takes the values that the English text takes, each in a format that it has there. A form
    of one may leave out the number."""
    if isinstance(message.id, str):
        return _values(message.id) == _values(str(message.string))
    wanted = _values(message.id[1])
    number = {each for each in wanted if each[0] == "count"}
    return all(wanted - number <= _values(text) <= wanted for text in message.string or ())


def _values(text: str) -> set[tuple[str, str]]:
    """{(name of a value, its format)}."""
    try:
        return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}
    except ValueError:  # a text that holds no values, and a brace
        return set()


def main(command: str = "check", *given: str) -> int:
    languages = [code for code in LANGUAGES if code != ENGLISH]
    match command:
        case "check":
            found = [fault for language in languages for fault in faults(language)]
            print("\n".join(found), file=sys.stderr)
            return len(found) > 0
        case "update":
            for language in languages:
                update(language)
        case "missing":
            print(json.dumps(missing(languages[0], *given), ensure_ascii=False, indent=1))
        case "fill":
            update(languages[0], json.loads(Path(given[0]).read_text("utf-8")))
        case "begin":
            update(given[0])
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
