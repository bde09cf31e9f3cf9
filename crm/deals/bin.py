"""Deleting deals, and bringing them back within 30 days."""

from crm.deals.model import Deal, get
from crm.deals.validation import refuse_taken_identifier
from crm.deals.versions import note_each
from crm.foundation.access import Module, Permission
from crm.records import bin as the_bin
from crm.records.bin import Bin
from crm.store import Writing

BIN = Bin("deal", "deals", ("identifier_key",))


def delete(tx: Writing, deal_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its identifier is free again at once."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    the_bin.put(tx, BIN, deal_id, title=deal.title)


def restore(tx: Writing, deal_id: int) -> Deal:
    """Back from the bin, where it stood; Duplicate where another deal has taken its identifier since."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    found = the_bin.waiting(tx, BIN, deal_id)
    if found["identifier"]:
        refuse_taken_identifier(tx, found["identifier"], deal_id)
    the_bin.take_out(tx, BIN, deal_id, {"identifier_key": found["identifier"]}, title=found["title"])
    note_each(tx, "SELECT $id::BIGINT", id=deal_id)  # its contact may have gone for good meanwhile
    return get(tx, deal_id)
