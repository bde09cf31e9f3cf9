"""The form of a company."""

from crm.companies import COMPANY
from crm.ui.forms.layout import FormLayout

LAYOUT = FormLayout(
    COMPANY,
    order=("name", "domain", "description", "owner_id"),
    elsewhere=frozenset({"team_id"}),
    nothing={"owner_id": "Nobody"},
    icon=":material/domain_add:",
)
