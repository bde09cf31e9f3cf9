"""Exports whole lists as CSV, Excel and Parquet, in columns that an import reads back."""

from crm.exports.files import EXCEL_ROWS, Format, check_format, export, write, write_result
from crm.exports.lists import kinds, table, type_of

__all__ = ["EXCEL_ROWS", "Format", "check_format", "export", "kinds", "table", "type_of", "write", "write_result"]
