"""The form of a company."""

from crm.companies import COMPANY
from crm.foundation.language import later
from crm.ui.forms.layout import FormLayout

LAYOUT = FormLayout(
    COMPANY,
    order=("name", "domain", "description", "owner_id"),
    elsewhere=frozenset({"team_id"}),
    nothing={"owner_id": later("Nobody")},
    icon=":material/domain_add:",
)
