"""Companies: find one among any number of them, change many at once, open one, add one."""

from crm import companies
from crm.records import attributes
from crm.records.bulk import Action
from crm.store import Reading
from crm.ui import words
from crm.ui.components.quick_filters import Quick
from crm.ui.forms import record_form
from crm.ui.lists import whole
from crm.ui.lists.noun import Column, Noun, attribute_columns


def columns(tx: Reading) -> list[Column]:
    zone = tx.actor.time_zone
    return [
        Column("name", "Name", lambda row: row["name"], {"width": 280}),
        Column("domain", "Domain", lambda row: row["domain"]),
        Column("contacts", "Contacts", lambda row: row["contact_count"]),
        Column("owner", "Owner", lambda row: row["owner_name"]),
        Column("created_at", "Created", lambda row: words.moment(row["created_at"], zone)),
        *attribute_columns(attributes.definitions(tx, "company")),
        Column("description", "Description", lambda row: row["description"], {"width": 300}, at_first=False),
        Column("team", "Team", lambda row: row["team_name"], at_first=False),
        Column("updated_at", "Last changed", lambda row: words.moment(row["updated_at"], zone), at_first=False),
    ]


whole.show(
    Noun(
        kind="companies",
        one="company",
        find=companies.find,
        fields=companies.fields,
        sorts={
            "name": "Name, A to Z",
            "-name": "Name, Z to A",
            "-created_at": "Newest first",
            "created_at": "Oldest first",
            "-updated_at": "Last changed first",
            "domain": "Domain",
            "owner": "Owner",
        },
        quick=(
            Quick("owner_id", "Owner", "is", nobody="Nobody"),
            Quick("domain", "Domain contains", "contains"),
            Quick("description", "Description contains", "contains"),
            Quick("created_at", "Created", "in_last_days"),
        ),
        columns=columns,
        actions=(Action.SET_OWNER, Action.DELETE),
        form=record_form.COMPANY,
        placeholder="Name or domain",
        listens=("company", "contact"),
    )
)
