"""Shapes that several routes share: ids, days, bodies and lists."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crm.foundation import bounds
from crm.records import filters
from crm.records.listing import MOST_ROWS, ListQuery, Page
from crm.store import Reading

LARGEST_ID = 2**63 - 1

Item = TypeVar("Item")
Record = TypeVar("Record", bound=BaseModel)


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("give a day as 2026-12-31")
    if isinstance(value, int | float):  # pydantic would take it for seconds since 1970
        raise ValueError("give a day as 2026-12-31")
    return value


def _bounded_number(value: Any) -> Any:
    # Before pydantic compares it with anything: 1e999999999 is a decimal, and no amount of memory holds it.
    found = bounds.number(value)
    if found is None:
        raise ValueError("give a number as 1234.50")
    if not found.is_finite():
        raise ValueError("this is larger than any number that can be kept")
    return found


Number = Annotated[Decimal, BeforeValidator(_bounded_number)]
"""A number in a body: every one goes this way, so that none reaches a verb unbounded."""

Amount = Annotated[
    Number, Field(ge=0, description="Rounded half-even to the currency's minor unit.", examples=["1250.00"])
]

# Strict: `true` and 1.0 are numbers to pydantic, and would name record 1.
Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
"""An id in a body."""

PathId = Annotated[int, Path(alias="id", ge=1, le=LARGEST_ID)]

Day = Annotated[date, BeforeValidator(_iso_day)]


def _bounded_moment(value: datetime) -> datetime:
    if bounds.day(value.date()) is None:
        raise ValueError(f"give a moment of a year from {bounds.FIRST_DAY.year} to {bounds.LAST_DAY.year}")
    return value


Moment = Annotated[datetime, AfterValidator(_bounded_moment)]

Attributes = Annotated[dict[str, Any], Field(max_length=200, description="Custom attributes by key; null empties one.")]


class Body(BaseModel):
    """A request body: a field that nobody knows is refused, one that is absent is left alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def refuse_half_characters(cls, value: Any) -> Any:
        """Refuse texts that cannot be encoded, and bodies that are nested too deep."""
        if isinstance(value, bytes):
            raise ValueError("send it with Content-Type: application/json")
        # JSON can escape half of a surrogate pair, which is no text: no store and no answer could hold it.
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair") from None
        except RecursionError:
            raise ValueError("it is nested too deep") from None
        return value

    def given(self) -> dict[str, Any]:
        """The fields that the request named, null included: absent is not null."""
        named = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value.given() if isinstance(value, Body) else value for name, value in named.items()}


class Listed(BaseModel, Generic[Item]):
    """One page of a list. `next` is the cursor of the next page, null at the end."""

    items: list[Item]
    total: int
    next: str | None


def whole(items: Sequence[Item]) -> Listed[Item]:
    """The whole of a list that is never long enough for pages."""
    return Listed(items=list(items), total=len(items), next=None)


class Narrowing(BaseModel):
    """Which records are asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: str = Field(
        "",
        description="The filter language as JSON: a rule, something related, or `all`, `any` and `not` of these. "
        "“Filters” above tells it; `GET /criteria/{kind}` says what there is to ask about.",
        examples=[
            '{"kind": "rule", "field": "created_at", "op": "in_last_days", "value": 30}',
            '{"kind": "related", "relation": "deals", "of": [{"kind": "rule", "field": "status", "op": "is", '
            '"value": "open"}, {"kind": "rule", "field": "value", "op": "more_than", "value": 5000}]}',
        ],
    )
    search: str = Field("", max_length=200, description="Words that all must occur.")

    def list_query(self) -> ListQuery:
        return ListQuery(filter=filters.parse(self.filter), search=self.search)


class ListParams(Narrowing):
    """What a list is asked for. The total does not depend on the cursor."""

    sort: str = Field("-created_at", description="A field to sort by; “-” before it sorts descending.")
    limit: int = Field(50, ge=1, le=MOST_ROWS)
    cursor: str = Field("", max_length=2_000, description="The `next` of the page before, under the same sort.")

    def list_query(self) -> ListQuery:
        return replace(super().list_query(), sort=self.sort, limit=self.limit, cursor=self.cursor or None)

    def page(self, tx: Reading, find: Callable[[Reading, ListQuery], Page], record: type[Record]) -> Listed[Record]:
        found = find(tx, self.list_query())
        return Listed(items=[record(**row) for row in found.items], total=found.total, next=found.next)


def shown(answer: BaseModel) -> Response:
    """The response to a read, with the version of a record as its ETag."""
    # Validated when it was made: returned as a model, FastAPI would validate it again.
    response = Response(answer.model_dump_json(), media_type="application/json")
    version = getattr(answer, "version", None)
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


@dataclass(frozen=True)
class Route:
    """A route that is made from a declaration, under the name that it would have as a function by hand."""

    method: str
    path: str
    name: str
    work: Callable[..., Response]
    answer: Any
    body: Callable[[], type[Body]] | None = None
    """Makes the type of what `work` takes as `body`."""
    status: int = 200
    about: str = ""
