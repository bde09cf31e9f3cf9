"""What a line of a deal can be asked about. Expressions speak of `line`, the visible view with its deal's currency."""

from crm.foundation.access import Module
from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

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


def fields(look: Look) -> dict[str, Field]:
    """Its own words and amounts, and of which product it is, where there is a catalog."""
    if not look.tx.actor.has(Module.CATALOG):
        return {field.key: field for field in _STANDARD}
    product = look.choice("product_id", "Product", "line.product_id", "products")
    return {field.key: field for field in (*product, _SKU, *_STANDARD)}
