"""The verbs of deals that come from the declaration. Moving is in moving.py, winning and losing in closing.py."""

from crm.deals.declaration import DEAL
from crm.records.verbs import Verbs

_verbs = Verbs(DEAL)
get, find_one, create, edit = _verbs.get, _verbs.find_one, _verbs.create, _verbs.edit
delete, restore, set_labels = _verbs.delete, _verbs.restore, _verbs.set_labels
find, count, fields = _verbs.find, _verbs.count, _verbs.fields
