"""Duplicates: pairs of records that may be one, compared side by side, merged or marked as not duplicates."""

from crm.foundation.access import Permission
from crm.ui import session, undo
from crm.ui.duplicates import find_other, inbox, side_by_side
from crm.ui.duplicates.address import Place

session.require(Permission.MANAGE_CONTACTS)
place = Place.here()
if place.left and place.right:
    side_by_side.show(place)
elif place.left:
    find_other.show(place)
else:
    inbox.show(place)
undo.show()
