"""Which column feeds which field: as the person chose, else by the words of its header."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import polars as pl

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.foundation.language import capitalized, tr
from crm.foundation.tables.read import Sheet
from crm.imports.fields import NOTE_KEY, SERVICE_COLUMNS, gone_keys, known_by, named, plain, spellings, target
from crm.imports.model import ATTRIBUTE, SKIP, Options
from crm.imports.presets import Preset, recognised
from crm.imports.reading import placeholders
from crm.platform.spreadsheets import MARKED, MARKED_START
from crm.records.attributes import Definition, key_of
from crm.records.declaration import RecordType

Words: TypeAlias = dict[str, dict[str, int]]
"""Header → the words for nothing in its column → how many cells hold each."""

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Mapping:
    columns: dict[str, str]
    """Header → target, or "" where the column is left out. Every header of the file is here."""
    constants: dict[str, str]
    notices: list[str]
    preset: Preset | None = None
    """The known export that the file was recognised as."""

    @property
    def targets(self) -> set[str]:
        return ({*self.columns.values()} | self.constants.keys()) - {SKIP}

    def header_of(self, key: str) -> str:
        """The header that feeds a target, for messages; the target's own name where a constant does."""
        return next((header for header, found in self.columns.items() if found == key), key)


def choose(
    of: RecordType[Any],
    header: list[str],
    options: Options,
    definitions: Iterable[Definition],
    modules: Collection[Module] = frozenset(Module),
) -> Mapping:
    """Invalid where a target does not exist, two columns feed one, or nothing is fed."""
    found = choose_or_skip(of, header, options, definitions, modules)
    if not found.targets:
        raise Invalid(tr("None of the file's columns is known. Say which column feeds which field."), "mapping")
    return found


def choose_or_skip(
    of: RecordType[Any],
    header: list[str],
    options: Options,
    definitions: Iterable[Definition],
    modules: Collection[Module] = frozenset(Module),
) -> Mapping:
    """As `choose`, for a person who has yet to say what the columns are: nothing may be fed. A field of a module that
    is off is left out where its words are known, and Invalid where somebody names it."""
    gone = gone_keys(of, modules)
    attributes = {definition.key: definition for definition in definitions}
    known = {ATTRIBUTE + key for key in (*attributes, *map(key_of, options.new_attributes))}
    preset = _preset(of, header)
    chosen = {plain(name): found for name, found in options.mapping.items()}
    chosen |= {name: options.mapping[name] for name in header if name in options.mapping}  # E-mail beside Email
    columns = {
        name: _checked(of, chosen[name if name in chosen else plain(name)], known, gone)
        for name in header
        if name in chosen or plain(name) in chosen
    }
    _refuse_two_for_one(columns)
    for name in sorted(header, key=lambda name: not _is_named(of, preset, name, attributes.values())):
        if name not in columns:
            found = _by_preset(preset, name) or _by_words(of, name, attributes.values())
            # The first of several columns that mean one field feeds it; the others are left out, not refused: nobody
            # mapped them.
            columns[name] = SKIP if found in columns.values() or found in gone else found
    # A known export fills in only what the person did not choose: their own mapping is taken as it is.
    spare = {} if options.mapping else _spare(preset, header, set(columns.values()))
    constants = {_checked(of, key, known, gone): text for key, text in {**spare, **options.constants}.items()}
    missing = [name for name in options.mapping if plain(name) not in {plain(found) for found in header}]
    notices = [
        tr("The mapping names a column “{column}” that this file does not have.", column=name) for name in missing
    ]
    return Mapping({name: columns[name] for name in header}, constants, notices, preset)


def _preset(of: RecordType[Any], header: list[str]) -> Preset | None:
    found = recognised(header)
    return found if found and found.kind == of.plural else None


def _by_preset(preset: Preset | None, header: str) -> str | None:
    found = (preset.columns.get(words) for words in spellings(header)) if preset else ()
    return next((key for key in found if key), None)


def _is_named(of: RecordType[Any], preset: Preset | None, header: str, definitions: Iterable[Definition]) -> bool:
    """Whether a column is called as its field is, or as a known export calls it: such a one feeds the field before a
    column that is called by another word for it."""
    by_attribute = any(plain(header) in (plain(each.key), plain(each.name)) for each in definitions)
    return bool(_by_preset(preset, header)) or named(of, header) is not None or by_attribute


def _spare(preset: Preset | None, header: list[str], fed: set[str]) -> dict[str, str]:
    """The constants by which another column fills the empty cells of a field: “{Mobile Phone}|{Home Phone}”."""
    found = {}
    for key, names in (preset.spare if preset else {}).items():
        there = [name for word in names for name in header if plain(name) == word]
        if key in fed and there:
            found[key] = "|".join(f"{{{name}}}" for name in there)
    return found


def _checked(of: RecordType[Any], key: str, attributes: set[str], gone: frozenset[str]) -> str:
    if key in (SKIP, "skip"):
        return SKIP
    if (target(of, key) and key not in gone) or key in attributes:
        return key
    if key.startswith(ATTRIBUTE):
        raise Invalid(
            tr(
                "There is no attribute “{attribute}” of {kinds}. Make it first.",
                attribute=key.removeprefix(ATTRIBUTE),
                kinds=of.many,
            ),
            "mapping",
        )
    raise Invalid(tr("{kinds} have no field “{field}”.", kinds=capitalized(of.many), field=key), "mapping")


