"""Orders: find, narrow, change many at once, with sums by currency and a chart over time."""

from crm import orders
from crm.ui.components.quick_filters import Quick
from crm.ui.lists import list_page
from crm.ui.lists.layout import ListLayout
from crm.ui.orders import summary, table
from crm.ui.orders.form import LAYOUT

list_page.show(
    ListLayout(
        orders.ORDER,
        columns=table.COLUMNS,
        further=("currency",),
        sorts={
            "-ordered_on": "Newest first",
            "ordered_on": "Oldest first",
            "-value": "Value, high to low",
            "value": "Value, low to high",
            "-paid_on": "Last paid first",
            "title": "Title, A to Z",
            "-updated_at": "Last changed first",
        },
        quick=(
            Quick("status", "Status", "is"),
            Quick("source", "Source", "is"),
            Quick("contact_name", "Contact contains", "contains"),
            Quick("label", "Label", "is", nobody="No label"),
            Quick("currency", "Currency contains", "contains"),
            Quick("ordered_on", "Ordered", "in_last_days"),
            Quick("paid_on", "Paid", "in_last_days"),
        ),
        searched_too=("contact_id",),
        form=LAYOUT,
        above=summary.show,
        how_to_begin="They arrive from your shop by the API, or are added by hand.",
    )
)
