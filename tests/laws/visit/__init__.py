"""Visits: declared, with a table, and nothing by hand."""

from crm.records.verbs import Verbs
from tests.laws.visit.declaration import VISIT

_verbs = Verbs(VISIT)
get, find_one, create, edit = _verbs.get, _verbs.find_one, _verbs.create, _verbs.edit
delete, restore, set_labels = _verbs.delete, _verbs.restore, _verbs.set_labels
find, count, fields = _verbs.find, _verbs.count, _verbs.fields
