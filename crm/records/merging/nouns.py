"""What can be merged, and what a merge has to know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm import companies, contacts
from crm.companies import Company, owning
from crm.companies import record as company_record
from crm.companies import validation as company_particulars
from crm.contacts import Contact
from crm.contacts import matching as contact_matching
from crm.contacts import record as contact_record
from crm.contacts import validation as contact_particulars
from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import NotFound
from crm.store import Reading, Writing

Record = Contact | Company


@dataclass(frozen=True)
class Noun:
    kind: str
    plural: str
    fields: Mapping[str, str]
    """The fields that a person chooses between, and their labels."""
    beside: Mapping[str, str]
    """The field that names the record to which another field points: owner_id, owner_name."""
    module: Module | None
    get: Callable[..., Record]
    as_left: Callable[[Writing, int], Record]
    key_columns: tuple[str, ...]
    keys: Callable[[Mapping[str, Any]], Mapping[str, str | None]]
    refuse_taken: Callable[[Reading, Mapping[str, Any], int], None]
    refuse_nobody: Callable[[Mapping[str, Any]], None]
    """Where the fields say nothing of who it is."""
    refuse_foreign: Callable[[Actor, Any], None]
    """Where the actor sees the record and may not change it."""
    search_of: Callable[[Mapping[str, Any]], str]

    @property
    def table(self) -> str:
        return self.plural

    @property
    def attributes(self) -> str:
        return f"{self.kind}_attributes"

    def require(self, tx: Reading) -> None:
        tx.require(Permission.MANAGE_CONTACTS, self.module)


NOUNS = {
    "contact": Noun(
        kind="contact",
        plural="contacts",
        fields={
            "name": "Name",
            "email": "Email",
            "phone": "Phone",
            "identifier": "Identifier",
            "company_id": "Company",
            "city": "City",
            "country": "Country",
            "owner_id": "Owner",
            "team_id": "Team",
            "blocked": "Blocked",
        },
        beside={"company_id": "company_name", "owner_id": "owner_name", "team_id": "team_name"},
        module=None,
        get=contacts.get,
        as_left=contact_record.as_left,
        key_columns=("email_key", "phone_key", "identifier_key"),
        keys=contact_matching.keys,
        refuse_taken=lambda tx, fields, own_id: contact_matching.refuse_taken(tx, fields, own_id=own_id),
        refuse_nobody=contact_particulars.refuse_nobody,
        refuse_foreign=lambda actor, contact: None,  # each that one sees is one's own
        search_of=contacts.search_of,
    ),
    "company": Noun(
        kind="company",
        plural="companies",
        fields={
            "name": "Name",
            "domain": "Domain",
            "description": "Description",
            "owner_id": "Owner",
            "team_id": "Team",
        },
        beside={"owner_id": "owner_name", "team_id": "team_name"},
        module=Module.COMPANIES,
        get=companies.get,
        as_left=company_record.as_left,
        key_columns=("domain_key",),
        keys=lambda fields: {"domain_key": fields["domain"]},
        refuse_taken=lambda tx, fields, own_id: company_particulars.refuse_taken(tx, fields["domain"], own_id=own_id),
        refuse_nobody=lambda fields: None,  # each of the two has a name
        refuse_foreign=owning.refuse_foreign,
        search_of=company_particulars.search_of,
    ),
}


def kind_of(record: Record) -> str:
    return "contact" if isinstance(record, Contact) else "company"


def noun(kind: str) -> Noun:
    found = NOUNS.get(kind)
    if found is None:
        raise NotFound("kind of record to merge")
    return found
