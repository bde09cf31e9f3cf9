"""The file to begin with: every column that a type knows, custom attributes included, and one row that imports as it
stands."""

import io
import re
from typing import Any

import xlsxwriter

from crm.foundation.language import capitalized, later, tr
from crm.imports.fields import all_targets, known_by, targets
from crm.imports.hooks import hooks_of
from crm.imports.model import ATTRIBUTE, type_of
from crm.imports.reading.rejects import table_of
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.records.declaration import RecordType
from crm.records.fields import Person
from crm.store import Reading

EXAMPLES = {
    AttributeType.TEXT: later("Some words"),
    AttributeType.NUMBER: "12.5",
    AttributeType.CURRENCY: "1250.00",
    AttributeType.PERCENT: "12.5",
    AttributeType.LINK: "https://example.com",
    AttributeType.DATE: "2026-12-31",
    AttributeType.CHECKBOX: "yes",
}


def template_csv(tx: Reading, kind: str) -> bytes:
    """A CSV file with every column that an import of this kind knows, and one row that imports as it stands."""
    header, row = _columns(tx, type_of(kind))
    return table_of(header, [row])


def template_xlsx(tx: Reading, kind: str) -> bytes:
    """As `template_csv`, as a workbook."""
    header, row = _columns(tx, type_of(kind))
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_sheet_name(type_of(kind)))
    # As text (“@”): Excel then keeps a phone's plus sign and a number's leading zeros.
    sheet.set_column(0, len(header) - 1, 22, book.add_format({"num_format": "@"}))
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, (name, cell) in enumerate(zip(header, row, strict=True)):
        sheet.write_string(0, place, name, bold)
        sheet.write_string(1, place, cell)
    book.close()
    return target.getvalue()


def _sheet_name(of: RecordType[Any]) -> str:
    """The type's name as Excel takes it: at most 31 characters, none of them a sign of its addresses."""
    return re.sub(r"[][:*?/\\']", " ", capitalized(of.called.plural))[:31].strip() or of.plural


def _columns(tx: Reading, of: RecordType[Any]) -> tuple[list[str], list[str]]:
    fields = [target for target in targets(of, tx.actor.modules) if target.example]
    definitions = attributes.definitions(tx, of.key)
    own = _own_examples(tx, of)
    header = [target.label for target in fields] + [_header_of(of, one, definitions) for one in definitions]
    row = [own.get(target.key, target.example) for target in fields]
    return header, row + [_example(one) for one in definitions]


def _example(definition: Definition) -> str:
    """A cell that imports into the attribute as it stands; empty where that is unknown."""
    if definition.type is AttributeType.LIST:
        return next(iter(definition.values), "")
    # What would fit a pattern cannot be derived from it.
    return "" if definition.pattern else tr(EXAMPLES[definition.type])


def _header_of(of: RecordType[Any], definition: Definition, definitions: list[Definition]) -> str:
    """The attribute's name, or its key where the name is a word for something else."""
    names = [one.name for one in definitions]
    known = known_by(of, definition.name)
    return ATTRIBUTE + definition.key if known or names.count(definition.name) > 1 else definition.name


def _own_examples(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """By target: examples of what has to exist already, taken from this store."""
    mine = tx.rows("SELECT email FROM users WHERE id = $actor", actor=tx.actor.id)
    me = mine[0]["email"] if mine else ""
    found = {one.key: me for one in all_targets(of).values() if isinstance(one.field, Person)}
    hooks = hooks_of(of)
    return found | (hooks.examples(tx) if hooks.examples else {})
