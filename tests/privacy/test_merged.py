"""Of a person who was two records once, both go."""

import pytest

from crm import contacts
from crm.foundation.errors import NotFound
from crm.privacy import erasing
from crm.records import merging
from crm.verify import verify
from tests.privacy.conftest import in_the_bytes, in_the_tables


def test_what_was_merged_into_the_contact_goes_with_it(store, team, world, erase):
    with store.writing(team.ada) as tx:
        other = contacts.create(tx, name="Zqcanaria P.", email="zqcanary@old.example.com", phone="+5511987654322")
        merging.merge(tx, "contact", world.lia.id, other.id)
        with pytest.raises(NotFound):
            erasing.preview(tx, other.id)
        assert erasing.preview(tx, world.lia.id).merged == 1
    assert erase(world.lia.id).counts["removed"]["contacts"] == 2
    assert in_the_tables(store) == []
    assert in_the_bytes(store.folder) == []
    assert verify(store) == []


def test_of_a_merge_that_was_taken_back_only_the_one_goes(store, team, world, erase):
    with store.writing(team.ada) as tx:
        merging.merge(tx, "contact", world.rui.id, world.lia.id)
        (merge,) = merging.merges_into(tx, "contact", world.rui.id)
        merging.unmerge(tx, "contact", merge.id)
    erase(world.lia.id)
    assert in_the_tables(store) == []
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, world.rui.id).email == "rui@other.com"
    assert verify(store) == []
