"""Exports whole lists as CSV, Excel and Parquet, in columns that an import reads back."""

from crm.exports.files import EXCEL_ROWS, Format, export, write
from crm.exports.lists import table

__all__ = ["EXCEL_ROWS", "Format", "export", "table", "write"]
