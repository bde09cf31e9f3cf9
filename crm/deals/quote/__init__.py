"""The lines of a deal, and the quotes that are made of them."""

from crm.deals.quote.arithmetic import gross, line_total
from crm.deals.quote.lines import Line, Lines, get, of
from crm.deals.quote.particulars import MOST_LINES
from crm.deals.quote.saving import Changed, Edit, LineRefused, New, Removed, save
from crm.deals.quote.verbs import add, edit, remove, reorder

__all__ = [
    "MOST_LINES",
    "Changed",
    "Edit",
    "Line",
    "LineRefused",
    "Lines",
    "New",
    "Removed",
    "add",
    "edit",
    "get",
    "gross",
    "line_total",
    "of",
    "remove",
    "reorder",
    "save",
]
