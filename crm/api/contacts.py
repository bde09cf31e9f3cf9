"""What only contacts do: being blocked."""

from fastapi import Response

from crm import contacts
from crm.api import records
from crm.api.changes import Changing
from crm.api.shapes import PathId
from crm.contacts import CONTACT, Contact

router = records.router(CONTACT)


@router.post("/{id}/block", response_model=Contact)
def block_contact(change: Changing, contact_id: PathId) -> Response:
    return change.make(lambda tx: contacts.block(tx, contact_id))


@router.post("/{id}/unblock", response_model=Contact)
def unblock_contact(change: Changing, contact_id: PathId) -> Response:
    return change.make(lambda tx: contacts.unblock(tx, contact_id))
