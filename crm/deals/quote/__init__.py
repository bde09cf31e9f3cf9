"""The line items of a deal, and the quotes issued from them."""

from crm.deals.quote.arithmetic import gross, line_total
from crm.deals.quote.issuing import MOST_DAYS, USUAL_DAYS, Quote, QuotedLine, get_quote, issue, issued
from crm.deals.quote.lines import Line, Lines, get, in_short, of
from crm.deals.quote.past import PastLine, lines_as_of
from crm.deals.quote.printing import file_name, printed
from crm.deals.quote.saving import Changed, Edit, LineRefused, New, Removed, save
from crm.deals.quote.validation import MOST_LINES, checked
from crm.deals.quote.verbs import add, edit, remove, reorder

__all__ = [
    "MOST_DAYS",
    "MOST_LINES",
    "USUAL_DAYS",
    "Changed",
    "Edit",
    "Line",
    "LineRefused",
    "Lines",
    "New",
    "PastLine",
    "Quote",
    "QuotedLine",
    "Removed",
    "add",
    "checked",
    "edit",
    "file_name",
    "get",
    "get_quote",
    "gross",
    "in_short",
    "issue",
    "issued",
    "line_total",
    "lines_as_of",
    "of",
    "printed",
    "remove",
    "reorder",
    "save",
]
