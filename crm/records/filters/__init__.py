"""The filter language of lists, segments, board, exports and API: data in, one WHERE condition out."""

from crm.records.filters.broken import broken
from crm.records.filters.compile import EVERYTHING, Clause, compile_filter
from crm.records.filters.describe import describe
from crm.records.filters.field import OPERATORS, Field, FieldSet, FieldType, Relation
from crm.records.filters.model import All, Any_, Figure, Filter, Measure, Not, Operator, Related, Rule
from crm.records.filters.parse import dump, mentioned, parse
from crm.records.filters.related import FIGURES, is_measurable
from crm.records.filters.tally import Tally, tally

__all__ = [
    "EVERYTHING",
    "FIGURES",
    "OPERATORS",
    "All",
    "Any_",
    "Clause",
    "Field",
    "FieldSet",
    "FieldType",
    "Figure",
    "Filter",
    "Measure",
    "Not",
    "Operator",
    "Related",
    "Relation",
    "Rule",
    "Tally",
    "broken",
    "compile_filter",
    "describe",
    "dump",
    "is_measurable",
    "mentioned",
    "parse",
    "tally",
]
