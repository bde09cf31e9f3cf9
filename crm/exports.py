"""Whole lists as files: CSV, Excel and Parquet, in the columns that an import of ours reads back."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import xlsxwriter

from crm import attributes, companies, contacts, listing
from crm.access import Module, Permission
from crm.deals.listing import SOURCE as DEALS
from crm.errors import Invalid
from crm.listing import Asked, Source
from crm.spreadsheets import RISKY
from crm.store import Reading

Format = Literal["csv", "xlsx", "parquet"]

EXCEL_ROWS = 1_048_575
"""What a sheet of Excel holds below its header."""


@dataclass(frozen=True)
class _Kind:
    source: Source
    model: str
    columns: str
    """Select list. Headers are words that an import knows; what only the store decides stands last."""
    module: Module | None = None


_KINDS = {
    "contacts": _Kind(
        contacts.SOURCE,
        "contact",
        """
        contact.name AS "Name",
        contact.email AS "Email",
        contact.phone AS "Phone",
        contact.identifier AS "Identifier",
        contact.city AS "City",
        contact.country AS "Country",
        company.name AS "Company",
        owner.name AS "Owner",
        labelled.names AS "Labels",
        contact.blocked AS "Blocked",
        contact.created_at AS "Created at",
        contact.updated_at AS "Updated at"
        """,
    ),
    "companies": _Kind(
        companies.SOURCE,
        "company",
        """
        company.name AS "Name",
        company.domain AS "Domain",
        company.description AS "Description",
        owner.name AS "Owner",
        company.created_at AS "Created at",
        company.updated_at AS "Updated at"
        """,
        Module.COMPANIES,
    ),
    "deals": _Kind(
        DEALS,
        "deal",
        """
        deal.identifier AS "Identifier",
        deal.title AS "Title",
        deal.value AS "Value",
        deal.currency AS "Currency",
        pipeline.name AS "Pipeline",
        stage.name AS "Stage",
        owner.name AS "Owner",
        company.name AS "Company",
        coalesce(contact.email, contact.phone, contact.identifier, contact.name) AS "Contact",
        deal.priority AS "Priority",
        deal.source AS "Source",
        deal.expected_close AS "Expected close",
        deal.closed_on AS "Closed",
        reason.name AS "Close reason",
        deal.created_at AS "Created at",
        deal.updated_at AS "Updated at"
        """,
        Module.CRM,
    ),
}

_LABELS = """
    LEFT JOIN (
        SELECT link.contact_id, string_agg(label.name, '; ' ORDER BY label.name_key) AS names
        FROM base.contact_labels AS link  -- of contacts that the visible list beside it holds
        JOIN base.labels AS label ON label.id = link.label_id
        GROUP BY link.contact_id
    ) AS labelled ON labelled.contact_id = contact.id
"""


def export(tx: Reading, kind: str, format: str, asked: Asked) -> bytes:
    """The whole list that was asked for (its limit and offset aside) as one file."""
    target = io.BytesIO()
    write(tx, kind, format, asked, target)
    return target.getvalue()


def write(tx: Reading, kind: str, format: str, asked: Asked, target: BinaryIO) -> None:
    """As `export`, into a file that is open for writing. Text that a spreadsheet would run is defused in CSV by an
    apostrophe (crm/spreadsheets.py) and in Excel by the cell's own “text” mark; Parquet holds the values as they are.
    """
    if kind not in _KINDS:
        raise Invalid(f"There is no export of “{kind}”, only of {', '.join(_KINDS)}.", "kind")
    if format not in get_args(Format):
        raise Invalid(f"There is no export as “{format}”, only as {', '.join(get_args(Format))}.", "format")
    tx.require(Permission.EXPORT, _KINDS[kind].module)
    _WRITERS[format](table(tx, kind, asked), target)


def table(tx: Reading, kind: str, asked: Asked) -> pa.Table:
    """The list as typed columns; times on the workspace's clock. The caller has asked for the permission."""
    found = _KINDS[kind]
    alias, model = found.source.alias, found.model
    custom = "".join(
        f', attribute.{one.column} AS "{one.name.replace(chr(34), chr(34) * 2)}"'
        for one in attributes.definitions(tx, model)
    )
    where = listing.wanted(tx, found.source, asked)
    rows = tx.arrow(
        f"""
        SELECT {found.columns}{custom}
        FROM {found.source.table} AS {alias}
        {found.source.joins}
        {_LABELS if kind == "contacts" else ""}
        LEFT JOIN base.{attributes.TABLES[model]} AS attribute ON attribute.id = {alias}.id  -- of visible records
        WHERE {where.sql}
        ORDER BY {listing.order(found.source, asked.sort)}
        """,
        **where.params,
    )
    return _on_the_clock(rows, tx.actor.time_zone)


def _on_the_clock(rows: pa.Table, time_zone: str) -> pa.Table:
    for place, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            there = rows.column(place).cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.timestamp("s", time_zone))
            rows = rows.set_column(place, field.name, there)
    return rows


def _write_csv(rows: pa.Table, target: BinaryIO) -> None:
    """UTF-8 with a byte order mark, which Excel needs to read accents."""
    target.write(b"\xef\xbb\xbf")
    pyarrow.csv.write_csv(_defused(rows), target, pyarrow.csv.WriteOptions(quoting_style="needed"))


def _defused(rows: pa.Table) -> pa.Table:
    rows = rows.rename_columns(
        [pc.replace_substring_regex(name, f"({RISKY})", r"'\1").as_py() for name in rows.schema.names]
    )
    for place, field in enumerate(rows.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            safe = pc.replace_substring_regex(rows.column(place), pattern=f"({RISKY})", replacement=r"'\1")
            rows = rows.set_column(place, field.name, safe)
        elif pa.types.is_timestamp(field.type):
            local = pc.strftime(rows.column(place), format="%Y-%m-%d %H:%M:%S")
            rows = rows.set_column(place, field.name, local)
    return rows


def _write_parquet(rows: pa.Table, target: BinaryIO) -> None:
    pyarrow.parquet.write_table(rows, target, compression="zstd")


def _write_xlsx(rows: pa.Table, target: BinaryIO) -> None:
    if rows.num_rows > EXCEL_ROWS:
        raise Invalid(f"Excel holds {EXCEL_ROWS:,} rows; this list has {rows.num_rows:,}. Export it as CSV.", "format")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    book = xlsxwriter.Workbook(target, options)
    formats = {
        str: book.add_format({"num_format": "@", "quote_prefix": True}),  # a text, also after somebody edits the cell
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, rows.num_columns - 1, 22)
    for column, name in enumerate(rows.schema.names):
        sheet.write_string(0, column, name, bold)
    for row, cells in enumerate(_rows(rows), start=1):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell, formats.get(type(cell)))
    book.close()


def _rows(rows: pa.Table) -> Iterator[tuple[object, ...]]:
    for batch in rows.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


_WRITERS: dict[str, Callable[[pa.Table, BinaryIO], None]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
