"""What lists can be filtered by, and the filter language told in words: the description of the API holds it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from crm.api.callers import Calling
from crm.api.shapes import shown
from crm.foundation.errors import ModuleOff
from crm.records import filtering, filters, registry
from crm.records.declaration import Trait
from crm.records.filters import FIGURES, OPERATORS, FieldType, Figure, Operator, is_measurable
from crm.records.type_words import PluralOf
from crm.store import Reading

LANGUAGE = """
## Filters

`filter` is JSON. A part of it is one of five kinds; `GET /criteria/{kind}` says which fields, operators, values and
relations there are now.

- `{"kind": "rule", "field": "city", "op": "is", "value": "Recife"}`: one condition. `between`, `one_of` and
  `not_one_of` take a list of values, `is_empty` and `is_not_empty` none. Text is compared without regard to case.
  `is_not`, `not_contains` and `not_one_of` are true of a record without a value, too.
- `{"kind": "all", "of": […]}`, `{"kind": "any", "of": […]}`, `{"kind": "not", "of": …}`: parts joined or turned round,
  at most eight levels deep.
- `{"kind": "related", "relation": "deals", "of": […]}`: some deal of the record meets all of `of`: **one and the same
  deal**. For different deals give two such parts. In `not` it says that there is none.
- The same with `"measure": {"figure": "sum", "field": "value", "currency": "BRL", "op": "more_than", "value": 1000}`: a
  figure over the deals that meet `of`, compared. `count` takes no field; `sum` and `average` of money take the
  currency, and leave other currencies out; `first` and `last` are days. Without any deal, count and sum are 0.

**Days** are those of the workspace's time zone: `in_last_days` and `in_next_days` count today; `more_than_days_ago` and
`more_than_days_ahead` leave the day itself out; `in_this`, `in_previous` and `in_next` take `day`, `week` (from
Monday), `month`, `quarter` or `year`.

A field, relation or value that no longer exists is 422 and named: it is never left out in silence.
"""

router = APIRouter(prefix="/criteria", tags=["criteria"])

Kind = Annotated[str, PluralOf(Trait.SEGMENTS)]


class Choice(BaseModel):
    value: int | str
    label: str


class Criterion(BaseModel):
    """A field that can be asked about."""

    key: str
    label: str
    type: FieldType
    operators: list[Operator]
    options: list[Choice] | None = Field(description="What may be chosen; null where anything may be given.")
    figures: list[Figure] = Field(description="What can be measured of it over related records.")


class Relation(BaseModel):
    key: str
    one: str = Field(description="What one of them is called.")
    single: bool = Field(description="There is at most one: it takes no measure.")
    fields: list[Criterion]


class Criteria(BaseModel):
    fields: list[Criterion]
    relations: list[Relation]


@router.get("/{kind}", response_model=Criteria)
def get_criteria(caller: Calling, kind: Kind) -> Response:
    """The fields and relations that a list of this kind can be filtered by, custom attributes included."""
    with caller.reading() as tx:
        _require_module(tx, kind)
        known = filtering.fields_of(tx, kind)
    relations = [
        Relation(
            key=each.key,
            one=each.called.singular,
            single=each.single,
            fields=_fields(each.fields, measured=not each.single),
        )
        for each in known.relations.values()
    ]
    return shown(Criteria(fields=_fields(known), relations=relations))


def _fields(fields: Mapping[str, filters.Field], *, measured: bool = False) -> list[Criterion]:
    return [
        Criterion(
            key=field.key,
            label=field.label,
            type=field.type,
            operators=list(OPERATORS[field.type]),
            options=_choices(field.options),
            figures=[figure for figure in FIGURES if measured and is_measurable(field, figure)],
        )
        for field in fields.values()
    ]


def _choices(options: Mapping[Any, str] | None) -> list[Choice] | None:
    return None if options is None else [Choice(value=value, label=label) for value, label in options.items()]


def _require_module(tx: Reading, kind: Kind) -> None:
    module = registry.by_plural(kind).module
    if module and not tx.actor.has(module):
        raise ModuleOff(module)
