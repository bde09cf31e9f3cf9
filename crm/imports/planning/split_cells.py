"""Cells that hold more than the one email or phone that a field takes: the first is read, the rest is kept apart.

`Ana <ana@x.com>`, `mailto:ana@x.com`, several addresses or numbers in a cell, and a number with an extension.
"""

import re
from collections.abc import Callable
from typing import Any

import polars as pl

from crm.foundation import bounds, identity
from crm.foundation.errors import Invalid
from crm.foundation.language import capitalized, tr
from crm.imports.fields import all_targets, targets
from crm.imports.model import ATTRIBUTE
from crm.imports.planning.columns import Columns
from crm.records.declaration import RecordType
from crm.records.fields import FieldKind

Parts = tuple[str, list[str]]
"""The value that the field takes, and what else its cell holds."""

NOT_PLAIN = r"[<>,;|\s]|^(?i:mailto:)"
ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>|([^<>\s,;|]+@[^<>\s,;|]+)")
MAILTO = re.compile(r"\bmailto:\s*", re.IGNORECASE)
BETWEEN = re.compile(r"[\s,;|/&]+|\b(?:and|or|e|ou)\b")

EXTENDED = r"(?i)[x#;,|/]|ext|ramal|rml|anexo|interno|durchwahl"
EXTENSION = re.compile(
    r"^(?P<number>.*\d\)?)[\s,;(]*(?:ext(?:ension|n)?|ramal|rml|anexo|interno|durchwahl|x|#)[.:=\s]*(?P<extension>\d{1,7})\)?\s*$",
    re.IGNORECASE,
)
BETWEEN_NUMBERS = re.compile(r"\s*[;|,]\s*|\s+/\s+|\s*/\s*(?=\+|\()")
FEWEST_DIGITS = 7


def apply(columns: Columns, of: RecordType[Any]) -> None:
    """Leave in each cell of emails and phones the first; the rest goes to the field that the options name for it where
    that is empty, or is noted. Invalid where that field is none of the type's."""
    _refuse_unknown(columns, of)
    ways = {FieldKind.EMAIL: (NOT_PLAIN, emails), FieldKind.PHONE: (EXTENDED, phones)}
    for key, target in all_targets(of).items():
        if target.kind in ways and columns.has(key):
            _split(columns, key, *ways[target.kind])


def _refuse_unknown(columns: Columns, of: RecordType[Any]) -> None:
    fields = targets(of, columns.context.modules)
    split = {one.key for one in fields if one.kind in (FieldKind.EMAIL, FieldKind.PHONE)}
    every = {one.key for one in fields} | {ATTRIBUTE + one.key for one in columns.context.definitions}
    for key, second in columns.options.second.items():
        if key not in split:
            raise Invalid(
                tr("“{field}” is no field of emails or phones of {kinds}.", field=key, kinds=of.many), "second"
            )
        # A field that nobody has would take the rest of each cell away unseen.
        if second not in every:
            kinds = capitalized(of.many)
            raise Invalid(tr("{kinds} have no field “{field}”.", kinds=kinds, field=second), "second")


def emails(cell: str) -> Parts | None:
    """The addresses of a cell; None where it is not names and addresses alone."""
    text = MAILTO.sub("", cell)
    found = [one or other for one, other in ADDRESS.findall(text)]
    addresses = list(dict.fromkeys(one.split("?", 1)[0].strip("\"'“”().:") for one in found))
    rest = [part for part in BETWEEN.split(ADDRESS.sub(" ", text)) if part]
    # Words without an address in angle brackets are no name: bob smith@x.com is not smith@x.com.
    if not addresses or (rest and "<" not in text):
        return None
    return addresses[0], addresses[1:]


def phones(cell: str) -> Parts | None:
    """The numbers of a cell, and the extension of the first; None where it is one number alone."""
    first, *others = [part for part in BETWEEN_NUMBERS.split(cell.strip(identity.BLANKS)) if part] or [""]
    if others and not all(sum(map(str.isdigit, part)) >= FEWEST_DIGITS for part in others):
        first, others = cell.strip(identity.BLANKS), []
    extended = EXTENSION.match(first)
    if extended and sum(map(str.isdigit, extended["number"])) >= FEWEST_DIGITS:
        return extended["number"].rstrip(" (,;"), [f"ext. {extended['extension']}", *others]
    return (first, others) if others else None


def _split(columns: Columns, key: str, suspect: str, parts_of: Callable[[str], Parts | None]) -> None:
    cells = columns.texts[key]
    texts = cells.filter(cells.str.strip_chars(identity.BLANKS).str.contains(suspect)).unique()
    split = [(text, *parts) for text in texts if (parts := parts_of(text)) is not None and parts[0] != text]
    if not split:
        return
    found = pl.DataFrame(
        [(text, first, "; ".join(rest) or None) for text, first, rest in split],
        schema={"cell": pl.String, "first": pl.String, "rest": pl.String},
        orient="row",
    )
    joined = pl.DataFrame({"cell": cells}).join(found, on="cell", how="left", maintain_order="left")
    columns.texts = columns.texts.with_columns(joined.select(pl.coalesce("first", "cell")).to_series().alias(key))
    _keep_rest(columns, key, joined["rest"])


def _keep_rest(columns: Columns, key: str, rest: pl.Series) -> None:
    """Put what a cell holds beside its value into the field for it, where that is empty; else note it."""
    second, left_out = columns.options.second.get(key), rest
    if second is not None:
        own = columns.texts[second] if columns.has(second) else pl.repeat("", rest.len(), eager=True)
        empty = own.str.strip_chars(identity.BLANKS).fill_null("") == ""
        both = pl.DataFrame({"own": own, "rest": rest, "empty": empty})
        taken = both.select(pl.when("empty").then(pl.coalesce("rest", "own")).otherwise("own").alias("taken"))
        columns.texts = columns.texts.with_columns(taken["taken"].alias(second))
        left_out = both.select(pl.when(~pl.col("empty")).then("rest").alias("rest"))["rest"]
    reasons = {
        text: tr("“{rest}” was left out: the field takes one.", rest=bounds.shown(text))
        for text in left_out.unique()
        if text
    }
    if reasons:
        columns.note(left_out.is_not_null(), key, left_out.replace_strict(reasons, default=None))
