"""Filter fields of a deal's lines. Expressions refer to `line`, the visible lines with their deal's currency."""

from collections.abc import Iterable

from crm import catalog
from crm.foundation.access import Module
from crm.foundation.language import later
from crm.records.filter_context import FilterContext
from crm.records.filters import Field, FieldType, Relation
from crm.records.kind_names import KindName

TABLE = "(SELECT line.*, quoted.currency FROM deal_lines AS line JOIN base.deals AS quoted ON quoted.id = line.deal_id)"
"""`base.deals`: a visible line implies a visible deal, which the view would check again."""

_STANDARD = (
    Field("name", later("Name"), FieldType.TEXT, "line.name"),
    Field("quantity", later("Quantity"), FieldType.NUMBER, "line.quantity"),
    Field("unit_price", later("Price"), FieldType.MONEY, "line.unit_price", currency="line.currency"),
    Field("total", later("Total"), FieldType.MONEY, "line.total", currency="line.currency"),
)
_SKU = Field("sku", later("SKU"), FieldType.TEXT, "line.sku")
"""The SKU as it was when the line was added."""


def relations(context: FilterContext) -> Iterable[Relation]:
    if not context.mentions("lines"):
        return []
    return [
        Relation(
            key="lines",
            called=KindName(later("line"), later("lines")),
            table=TABLE,
            alias="line",
            owner="deal.id",
            child="line.deal_id",
            fields=_fields(context),
        )
    ]


def _fields(context: FilterContext) -> dict[str, Field]:
    """The fields of a line; product and SKU only with the catalog module."""
    if not context.tx.actor.has(Module.CATALOG):
        return {field.key: field for field in _STANDARD}
    product = context.choice("product_id", later("Product"), "line.product_id", catalog.options)
    return {field.key: field for field in (*product, _SKU, *_STANDARD)}
