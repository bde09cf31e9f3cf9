"""The filter as data: frozen models with the same form in JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)

Operator = Literal[
    "is",
    "is_not",
    "one_of",
    "not_one_of",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "more_than",
    "at_least",
    "less_than",
    "at_most",
    "before",
    "after",
    "between",
    "in_last_days",
    "in_next_days",
    "more_than_days_ago",
    "more_than_days_ahead",
    "in_this",
    "in_previous",
    "in_next",
    "is_empty",
    "is_not_empty",
]


def _as_json(value: Any) -> Any:
    """Dates and amounts as text, so that a filter made in Python equals the one read back from JSON."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(_as_json(one) for one in value)
    return value


Scalar: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr
Value: TypeAlias = Annotated[Scalar | tuple[Scalar, ...] | None, BeforeValidator(_as_json)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Rule(_Part):
    """One condition on a field. `between`, `one_of` and `not_one_of` take several values, `is_empty` and `is_not_empty`
    none."""

    kind: Literal["rule"] = "rule"
    field: str
    op: Operator
    value: Value = None


class All(_Part):
    kind: Literal["all"] = "all"
    of: tuple[Filter, ...]


class Any_(_Part):  # noqa: N801 – `Any` is taken by typing
    kind: Literal["any"] = "any"
    of: tuple[Filter, ...]


class Not(_Part):
    kind: Literal["not"] = "not"
    of: Filter


Figure = Literal["count", "sum", "average", "first", "last"]


class Measure(_Part):
    """A figure over the children that meet the conditions, compared with a value.

    `count` needs no field. Amounts of money are of one `currency`: those in others are left out, never added up.
    `first` and `last` are the earliest and the latest day. Without any child the count and the sum are 0, and the
    others have no value.
    """

    figure: Figure
    field: str | None = None
    currency: str | None = None
    op: Operator
    value: Value = None


class Related(_Part):
    """A condition on a relation: one and the same child, such as a deal of a contact, meets all of `of`. With a
    measure, a condition on a figure over the children that do. Relations are one level deep."""

    kind: Literal["related"] = "related"
    relation: str
    of: tuple[Filter, ...] = ()
    measure: Measure | None = None


Filter = Annotated[Rule | All | Any_ | Not | Related, Discriminator("kind")]

All.model_rebuild()
Any_.model_rebuild()
Not.model_rebuild()
Related.model_rebuild()
