"""Taking a change of many records back: what nothing else touched is put back, the rest is left and listed."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import companies, contacts
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid
from crm.records import attributes, bulk
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store, Writing
from crm.verify import verify
from tests.people import Team

LABEL = Change(action=Action.ADD_LABEL, label="VIP")
DELETE = Change(action=Action.DELETE)


def some_contacts(tx: Writing, many: int = 3) -> list[int]:
    return [
        contacts.create(tx, name=f"P{n}", email=f"p{n}ß@MALLARD.example", identifier=f"I{n}").id for n in range(many)
    ]


def reasons(tx: Writing, change_id: int) -> Counter[str]:
    return Counter(one.because for one in bulk.left(tx, change_id))


def test_what_somebody_touched_since_is_left_and_listed(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        first, second, third = some_contacts(tx)
        made = bulk.apply(tx, "contacts", ListQuery(), LABEL)
    with store.writing(team.bob) as tx:
        contacts.edit(tx, second, city="Porto")
        contacts.delete(tx, third)
    with store.writing(team.ana) as tx:
        assert bulk.outlook(tx, made.id).model_dump() == {
            "put_back": 1,
            "left": {"It was changed since.": 1, "It is in the bin now.": 1},
        }
        undone = bulk.undo(tx, made.id)
        assert (undone.put_back, undone.left) == (1, 2)
        assert contacts.get(tx, first).labels == ()
        assert contacts.get(tx, second).labels == ("VIP",)
        assert reasons(tx, made.id) == {"It was changed since.": 1, "It is in the bin now.": 1}
        named, unseen = bulk.left(tx, made.id)
        assert (named.id, named.name, unseen.id, unseen.name) == (second, "P1", None, None)
        assert bulk.get(tx, made.id).left == 2
        with pytest.raises(Invalid, match="undone already"):
            bulk.undo(tx, made.id)


def test_deleted_contacts_come_back_with_their_keys(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        ids = some_contacts(tx)
        before = tx.rows("SELECT * EXCLUDE (updated_at, version) FROM base.contacts ORDER BY id")
        made = bulk.apply(tx, "contacts", ListQuery(), DELETE)
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Taker", identifier="I1")
        undone = bulk.undo(tx, made.id)
        assert (undone.put_back, undone.left) == (2, 1)
        assert reasons(tx, made.id) == {"Its identifier belongs to another contact now.": 1}
        kept = [row for row in before if row["id"] != ids[1]]
        sql = "SELECT * EXCLUDE (updated_at, version) FROM base.contacts WHERE list_contains($ids, id) ORDER BY id"
        assert tx.rows(sql, ids=[ids[0], ids[2]]) == kept
    assert verify(store) == []


def test_a_label_or_company_that_is_gone_is_not_put_back(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        (one,) = some_contacts(tx, 1)
        aurora = companies.create(tx, name="Aurora")
        contacts.edit(tx, one, company_id=aurora.id)
        away = bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.SET_COMPANY))
        companies.delete(tx, aurora.id)
        bulk.undo(tx, away.id)
        assert reasons(tx, away.id) == {"Its company is in the bin now.": 1}
        contacts.set_labels(tx, one, ["VIP"])
        off = bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.REMOVE_LABEL, label="VIP"))
        tx.run("DELETE FROM base.labels")
        bulk.undo(tx, off.id)
        assert reasons(tx, off.id) == {"The label is gone.": 1}
    assert verify(store) == []


def test_changes_are_taken_back_one_after_the_other_the_last_first(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        (one,) = some_contacts(tx, 1)
        made = [
            bulk.apply(tx, "contacts", ListQuery(), change)
            for change in (LABEL, Change(action=Action.SET_OWNER, owner_id=team.ids.bob), DELETE)
        ]
        for change in reversed(made):
            assert bulk.undo(tx, change.id).put_back == 1
        assert (contacts.get(tx, one).labels, contacts.get(tx, one).owner_name) == ((), "Ana")


def test_an_earlier_change_waits_for_the_later_one(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        some_contacts(tx, 1)
        first = bulk.apply(tx, "contacts", ListQuery(), LABEL)
        bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.BLOCK))
        assert bulk.undo(tx, first.id).left == 1


def test_who_may_no_longer_manage_contacts_takes_nothing_back(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        some_contacts(tx, 1)
        made = bulk.apply(tx, "contacts", ListQuery(), LABEL)
    with pytest.raises(Forbidden), store.writing(team.rui) as tx:  # who sees every change
        bulk.undo(tx, made.id)


CHANGES = some.sampled_from(
    [
        LABEL,
        Change(action=Action.REMOVE_LABEL, label="Partner"),
        Change(action=Action.SET_OWNER),
        Change(action=Action.SET_COMPANY),
        Change(action=Action.BLOCK),
        Change(action=Action.UNBLOCK),
        DELETE,
    ]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=some.lists(CHANGES, min_size=1, max_size=4), picked=some.sets(some.integers(0, 4), min_size=1))
def test_after_taking_everything_back_the_store_is_as_it_was(
    store: Store, team: Team, changes: list[Change], picked: set[int]
) -> None:
    with store.writing(SYSTEM) as tx:
        for table in ("contact_labels", "contact_attributes", "contacts"):
            tx.run(f"DELETE FROM base.{table}")
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora")
        ids = some_contacts(tx, 5)
        contacts.edit(tx, ids[0], company_id=aurora.id, owner_id=team.ids.bob)
        contacts.set_labels(tx, ids[1], ["Partner", "VIP"])
        contacts.block(tx, ids[2])
    with store.writing(team.marta) as tx:
        before = everything(tx)
        made = []
        for change in changes:
            asked = ListQuery(ids=tuple(ids[n] for n in picked))
            if bulk.preview(tx, "contacts", asked, change).changing:
                made.append(bulk.apply(tx, "contacts", asked, change))
        for change_made in reversed(made):
            assert bulk.undo(tx, change_made.id).left == 0
        assert everything(tx) == before


def everything(tx: Writing) -> list[list[object]]:
    assert attributes.definitions(tx, "contact") == []
    return [
        [*tx.rows("SELECT * EXCLUDE (updated_at, version) FROM base.contacts ORDER BY id")],
        [*tx.rows("FROM base.contact_labels ORDER BY ALL")],
    ]
