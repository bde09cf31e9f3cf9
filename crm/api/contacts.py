"""Contacts: the people one sells to."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from crm import contacts
from crm.api.callers import Calling
from crm.api.changes import Changing, Seen
from crm.api.shapes import Attributes, Body, Id, Listed, ListParams, PathId, shown
from crm.contacts import Contact
from crm.store import Writing

router = APIRouter(prefix="/contacts", tags=["contacts"])


class ContactChange(Body):
    """`labels`, where given, are all that the contact is to have; new ones are made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+55 11 98765-4321", "city": None}]})

    name: str | None = None
    email: str | None = None
    phone: str | None = Field(None, description="Any way of writing it; kept as E.164.")
    identifier: str | None = Field(None, description="The customer's key in another system; unique.")
    city: str | None = None
    country: str | None = None
    company_id: Id | None = None
    owner_id: Id | None = None
    team_id: Id | None = None
    labels: list[str] = Field([], max_length=50)
    attributes: Attributes = Field({})

    def fields(self) -> dict[str, Any]:
        return {name: value for name, value in self.given().items() if name != "labels"}


class ContactGiven(ContactChange):
    """At least one of name, email and phone."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Lia Prado", "email": "lia@example.com", "labels": ["vip"]}]}
    )


@router.get("", response_model=Listed[Contact])
def list_contacts(caller: Calling, asked: Annotated[ListParams, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(asked.page(tx, contacts.find, Contact))


@router.post("", status_code=201, response_model=Contact)
def create_contact(change: Changing, body: ContactGiven) -> Response:
    return change.create("contact", lambda tx: _labelled(tx, contacts.create(tx, **body.fields()), body))


@router.get("/{id}", response_model=Contact)
def get_contact(caller: Calling, contact_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(contacts.get(tx, contact_id))


@router.patch("/{id}", response_model=Contact)
def edit_contact(change: Changing, contact_id: PathId, body: ContactChange, version: Seen) -> Response:
    return change.make(lambda tx: _labelled(tx, contacts.edit(tx, contact_id, version=version, **body.fields()), body))


@router.delete("/{id}", status_code=204)
def delete_contact(change: Changing, contact_id: PathId, version: Seen) -> Response:
    """Into the bin, from which it can be restored for 30 days. Its email, phone and identifier are free at once."""
    return change.drop(lambda tx: contacts.delete(tx, contact_id, version=version))


@router.post("/{id}/restore", response_model=Contact)
def restore_contact(change: Changing, contact_id: PathId) -> Response:
    return change.make(lambda tx: contacts.restore(tx, contact_id))


@router.post("/{id}/block", response_model=Contact)
def block_contact(change: Changing, contact_id: PathId) -> Response:
    return change.make(lambda tx: contacts.block(tx, contact_id))


@router.post("/{id}/unblock", response_model=Contact)
def unblock_contact(change: Changing, contact_id: PathId) -> Response:
    return change.make(lambda tx: contacts.unblock(tx, contact_id))


def _labelled(tx: Writing, contact: Contact, body: ContactChange) -> Contact:
    return contacts.set_labels(tx, contact.id, body.labels) if "labels" in body.model_fields_set else contact
