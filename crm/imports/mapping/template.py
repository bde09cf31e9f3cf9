"""The file to begin with: every column that a kind knows, custom attributes included, and one row that imports as it
stands."""

import io

import xlsxwriter

from crm import pipelines
from crm.imports.fields import Target, known_by, targets
from crm.imports.model import ATTRIBUTE, Kind
from crm.imports.reading.rejects import table_of
from crm.records import attributes
from crm.records.attributes import AttributeType, Definition
from crm.store import Reading

EXAMPLES = {
    AttributeType.TEXT: "Some words",
    AttributeType.NUMBER: "12.5",
    AttributeType.CURRENCY: "1250.00",
    AttributeType.PERCENT: "12.5",
    AttributeType.LINK: "https://example.com",
    AttributeType.DATE: "2026-12-31",
    AttributeType.CHECKBOX: "yes",
}


def template_csv(tx: Reading, kind: Kind | str) -> bytes:
    header, row = _columns(tx, Kind(kind))
    return table_of(header, [row])


def template_xlsx(tx: Reading, kind: Kind | str) -> bytes:
    """Every column is marked as text: Excel then keeps a phone's plus sign and a number's leading zeros."""
    header, row = _columns(tx, Kind(kind))
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(Kind(kind).value.title())
    sheet.set_column(0, len(header) - 1, 22, book.add_format({"num_format": "@"}))
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, (name, cell) in enumerate(zip(header, row, strict=True)):
        sheet.write_string(0, place, name, bold)
        sheet.write_string(1, place, cell)
    book.close()
    return target.getvalue()


def _columns(tx: Reading, kind: Kind) -> tuple[list[str], list[str]]:
    fields = [target for target in targets(kind, tx.actor.modules) if target.example]
    definitions = attributes.definitions(tx, kind.noun)
    own = _own_examples(tx, kind)
    header = [target.label for target in fields] + [_header_of(kind, one, definitions) for one in definitions]
    row = [own.get(target.key, target.example) for target in fields]
    return header, row + [_example(one) for one in definitions]


def _example(definition: Definition) -> str:
    """Nothing where a pattern holds: what would fit it cannot be told from it."""
    if definition.type is AttributeType.LIST:
        return next(iter(definition.values), "")
    return "" if definition.pattern else EXAMPLES[definition.type]


def _header_of(kind: Kind, definition: Definition, definitions: list[Definition]) -> str:
    """The attribute's name, or its key where the name is a word for something else."""
    names = [one.name for one in definitions]
    known: Target | None = known_by(kind, definition.name)
    return ATTRIBUTE + definition.key if known or names.count(definition.name) > 1 else definition.name


def _own_examples(tx: Reading, kind: Kind) -> dict[str, str]:
    """What must be there already is taken from what is there."""
    mine = tx.rows("SELECT email FROM users WHERE id = $actor", actor=tx.actor.id)
    examples = {"owner": mine[0]["email"] if mine else ""}
    if kind is Kind.DEALS:
        known = [one for one in pipelines.all_of(tx) if one.open_stages]
        examples["pipeline"] = known[0].name if known else ""
        examples["stage"] = known[0].open_stages[0].name if known else ""
        examples["contact"] = ""
    return examples
