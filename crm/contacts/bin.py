"""Deleting contacts, and bringing them back within 30 days."""

from crm.contacts.matching import keys, refuse_taken
from crm.contacts.record import Contact, get
from crm.foundation.access import Permission
from crm.records import bin as the_bin
from crm.records.bin import Bin
from crm.store import Writing

BIN = Bin("contact", "contacts", ("email_key", "phone_key", "identifier_key"))


def delete(tx: Writing, contact_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its keys are free again at once."""
    tx.require(Permission.MANAGE_CONTACTS)
    contact = get(tx, contact_id, version=version)
    the_bin.put(tx, BIN, contact_id, name=contact.shown_name)


def restore(tx: Writing, contact_id: int) -> Contact:
    """Back from the bin; Duplicate where another contact has taken one of its keys since."""
    tx.require(Permission.MANAGE_CONTACTS)
    found = the_bin.waiting(tx, BIN, contact_id)
    refuse_taken(tx, found)
    the_bin.take_out(tx, BIN, contact_id, keys(found), name=found["name"] or found["email"] or found["phone"])
    return get(tx, contact_id)
