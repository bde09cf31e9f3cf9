"""The models of links, and of the labels that they may have."""

from collections.abc import Sequence
from datetime import date, datetime
from types import EllipsisType
from typing import TypeAlias

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.language import later
from crm.records.subjects import LINKABLE as SUBJECTS

__all__ = ["SUBJECTS", "AsItIs", "Link", "LinkGroup", "LinkLabel", "checked_day"]

AsItIs: TypeAlias = EllipsisType
"""Leaves a label or a day as it is."""


class LinkLabel(BaseModel, frozen=True):
    """What somebody or something is to the records of a type: a student, a guardian."""

    id: int
    object_kind: str
    name: str
    former: tuple[str, ...]
    """Its former names, and those of labels that gave way to it: saved filters may have them."""
    position: int


class Link(BaseModel, frozen=True):
    """A link of a custom record (the object) to a contact or a deal (the subject): at most one for each two."""

    id: int
    object_kind: str
    object_id: int
    object_name: str
    subject_kind: str
    subject_id: int
    subject_name: str
    link_label_id: int | None
    label: str | None
    linked_on: date | None
    created_by: int
    created_at: datetime
    updated_at: datetime
    version: int


class LinkGroup(BaseModel, frozen=True):
    """A page of the links of a record to those of one type, the latest first."""

    kind: str
    """The type of what it is linked to."""
    total: int
    """How many there are, on this page or not."""
    links: Sequence[Link]


def checked_day(day: date) -> date:
    """The day of a link. Raises Invalid where it is beyond the years that the product knows."""
    return bounds.checked_day(day, "linked_on", later("day of the link"))