def _refuse_two_for_one(columns: dict[str, str]) -> None:
    fed: dict[str, str] = {}
    for name, key in columns.items():
        if key != SKIP and key in fed:
            raise Invalid(
                tr(
                    "The columns “{one}” and “{other}” are both mapped to “{field}”. Skip one.",
                    one=fed[key],
                    other=name,
                    field=key,
                ),
                "mapping",
            )
        fed[key] = name


def _by_words(of: RecordType[Any], header: str, definitions: Iterable[Definition]) -> str:
    if plain(header) in SERVICE_COLUMNS:
        return SKIP
    if header.startswith(ATTRIBUTE) and any(header == ATTRIBUTE + definition.key for definition in definitions):
        return header
    found = known_by(of, header)
    own = next((each for each in definitions if plain(header) in (plain(each.key), plain(each.name))), None)
    # An attribute's own name goes before a field's synonym, and before notes, which no file of ours holds.
    if own and (found is None or found.key == NOTE_KEY or plain(header) != plain(found.label)):
        return ATTRIBUTE + own.key
    return found.key if found else SKIP


def texts(sheet: Sheet, mapping: Mapping, empty: Words) -> pl.DataFrame:
    """`line` and one text column per target: the cell, or the constant where the cell is empty. A cell that holds one
    of the words in `empty`, by header, is empty."""
    cells = {
        name: _cell(sheet, index, name, mapping.preset, empty.get(name, {})) for index, name in enumerate(sheet.header)
    }
    found: dict[str, pl.Expr] = {key: cells[name] for name, key in mapping.columns.items() if key != SKIP}
    for key, constant in mapping.constants.items():
        filled = _constant(constant, cells)
        own = found.get(key)
        found[key] = filled if own is None else pl.when(own.str.strip_chars(" \t") != "").then(own).otherwise(filled)
    return sheet.rows.select("line", **found)


def placeholders_of(sheet: Sheet, mapping: Mapping, options: Options) -> Words:
    """By header of each mapped column: the words for nothing in it, and how many cells hold each. Empty where they are
    to be kept."""
    if options.keep_placeholders:
        return {}
    found = {
        name: placeholders.found_in(sheet.rows[f"c{index}"])
        for index, name in enumerate(sheet.header)
        if mapping.columns[name] != SKIP
    }
    return {name: words for name, words in found.items() if words}


def _cell(sheet: Sheet, index: int, header: str, preset: Preset | None, empty: Iterable[str]) -> pl.Expr:
    """The cell without the apostrophe that our exports put before formulas, and as the known product means it."""
    cell = pl.col(f"c{index}")
    if empty:
        cell = pl.when(cell.is_in([*empty])).then(pl.lit("")).otherwise(cell)
    # A workbook marks a text by the cell's format, so an apostrophe there is its own. Looked for first: the
    # replacements run over every cell, and few files hold one.
    marked = not sheet.dialect.is_workbook and sheet.rows.select(cell.str.contains("'", literal=True).any()).item()
    if marked:
        cell = cell.str.replace_all(MARKED, "${1}${2}${3}").str.replace(MARKED_START, "${1}")
    if preset is None:
        return cell
    if preset.between_values and preset.holds_several(plain(header)):
        cell = cell.str.split(preset.between_values).list.first().fill_null("")
    if preset.between_values and preset.holds_labels(plain(header)):
        several = cell.str.split(preset.between_values)
        theirs = pl.element().filter(~pl.element().str.to_lowercase().is_in(preset.own_labels))
        cell = several.list.eval(theirs).list.join("; ").fill_null("")
    blanks = preset.blanks.get(plain(header), ())
    return pl.when(cell.str.to_lowercase().is_in(blanks)).then(pl.lit("")).otherwise(cell) if blanks else cell


def _constant(constant: str, cells: dict[str, pl.Expr]) -> pl.Expr:
    """A plain text, or texts with {headers} parted by | of which the first whose cells are all filled is taken."""
    if not PLACEHOLDER.search(constant):
        return pl.lit(constant)
    return pl.coalesce([_filled(alternative, cells) for alternative in constant.split("|")]).fill_null("")


def _filled(alternative: str, cells: dict[str, pl.Expr]) -> pl.Expr:
    by_words = {plain(name): cell for name, cell in cells.items()}
    parts: list[pl.Expr] = []
    for index, part in enumerate(PLACEHOLDER.split(alternative)):
        # `split` gives what stands between the headers and the headers by turns.
        if index % 2 == 0:
            parts.append(pl.lit(part))
            continue
        if plain(part) not in by_words:
            raise Invalid(
                tr(
                    "The constant “{constant}” names a column “{column}” that the file does not have.",
                    constant=alternative,
                    column=part,
                ),
                "mapping",
            )
        cell = by_words[plain(part)].str.strip_chars(" \t")
        parts.append(pl.when(cell != "").then(cell))
    return pl.concat_str(parts)
