"""Contacts: find, narrow, change many at once, open or add one."""

from crm import contacts
from crm.foundation.language import later
from crm.ui import session, words
from crm.ui.components.quick_filters import Quick
from crm.ui.forms import contact_form
from crm.ui.lists import list_page
from crm.ui.lists.layout import ATTRIBUTES, ListLayout, Shown

zone = session.actor().time_zone

list_page.show(
    ListLayout(
        contacts.CONTACT,
        columns=(
            Shown("name", settings={"width": 210}),
            Shown("company_id", settings={"width": 170}),
            Shown("email", settings={"width": 220}),
            Shown("phone", settings={"width": 140}),
            Shown("city", settings={"width": 120}),
            Shown("labels", settings={"width": 140}),
            Shown("owner_id", settings={"width": 150}),
            Shown("created_at", settings={"width": 175}),
            ATTRIBUTES,
        ),
        further=(
            Shown(
                "last_activity_at",
                later("Last activity"),
                lambda row: words.moment(row["last_activity_at"], zone),
                {"width": 175},
                fill=contacts.fill_last_activity,
            ),
            "identifier",
            "country",
            "team_id",
            "blocked",
            Shown("updated_at", later("Last changed"), settings={"width": 175}),
        ),
        sorts={
            "-created_at": later("Newest first"),
            "created_at": later("Oldest first"),
            "-updated_at": later("Last changed first"),
            "-last_activity_at": later("Last activity first"),
            "name": later("Name, A to Z"),
            "-name": later("Name, Z to A"),
            "company": later("Company"),
            "city": later("City"),
            "owner": later("Owner"),
        },
        quick=(
            Quick("owner_id", later("Owner"), "is", nobody=later("Nobody")),
            Quick("company.name", later("Company contains"), "contains"),
            Quick("country", later("Country contains"), "contains"),
            Quick("city", later("City contains"), "contains"),
            Quick("label", later("Label"), "is", nobody=later("No label")),
            Quick("blocked", later("Blocked"), "is"),
            Quick("created_at", later("Created"), "in_last_days"),
            Quick("last_activity_at", later("Last activity"), "in_last_days"),
        ),
        searched_too=("company_id",),
        form=contact_form.LAYOUT,
    )
)
