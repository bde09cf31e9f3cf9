"""Visits: a field of every kind."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from crm.foundation.access import Module, Permission
from crm.records.declaration import BelongsTo, Record, RecordType, Trait
from crm.records.fields import (
    AttributeValues,
    Checkbox,
    Choice,
    Currency,
    Day,
    Domain,
    Email,
    Link,
    LongText,
    Money,
    NameOf,
    Number,
    Percent,
    Person,
    Phone,
    Reference,
    Sort,
    Team,
    Text,
    Unique,
)

MOODS = {"glad": "Glad", "cross": "Cross"}


class Visit(Record, frozen=True):
    name: Annotated[str, Text(limit=100, searched=True, sort=Sort(), headers=("visit",))]
    code: Annotated[str | None, Text(limit=20, unique=Unique("code_key"), searched=True, headers=("visit code",))]
    about: Annotated[str | None, LongText(headers=("report",))]
    email: Annotated[str | None, Email(headers=("mail",))]
    phone: Annotated[str | None, Phone(headers=("telephone",))]
    site: Annotated[str | None, Domain(headers=("host",))]
    page: Annotated[str | None, Link(headers=("url",))]
    hours: Annotated[float | None, Number(sort=Sort(), headers=("duration",))]
    discount: Annotated[float | None, Percent(headers=("rebate",))]
    price: Annotated[Decimal | None, Money(sort=Sort(), headers=("cost",))]
    currency: Annotated[str, Currency(headers=("coin",))]
    happens_on: Annotated[date | None, Day(sort=Sort(), headers=("day",))]
    indoors: Annotated[bool | None, Checkbox(headers=("inside",))]
    mood: Annotated[Literal["glad", "cross"] | None, Choice(values=MOODS, headers=("temper",))]
    contact_id: Annotated[int | None, Reference(to="contact", headers=("guest",))]
    contact_name: Annotated[str | None, NameOf("contact_id")]
    owner_id: Annotated[int | None, Person(sort=Sort(), headers=("host name",))]
    owner_name: Annotated[str | None, NameOf("owner_id")]
    team_id: Annotated[int | None, Team(headers=("crew",))]
    team_name: Annotated[str | None, NameOf("team_id")]
    attributes: Annotated[dict[str, Any], AttributeValues()]


VISIT: RecordType[Visit] = RecordType(
    key="visit",
    plural="visits",
    record=Visit,
    icon=":material/tour:",
    permission=Permission.MANAGE_CONTACTS,
    module=Module.OBJECTS,
    traits=frozenset(Trait) - {Trait.LABELS, Trait.CHECKLISTS},
    links=(BelongsTo("contact_id"),),
)
