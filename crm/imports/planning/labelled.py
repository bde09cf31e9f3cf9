"""Labels of records from a file: several in a cell, “;”, “|” or “,” between them; those that do not exist yet are made.

Overwriting puts exactly the file's labels on a record; filling adds those that it lacks. In SQL they are lists of
names, sorted, so that equal sets are equal.
"""

import json

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports.model import OnDuplicate
from crm.imports.planning.columns import Columns
from crm.imports.reading import normal_forms
from crm.platform import spreadsheets
from crm.records import labels
from crm.store import Reading, Writing

COLUMN = "labels"
LONGEST = 40
DELIMITERS = (spreadsheets.BETWEEN, "|", ",")


def stored(key: str) -> str:
    """A join that gives each record `was` its labels, as `tagged.labels`."""
    return f"""
    LEFT JOIN (
        SELECT link.{key}_id AS id, list_sort(list(label.name)) AS labels
        FROM base.{key}_labels AS link
        JOIN base.labels AS label ON label.id = link.label_id
        GROUP BY link.{key}_id
    ) AS tagged ON tagged.id = was.id"""


def new_value(choice: OnDuplicate) -> str:
    if choice is OnDuplicate.FILL:
        return "nullif(list_sort(list_distinct(coalesce(tagged.labels, []) || coalesce(row.labels, []))), [])"
    return "coalesce(row.labels, tagged.labels)"


def clean(columns: Columns) -> None:
    if columns.has(COLUMN):
        delimiter = columns.options.label_delimiter or _delimiter(columns)
        if delimiter != spreadsheets.BETWEEN and not columns.options.label_delimiter:
            columns.notices.append(
                tr(
                    "Labels are split at “{delimiter}”. If that is wrong, choose another character under “{option}”.",
                    delimiter=delimiter,
                    option=tr("Between several labels in a cell"),
                )
            )
        columns.put(COLUMN, lambda column: normal_forms.by_value(column, lambda cell: _names(cell, columns, delimiter)))
    else:
        columns.leave_empty(COLUMN)
    # A normal form of one cell is always a text: the list of names comes as JSON.
    columns.clean = columns.clean.with_columns(pl.col(COLUMN).str.json_decode(pl.List(pl.String)))


def _delimiter(columns: Columns) -> str:
    """What stands between labels in the column's cells: “;” if in any, else “|”, else “,”. Labels that exist
    may hold them."""
    cells = [cell for cell in columns.texts[COLUMN].drop_nulls().unique() if not _is_label(cell, columns)]
    return next((one for one in DELIMITERS if any(one in cell for cell in cells)), spreadsheets.BETWEEN)


def _is_label(cell: str, columns: Columns) -> bool:
    return cell.strip(identity.BLANKS).casefold() in columns.context.labels


def _names(cell: str, columns: Columns, delimiter: str) -> str:
    """The names as a JSON list, each once without regard to case."""
    found: dict[str, str] = {}
    for text in [cell] if _is_label(cell, columns) else spreadsheets.split(cell, delimiter):
        name = identity.text(text, "label", limit=LONGEST)
        if name:
            found.setdefault(name.casefold(), name)
    if not found:
        raise Invalid(tr("“{cell}” names no label.", cell=cell), COLUMN)
    return json.dumps(list(found.values()))


def with_known_spelling(tx: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each label spelled as the label that exists: “VIP” for “vip”."""
    if COLUMN not in rows.columns or rows[COLUMN].null_count() == rows.height:
        return rows
    known = {label.name.casefold(): label.name for label in labels.all_of(tx)}
    given = rows[COLUMN].drop_nulls().explode().unique()
    written: dict[str, str] = {}
    for name in given.sort():
        # Of two new spellings of one name the first in the alphabet holds for both.
        written[name] = known.setdefault(name.casefold(), name)
    named = pl.col(COLUMN).list.eval(pl.element().replace_strict(written)).list.sort()
    return rows.with_columns(named)


def write_new(tx: Writing, key: str, rows: pl.DataFrame) -> None:
    """Label records that have no labels yet. `rows` has id and labels."""
    if COLUMN not in rows.columns:
        return
    names = rows.select("id", name=COLUMN).drop_nulls().explode("name")
    if names.is_empty():
        return
    made = labels.get_or_create(tx, names["name"].unique().sort())
    ids = pl.DataFrame({"name": [label.name for label in made], "label_id": [label.id for label in made]})
    tx.insert_frame(
        names.join(ids, on="name").sort("id", "label_id"),
        f"INSERT INTO base.{key}_labels ({key}_id, label_id) SELECT id, label_id FROM frame",
    )


def write_changed(tx: Writing, key: str) -> None:
    """Replace the labels of the records in `changed` whose labels differ."""
    if not tx.rows("FROM pragma_table_info('changed') WHERE name = 'new_labels'"):
        return
    rows = tx.frame(
        "SELECT id, new_labels AS labels FROM changed WHERE new_labels IS DISTINCT FROM old_labels ORDER BY id"
    )
    replace(tx, key, rows)


def replace(tx: Writing, key: str, rows: pl.DataFrame) -> None:
    """Replace the labels of records: exactly those of `rows` (id and labels), none where it is NULL."""
    tx.insert_frame(rows.select("id"), f"DELETE FROM base.{key}_labels WHERE {key}_id IN (SELECT id FROM frame)")
    write_new(tx, key, rows)
