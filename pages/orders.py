"""Orders: find, narrow, change many at once, with sums by currency and a chart over time."""

from crm import orders
from crm.foundation.language import later
from crm.ui.components.quick_filters import Quick
from crm.ui.lists import list_page
from crm.ui.lists.layout import ListLayout
from crm.ui.orders import summary, table
from crm.ui.orders.form import LAYOUT

list_page.show(
    ListLayout(
        orders.ORDER,
        columns=table.shown_at_first(),
        further=("currency",),
        sorts={
            "-ordered_on": later("Newest first"),
            "ordered_on": later("Oldest first"),
            "-value": later("Value, high to low"),
            "value": later("Value, low to high"),
            "-paid_on": later("Last paid first"),
            "title": later("Title, A to Z"),
            "-updated_at": later("Last changed first"),
        },
        quick=(
            Quick("status", later("Status"), "is"),
            Quick("source", later("Source"), "is"),
            Quick("contact_name", later("Contact contains"), "contains"),
            Quick("label", later("Label"), "is", nobody=later("No label")),
            Quick("currency", later("Currency contains"), "contains"),
            Quick("ordered_on", later("Ordered"), "in_last_days"),
            Quick("paid_on", later("Paid"), "in_last_days"),
        ),
        searched_too=("contact_id",),
        form=LAYOUT,
        above=summary.show,
        how_to_begin=later("They arrive from your shop by the API, or are added by hand."),
    )
)
