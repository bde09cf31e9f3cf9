"""A bulk change: what is asked for, what it would do, and what it did."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel

from crm.foundation.language import tr
from crm.records.declaration import Trait
from crm.records.type_words import PluralOf

Kind = Annotated[str, PluralOf(Trait.BULK)]


class Action(StrEnum):
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    SET_OWNER = "set_owner"
    SET_COMPANY = "set_company"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DELETE = "delete"
    MOVE = "move"
    WIN = "win"
    LOSE = "lose"
    SET_STATUS = "set_status"
    LINK = "link"
    UNLINK = "unlink"


class Change(BaseModel, frozen=True, extra="forbid"):
    """What is to be done to every record. An owner or company of None takes the one it has away. Deals that are won or
    lost are closed `on` that day, today where none is given, for that reason; of lost ones it must be said why. Orders
    that become paid were paid `on` that day, today where none is given; those that have a day keep it. A new link to
    the record `linked_id` of `linked_kind` has a label and a day where they are given; one that there is already keeps
    its own."""

    action: Action
    label: str | None = None
    owner_id: int | None = None
    company_id: int | None = None
    stage_id: int | None = None
    on: date | None = None
    reason_id: int | None = None
    note: str | None = None
    status: str | None = None
    linked_kind: str | None = None
    linked_id: int | None = None
    link_label: str | None = None
    linked_on: date | None = None


class Refusal(BaseModel, frozen=True):
    """Why some records stay as they are, how many, and a few of them by name."""

    because: str
    many: int
    examples: list[str]


class Preview(BaseModel, frozen=True):
    """What a change would do now: matched = changing + already + refused."""

    matched: int
    changing: int
    already: int
    """As the change wants them before it is made."""
    gone: int
    """Picked by hand, and no longer there, or not the actor's to see."""
    out_of_sight: int
    """Of those changing: the actor would not see them any more."""
    examples: list[str]
    refused: int = 0
    """Not made to these, whatever their number."""
    refusals: list[Refusal] = []


class BulkChange(BaseModel, frozen=True):
    id: int
    kind: Kind
    action: Action
    becomes_name: str | None
    """The label, owner, company, stage, closing reason or status, or the record that they were linked to or unlinked
    from; None also where it is gone, or not the actor's to see."""
    changed: int
    created_by: int
    created_by_name: str
    created_at: datetime
    undone_at: datetime | None
    left: int
    """Records that taking it back has left as they are."""
    refused: int
    """Records that matched and that it was not made to."""
    closed_on: date | None = None
    linked_kind: str | None = None
    """The kind of record that they were linked to or unlinked from."""


class Outlook(BaseModel, frozen=True):
    """What taking a change back would do now."""

    put_back: int
    left: dict[str, int]
    """How many would stay as they are, by reason."""


class Undone(BaseModel, frozen=True):
    put_back: int
    left: int


class Left(BaseModel, frozen=True):
    """A record that a change, or taking it back, has left as it is. Without a name, the actor may not see it."""

    id: int | None
    name: str | None
    because: str


Reasoned = TypeVar("Reasoned", Refusal, Left)


def translated(found: Reasoned) -> Reasoned:
    """With the reason, which is stored in English, in the language of whoever reads it."""
    return found.model_copy(update={"because": tr(found.because)})
