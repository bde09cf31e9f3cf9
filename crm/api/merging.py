"""Merging contacts or companies that are one, and taking a merge back."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from crm import companies as company_verbs
from crm import contacts as contact_verbs
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.companies import Company
from crm.contacts import Contact
from crm.foundation.access import Module
from crm.records import merging

contacts = APIRouter(prefix="/contacts", tags=["contacts"])
companies = APIRouter(prefix="/companies", tags=["companies"], dependencies=[Depends(needs(Module.COMPANIES))])


class MergeGiven(Body):
    """The record at this address stays; `absorbed_id` goes into it, with everything that belongs to it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"absorbed_id": 17, "take": {"email": 17, "attribute:size": 12}}]}
    )

    absorbed_id: Id
    absorbed_version: int | None = Field(None, description="Refused with 412 where that record has another by now.")
    take: dict[str, Id] = Field(
        {},
        max_length=300,
        description="Field (or `attribute:<key>`) → the id of that one of the two whose value is taken. A field that "
        "is not named keeps the value of the record that stays, or takes the other one's where it has none.",
    )


class PreviewGiven(Body):
    absorbed_id: Id
    take: dict[str, Id] = Field({}, max_length=300, description="As of a merge.")


class UnmergeGiven(Body):
    merge_id: Id


class MergeShown(BaseModel):
    """A merge that stands."""

    id: int
    survivor_id: int
    survivor_name: str
    absorbed_id: int
    absorbed_name: str
    actor_name: str
    created_at: datetime


class ContactPreview(BaseModel):
    """What a merge would make of the contact, but for `version` and `updated_at`, and how many rows of what move."""

    result: Contact
    choices: list[merging.Choice]
    moves: dict[str, int]


class CompanyPreview(BaseModel):
    """As of a contact."""

    result: Company
    choices: list[merging.Choice]
    moves: dict[str, int]


class ContactsApart(BaseModel):
    """Both contacts, and what was changed since and stays as it is."""

    survivor: Contact
    absorbed: Contact
    stayed: list[str]


class CompaniesApart(BaseModel):
    """As of contacts."""

    survivor: Company
    absorbed: Company
    stayed: list[str]


@contacts.post("/{id}/merge", response_model=Contact)
def merge_contact(change: Changing, contact_id: PathId, body: MergeGiven, version: Seen) -> Response:
    """Into one. It is the same as the preview, and can be taken back."""
    return change.make(lambda tx: merging.merge(tx, "contact", contact_id, version=version, **body.model_dump()))


@contacts.post("/{id}/merge/preview", response_model=ContactPreview)
def preview_contact_merge(caller: Calling, contact_id: PathId, body: PreviewGiven) -> Response:
    """What a merge would do; it changes nothing."""
    with caller.reading() as tx:
        planned = merging.preview(tx, "contact", contact_id, body.absorbed_id, body.take)
        return shown(ContactPreview.model_validate(planned, from_attributes=True))


@contacts.get("/{id}/merges", response_model=Listed[MergeShown])
def list_contact_merges(caller: Calling, contact_id: PathId) -> Response:
    """What was merged into the contact and can be taken back, the last first."""
    with caller.reading() as tx:
        contact_verbs.get(tx, contact_id)
        return shown(_listed(merging.merges_into(tx, "contact", contact_id)))


@contacts.post("/{id}/unmerge", response_model=ContactsApart)
def unmerge_contact(change: Changing, contact_id: PathId, body: UnmergeGiven) -> Response:
    """Take back one of its merges: both are as they were, but for what was changed since."""
    return change.make(lambda tx: merging.unmerge(tx, "contact", body.merge_id, survivor_id=contact_id))


@companies.post("/{id}/merge", response_model=Company)
def merge_company(change: Changing, company_id: PathId, body: MergeGiven, version: Seen) -> Response:
    """Into one. It is the same as the preview, and can be taken back."""
    return change.make(lambda tx: merging.merge(tx, "company", company_id, version=version, **body.model_dump()))


@companies.post("/{id}/merge/preview", response_model=CompanyPreview)
def preview_company_merge(caller: Calling, company_id: PathId, body: PreviewGiven) -> Response:
    """What a merge would do; it changes nothing."""
    with caller.reading() as tx:
        planned = merging.preview(tx, "company", company_id, body.absorbed_id, body.take)
        return shown(CompanyPreview.model_validate(planned, from_attributes=True))


@companies.get("/{id}/merges", response_model=Listed[MergeShown])
def list_company_merges(caller: Calling, company_id: PathId) -> Response:
    """What was merged into the company and can be taken back, the last first."""
    with caller.reading() as tx:
        company_verbs.get(tx, company_id)
        return shown(_listed(merging.merges_into(tx, "company", company_id)))


@companies.post("/{id}/unmerge", response_model=CompaniesApart)
def unmerge_company(change: Changing, company_id: PathId, body: UnmergeGiven) -> Response:
    """Take back one of its merges: both are as they were, but for what was changed since."""
    return change.make(lambda tx: merging.unmerge(tx, "company", body.merge_id, survivor_id=company_id))


def _listed(merges: Sequence[merging.Merge]) -> Listed[MergeShown]:
    return whole([MergeShown.model_validate(merge, from_attributes=True) for merge in merges])
