"""The one filter language: lists, board, export, API. Data in, one WHERE condition out."""

from crm.filters.compile import EVERYTHING, Clause, compile_filter
from crm.filters.describe import describe
from crm.filters.field import OPERATORS, Field, FieldType
from crm.filters.model import All, Any_, Filter, Not, Operator, Rule
from crm.filters.parse import dump, parse

__all__ = [
    "EVERYTHING",
    "OPERATORS",
    "All",
    "Any_",
    "Clause",
    "Field",
    "FieldType",
    "Filter",
    "Not",
    "Operator",
    "Rule",
    "compile_filter",
    "describe",
    "dump",
    "parse",
]
