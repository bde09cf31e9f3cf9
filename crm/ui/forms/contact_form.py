"""The form of a contact."""

from crm.contacts import CONTACT
from crm.ui.forms.layout import FormLayout

LAYOUT = FormLayout(
    CONTACT,
    order=("name", "email", "phone", "city", "country", "identifier", "owner_id"),
    elsewhere=frozenset({"company_id", "team_id"}),
    nothing={"owner_id": "Nobody"},
    options={"identifier": {"help": "The customer’s key in another system"}},
    icon=":material/person_add:",
)
