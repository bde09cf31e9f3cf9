"""Quotes made for a person: handed out with all that is held on them, and left without a name when they are erased."""

import json

from crm import deals
from crm.deals import quote
from crm.foundation.access import SYSTEM
from crm.verify import verify
from tests.privacy.conftest import NAME, in_the_tables
from tests.privacy.test_personal_export import archive_of


def test_a_quote_goes_with_what_is_held_on_a_person_and_stays_without_them(store, team, world, erase):
    with store.writing(team.ada) as tx:
        deal_id = tx.value("SELECT id FROM deals WHERE contact_id = $id", id=world.lia.id)
        quote.add(tx, deal_id, name=f"Chair of {NAME}", unit_price=10)
        made = quote.issue(tx, deal_id, note=f"For {NAME}")
        assert made.contact_name == NAME
    [held] = json.loads(archive_of(store, team.ada, world.lia.id)["quotes.json"])
    assert (held["number"], held["lines"][0]["name"]) == (1, f"Chair of {NAME}")
    erase(world.lia.id)
    with store.reading(SYSTEM) as tx:
        [left] = quote.issued(tx, deal_id)
        assert (left.contact_name, left.total, deals.get(tx, deal_id).value) == (None, made.total, 10)
        assert NAME not in left.lines[0].name
    assert in_the_tables(store) == []
    assert verify(store) == []
