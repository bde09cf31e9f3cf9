"""The lists whose records can be changed many at once, and what can be done to each."""

from crm import companies, contacts
from crm.companies import owning
from crm.deals import DEAL
from crm.foundation.access import Module, Permission
from crm.records import lists
from crm.records.bulk import deal_operations
from crm.records.bulk.model import Action
from crm.records.bulk.operation import BulkOperation, Table, labels, owner

TABLES: dict[str, Table] = {
    "contacts": Table(
        noun="contact",
        name="contacts",
        source=lists.source(contacts.CONTACT),
        shown="coalesce(record.name, record.email, record.phone)",
        keys={"email_key": "email", "phone_key": "phone", "identifier_key": "identifier"},
        permission=Permission.MANAGE_CONTACTS,
        operations=labels("contact")
        | {
            Action.SET_OWNER: owner(),
            Action.SET_COMPANY: BulkOperation(
                already="record.company_id IS NOT DISTINCT FROM $becomes",
                sets="company_id = $becomes",
                back="company_id = row.was",
                was="record.company_id",
            ),
            Action.BLOCK: BulkOperation(already="record.blocked", sets="blocked = true", back="blocked = false"),
            Action.UNBLOCK: BulkOperation(already="NOT record.blocked", sets="blocked = false", back="blocked = true"),
            Action.DELETE: BulkOperation(
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
        source=lists.source(companies.COMPANY),
        shown="record.name",
        keys={"domain_key": "domain"},
        permission=Permission.MANAGE_CONTACTS,
        operations={
            Action.SET_OWNER: owner(),
            Action.DELETE: BulkOperation(
                already="false",
                sets="deleted_at = $now, domain_key = NULL",
                back="deleted_at = NULL, domain_key = row.domain_key",
            ),
        },
        module=Module.COMPANIES,
        foreign=owning.FOREIGN,
        foreign_because=owning.WHY,
    ),
    "deals": Table(
        noun="deal",
        name="deals",
        source=lists.source(DEAL),
        shown="record.title",
        keys={"identifier_key": "identifier"},
        permission=Permission.MANAGE_CRM,
        operations=labels("deal")
        | deal_operations.ARRIVALS
        | {
            Action.SET_OWNER: owner(),
            Action.DELETE: BulkOperation(
                already="false",
                sets="deleted_at = $now, identifier_key = NULL",
                back="deleted_at = NULL, identifier_key = row.identifier_key",
            ),
        },
        module=Module.CRM,
    ),
}


def actions(kind: str) -> tuple[Action, ...]:
    """What can be done to the records of a list, in the order of `Action`."""
    return tuple(action for action in Action if action in TABLES[kind].operations)
