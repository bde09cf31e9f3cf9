"""Whole lists as files: CSV, Excel and Parquet, in the columns that an import of ours reads back."""

from crm.exports.files import EXCEL_ROWS, Format, export, write
from crm.exports.lists import table

__all__ = ["EXCEL_ROWS", "Format", "export", "table", "write"]
