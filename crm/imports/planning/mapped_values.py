"""Values of a file in the words of the fields that they feed, as the person who imports has mapped them."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from crm.foundation import bounds, identity
from crm.foundation.errors import Invalid
from crm.foundation.language import capitalized, tr
from crm.imports.fields import all_targets
from crm.imports.model import ATTRIBUTE, Options
from crm.imports.planning.cleaning import word
from crm.imports.planning.columns import Columns
from crm.records.attributes import AttributeType, Definition, key_of
from crm.records.declaration import RecordType
from crm.records.fields import Checkbox, Choice, Field, Reference
from crm.records.fields import Target as OtherEnd

MOST = 1_000
"""Different texts of a column that are looked at, the most frequent first."""


def of_few(field: Field) -> bool:
    """Whether the field takes one of a few values: a choice, a checkbox, a user, a stage."""
    return isinstance(field, Choice | Checkbox) or (isinstance(field, Reference) and isinstance(field.to, OtherEnd))


def list_like(definition: Definition) -> bool:
    """As `of_few`, of an attribute."""
    return definition.type in (AttributeType.LIST, AttributeType.CHECKBOX)


def counted(columns: Columns, of: RecordType[Any]) -> dict[str, pl.DataFrame]:
    """By mapped target of few values: text and rows of each different text, the most frequent first."""
    own = [key for key, target in all_targets(of).items() if of_few(target.field)]
    custom = [ATTRIBUTE + one.key for one in columns.context.definitions if one.id and list_like(one)]
    return {key: count(columns.texts[key]) for key in (*own, *custom) if columns.has(key)}


def count(cells: pl.Series) -> pl.DataFrame:
    """text and rows of each different filled cell, the most frequent first."""
    texts = pl.DataFrame({"text": cells.str.strip_chars(identity.BLANKS)}).filter(pl.col("text") != "")
    return texts.group_by("text").len("rows").sort("rows", "text", descending=[True, False]).head(MOST)


def refuse_unknown(of: RecordType[Any], options: Options, definitions: Iterable[Definition]) -> None:
    """Invalid where values are mapped of a field that the type does not have."""
    attributes = {ATTRIBUTE + key for key in (*(one.key for one in definitions), *map(key_of, options.new_attributes))}
    for key in (*options.values, *options.new_values):
        if key not in all_targets(of) and key not in attributes:
            kinds = capitalized(of.many)
            raise Invalid(
                tr("{kinds} have no field “{field}”, whose values could be mapped.", kinds=kinds, field=key), "values"
            )


def apply(columns: Columns, of: RecordType[Any]) -> None:
    """Replace the mapped texts by what they mean, and refuse the rows whose texts are to be rejected. Invalid where a
    field is none of the type's."""
    refuse_unknown(of, columns.options, columns.context.definitions)
    for key, mapped in columns.options.values.items():
        if columns.has(key) and mapped:
            _replace(columns, key, mapped)


def _replace(columns: Columns, key: str, mapped: dict[str, str | None]) -> None:
    known = {word(said): meaning for said, meaning in mapped.items()}
    cells = columns.texts[key]
    texts = cells.str.strip_chars(identity.BLANKS)
    # Python folds each different text once: of a column with choices there are few.
    meanings = {text: known[word(text)] for text in texts.unique().drop_nulls() if text and word(text) in known}
    rejected = [text for text, meaning in meanings.items() if meaning is None]
    if rejected:
        reasons = {
            text: tr("“{value}” is mapped to nothing: its rows are rejected.", value=bounds.shown(text))
            for text in rejected
        }
        columns.refuse(texts.is_in(rejected).fill_null(False), key, texts.replace_strict(reasons, default=""))
    replaced = {text: meaning or "" for text, meaning in meanings.items()}
    if replaced:
        # Through a frame: of a series `replace_strict` would take the whole column for its default.
        frame = pl.DataFrame({"cell": cells, "text": texts})
        columns.texts = columns.texts.with_columns(
            frame.select(pl.col("text").replace_strict(replaced, default=pl.col("cell"))).to_series().alias(key)
        )
