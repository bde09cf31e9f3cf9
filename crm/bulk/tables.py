"""What each action does to the records of a list, as SQL. `record` is the stored row, `$becomes` what it is to become;
on the way back `row` is what was kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm import companies, contacts
from crm.access import Module
from crm.bulk.model import Action
from crm.listing import Source


@dataclass(frozen=True)
class Way:
    """`already`: the record is as wanted. `sets` and `back` are SET lists; labels have rows of their own instead."""

    already: str
    sets: str = ""
    back: str = ""
    was: str = "NULL"


@dataclass(frozen=True)
class Table:
    noun: str
    name: str
    source: Source
    shown: str
    """SQL of what names a record, of the columns that visible view, bin and table share."""
    keys: Mapping[str, str]
    """Key column → the column that it is the normal form of."""
    ways: Mapping[Action, Way]
    module: Module | None = None


_LABELLED = "record.id IN (SELECT contact_id FROM base.contact_labels WHERE label_id = $becomes)"

_OWNER = Way(
    already="record.owner_id IS NOT DISTINCT FROM $becomes",
    sets="owner_id = $becomes",
    back="owner_id = row.was",
    was="record.owner_id",
)

TABLES: dict[str, Table] = {
    "contacts": Table(
        noun="contact",
        name="contacts",
        source=contacts.SOURCE,
        shown="coalesce(record.name, record.email, record.phone)",
        keys={"email_key": "email", "phone_key": "phone", "identifier_key": "identifier"},
        ways={
            Action.ADD_LABEL: Way(already=_LABELLED),
            Action.REMOVE_LABEL: Way(already=f"NOT {_LABELLED}"),
            Action.SET_OWNER: _OWNER,
            Action.SET_COMPANY: Way(
                already="record.company_id IS NOT DISTINCT FROM $becomes",
                sets="company_id = $becomes",
                back="company_id = row.was",
                was="record.company_id",
            ),
            Action.BLOCK: Way(already="record.blocked", sets="blocked = true", back="blocked = false"),
            Action.UNBLOCK: Way(already="NOT record.blocked", sets="blocked = false", back="blocked = true"),
            Action.DELETE: Way(
                already="false",
                sets="deleted_at = $now, email_key = NULL, phone_key = NULL, identifier_key = NULL",
                back="""
                    deleted_at = NULL,
                    email_key = row.email_key,
                    phone_key = row.phone_key,
                    identifier_key = row.identifier_key""",
            ),
        },
    ),
    "companies": Table(
        noun="company",
        name="companies",
        source=companies.SOURCE,
        shown="record.name",
        keys={"domain_key": "domain"},
        ways={
            Action.SET_OWNER: _OWNER,
            Action.DELETE: Way(
                already="false",
                sets="deleted_at = $now, domain_key = NULL",
                back="deleted_at = NULL, domain_key = row.domain_key",
            ),
        },
        module=Module.COMPANIES,
    ),
}
