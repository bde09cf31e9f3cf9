"""The verbs of deals that come from the declaration. Moving is in moving.py, winning and losing in closing.py."""

from crm.deals.declaration import DEAL
from crm.deals.record import Deal
from crm.deals.versions import note_each
from crm.records.verbs import Verbs
from crm.store import Writing

_verbs = Verbs(DEAL)
get, find_one, create, edit = _verbs.get, _verbs.find_one, _verbs.create, _verbs.edit
delete, set_labels = _verbs.delete, _verbs.set_labels
find, count, fields = _verbs.find, _verbs.count, _verbs.fields


def restore(tx: Writing, deal_id: int) -> Deal:
    """Restore a deal from the bin, in its former stage. Raises Duplicate where another deal has its identifier now."""
    deal = _verbs.restore(tx, deal_id)
    note_each(tx, "SELECT $id::BIGINT", id=deal_id)  # its contact may have been deleted for good meanwhile
    return deal
