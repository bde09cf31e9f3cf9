"""What a person may ask for, as data: frozen, and the same in JSON as here."""

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
    "contains",
    "not_contains",
    "starts_with",
    "more_than",
    "at_least",
    "less_than",
    "at_most",
    "before",
    "after",
    "between",
    "in_last_days",
    "in_next_days",
    "is_empty",
    "is_not_empty",
]


def _as_json(value: Any) -> Any:
    """Days and amounts become text, so that a filter made in Python equals the one read back from JSON."""
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
    """One condition. `between` and `one_of` take several values, `is_empty` and `is_not_empty` none."""

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


Filter = Annotated[Rule | All | Any_ | Not, Discriminator("kind")]

All.model_rebuild()
Any_.model_rebuild()
Not.model_rebuild()
