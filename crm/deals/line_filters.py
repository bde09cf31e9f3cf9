"""What the lines of a deal can be filtered by. Expressions name `line`, its visible view with the deal's currency."""

from collections.abc import Iterable

from crm import catalog
from crm.foundation.access import Module
from crm.records.filter_context import FilterContext
from crm.records.filters import Field, FieldType, Relation

TABLE = "(SELECT line.*, quoted.currency FROM deal_lines AS line JOIN base.deals AS quoted ON quoted.id = line.deal_id)"
"""A line that is visible makes its deal so, hence `base.deals`: the view would work that out once more."""

_STANDARD = (
    Field("name", "Name", FieldType.TEXT, "line.name"),
    Field("quantity", "Quantity", FieldType.NUMBER, "line.quantity"),
    Field("unit_price", "Price", FieldType.MONEY, "line.unit_price", currency="line.currency"),
    Field("total", "Total", FieldType.MONEY, "line.total", currency="line.currency"),
)
_SKU = Field("sku", "SKU", FieldType.TEXT, "line.sku")
"""As the line keeps it, of the moment when it was made."""


def relations(context: FilterContext) -> Iterable[Relation]:
    if not context.wants("lines"):
        return []
    return [
        Relation(
            key="lines",
            one="line",
            many="lines",
            table=TABLE,
            alias="line",
            owner="deal.id",
            child="line.deal_id",
            fields=_fields(context),
        )
    ]


def _fields(context: FilterContext) -> dict[str, Field]:
    """Its own words and amounts, and of which product it is, where there is a catalog."""
    if not context.tx.actor.has(Module.CATALOG):
        return {field.key: field for field in _STANDARD}
    product = context.choice("product_id", "Product", "line.product_id", catalog.options)
    return {field.key: field for field in (*product, _SKU, *_STANDARD)}
