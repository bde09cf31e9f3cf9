"""Companies: find, narrow, change many at once, open or add one."""

from crm import companies
from crm.foundation.language import later
from crm.ui.components.quick_filters import Quick
from crm.ui.forms import company_form
from crm.ui.lists import list_page
from crm.ui.lists.layout import ATTRIBUTES, ListLayout, Shown

list_page.show(
    ListLayout(
        companies.COMPANY,
        columns=(
            Shown("name", settings={"width": 280}),
            "domain",
            "contact_count",
            "owner_id",
            "created_at",
            ATTRIBUTES,
        ),
        further=(
            Shown("description", settings={"width": 300}),
            "team_id",
            Shown("updated_at", later("Last changed")),
        ),
        sorts={
            "name": later("Name, A to Z"),
            "-name": later("Name, Z to A"),
            "-created_at": later("Newest first"),
            "created_at": later("Oldest first"),
            "-updated_at": later("Last changed first"),
            "domain": later("Domain"),
            "owner": later("Owner"),
        },
        quick=(
            Quick("owner_id", later("Owner"), "is", nobody=later("Nobody")),
            Quick("domain", later("Domain contains"), "contains"),
            Quick("description", later("Description contains"), "contains"),
            Quick("created_at", later("Created"), "in_last_days"),
        ),
        form=company_form.LAYOUT,
        listens=("contact",),
    )
)
