"""Record types: those that the team makes without code, and the fields of each."""

from crm.foundation.access import Module, Permission
from crm.ui import session, undo
from crm.ui.objects import listing, place, type_page

session.require(Permission.MANAGE_OBJECTS, Module.OBJECTS)
type_id = place.type_id()
if type_id:
    type_page.show(type_id)
else:
    listing.show()
undo.show()
