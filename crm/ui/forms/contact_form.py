"""The form of a contact."""

from crm.contacts import CONTACT
from crm.foundation.language import later
from crm.ui.forms.layout import FormLayout

LAYOUT = FormLayout(
    CONTACT,
    order=("name", "email", "phone", "city", "country", "identifier", "owner_id"),
    elsewhere=frozenset({"company_id", "team_id"}),
    nothing={"owner_id": later("Nobody")},
    options={"identifier": {"help": later("The customer’s key in another system")}},
    icon=":material/person_add:",
)
