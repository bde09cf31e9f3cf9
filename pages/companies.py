"""Companies: find, narrow, change many at once, open or add one."""

from crm import companies
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
            Shown("updated_at", "Last changed"),
        ),
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
        form=company_form.LAYOUT,
        listens=("contact",),
    )
)
