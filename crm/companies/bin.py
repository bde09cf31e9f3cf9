"""Deleting companies, and bringing them back within 30 days."""

from crm.companies.owning import refuse_foreign
from crm.companies.record import Company, get
from crm.companies.validation import refuse_taken
from crm.foundation.access import Module, Permission
from crm.records import bin as the_bin
from crm.records.bin import Bin
from crm.store import Writing

BIN = Bin("company", "companies", ("domain_key",))


def delete(tx: Writing, company_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its contacts and deals stay, and are its own
    again once it is back; its domain is free at once."""
    tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    company = get(tx, company_id, version=version)
    refuse_foreign(tx.actor, company)
    the_bin.put(tx, BIN, company_id, name=company.name)


def restore(tx: Writing, company_id: int) -> Company:
    """Back from the bin; Duplicate where another company has taken its domain since."""
    tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    found = the_bin.waiting(tx, BIN, company_id)
    refuse_taken(tx, found["domain"])
    the_bin.take_out(tx, BIN, company_id, {"domain_key": found["domain"]}, name=found["name"])
    return get(tx, company_id)
