"""Contacts: find anybody among any number of them, narrow the list, change many at once, open one, add one."""

from crm import contacts
from crm.foundation.access import Module
from crm.records import attributes, bulk
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components.quick_filters import Quick
from crm.ui.forms import record_form
from crm.ui.lists import whole
from crm.ui.lists.noun import Column, Noun, attribute_columns

has_companies = session.actor().has(Module.COMPANIES)


def columns(tx: Reading) -> list[Column]:
    zone = tx.actor.time_zone
    company = Column("company", "Company", lambda row: row["company_name"], {"width": 170})
    return [
        Column("name", "Name", lambda row: row["name"] or row["email"] or row["phone"], {"width": 210}),
        *([company] if has_companies else []),
        Column("email", "Email", lambda row: row["email"], {"width": 220}),
        Column("phone", "Phone", lambda row: row["phone"]),
        Column("city", "City", lambda row: row["city"]),
        Column("labels", "Labels", lambda row: row["labels"], {"width": 140}),
        Column("owner", "Owner", lambda row: row["owner_name"]),
        Column("created_at", "Created", lambda row: words.moment(row["created_at"], zone), {"width": 150}),
        *attribute_columns(attributes.definitions(tx, "contact")),
        Column(
            "last_activity_at",
            "Last activity",
            lambda row: words.moment(row["last_activity_at"], zone),
            {"width": 150},
            at_first=False,
            fill=contacts.fill_last_activity,
        ),
        Column("identifier", "Identifier", lambda row: row["identifier"], at_first=False),
        Column("country", "Country", lambda row: row["country"], at_first=False),
        Column("team", "Team", lambda row: row["team_name"], at_first=False),
        Column("blocked", "Blocked", lambda row: row["blocked"], at_first=False),
        Column(
            "updated_at",
            "Last changed",
            lambda row: words.moment(row["updated_at"], zone),
            {"width": 150},
            at_first=False,
        ),
    ]


whole.show(
    Noun(
        kind="contacts",
        one="contact",
        find=contacts.find,
        fields=contacts.fields,
        sorts={
            "-created_at": "Newest first",
            "created_at": "Oldest first",
            "-updated_at": "Last changed first",
            "-last_activity_at": "Last activity first",
            "name": "Name, A to Z",
            "-name": "Name, Z to A",
            **({"company": "Company"} if has_companies else {}),
            "city": "City",
            "owner": "Owner",
        },
        quick=(
            Quick("owner_id", "Owner", "is", nobody="Nobody"),
            *([Quick("company.name", "Company contains", "contains")] if has_companies else []),
            Quick("country", "Country contains", "contains"),
            Quick("city", "City contains", "contains"),
            Quick("label", "Label", "is", nobody="No label"),
            Quick("blocked", "Blocked", "is"),
            Quick("created_at", "Created", "in_last_days"),
            Quick("last_activity_at", "Last activity", "in_last_days"),
        ),
        columns=columns,
        actions=bulk.actions("contacts"),
        form=record_form.CONTACT,
        placeholder="Name, email, phone, identifier" + (", company" if has_companies else ""),
        listens=("contact",),
    )
)
