"""Each fault that `crm verify` looks for is made, and found."""

import pytest

from crm.foundation.access import SYSTEM
from crm.records import attributes
from crm.store import Store
from crm.store.events import REDACTING, redact
from crm.verify import verify
from tests.people import Team
from tests.store.test_store import add_contact


def test_a_sound_store_has_no_faults(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        add_contact(tx, "Ana")
    assert verify(store) == []


def test_an_altered_event_breaks_the_chain(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.events SET actor_name = 'Mallory' WHERE seq = 2")
    assert "Event 2 of the log" in verify(store)[0]


def test_a_removed_event_is_missed(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("DELETE FROM base.events WHERE seq = 3")
    assert "misses event 3" in verify(store)[0]


def test_an_event_that_an_erasure_emptied_is_accepted_as_the_erasure_says_and_in_no_other_form(
    store: Store, team: Team
) -> None:
    with store.writing(team.ana) as tx:
        contact = add_contact(tx, "Lia")
        seq = tx.value("SELECT max(seq) FROM base.events")
    with store.writing(SYSTEM) as tx:
        tx.record(REDACTING, "contact", contact, erasure=1, redacted=redact(tx, {seq: '{"erased": 1}'}))
    assert verify(store) == []
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.events SET particulars = '{}' WHERE seq = $seq", seq=seq)
    assert f"Event {seq} of the log" in verify(store)[0]


def test_an_event_emptied_by_two_erasures_is_what_the_second_says(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        tx.record("contact.deleted", "contact", 1, other="Lia", name="Rui")
        seq = tx.value("SELECT max(seq) FROM base.events")
    for text in ('{"other": "[erased]", "name": "Rui"}', "{}"):
        with store.writing(SYSTEM) as tx:
            tx.record(REDACTING, "contact", 1, erasure=1, redacted=redact(tx, {seq: text}))
    assert verify(store) == []


def test_an_orphan_is_found(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Lost", owner_id=999)
    assert verify(store) == ["1 rows of contacts name a owner_id not held by users, such as 999."]


def test_a_key_kept_in_the_bin_is_found(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Binned", email="a@b.co")
        tx.run("UPDATE base.contacts SET deleted_at = $now", now=tx.now)
    assert "in the bin that still holds a key" in verify(store)[0]


def test_a_deal_that_stands_elsewhere_than_its_history_is_found(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("INSERT INTO base.pipelines (id, name, position, created_at) VALUES (1, 'P', 1, $now)", now=tx.now)
        for stage, kind in ((1, "open"), (2, "won"), (3, "lost")):
            tx.run(
                """
                INSERT INTO base.stages (id, pipeline_id, name, colour, position, probability, kind)
                VALUES ($id, 1, $kind, 'blue', $id, 0, $kind)
                """,
                id=stage,
                kind=kind,
            )
        tx.run(
            """
            INSERT INTO base.deals (id, title, pipeline_id, stage_id, rank, currency, search, created_at, updated_at)
            VALUES (1, 'D', 1, 2, 0, 'BRL', 'd', $now, $now)
            """,
            now=tx.now,
        )
    faults = verify(store)
    assert any("closing day and stage disagree" in fault for fault in faults)
    assert any("stands elsewhere than its movement history" in fault for fault in faults)


@pytest.fixture
def sizes(store: Store, team: Team) -> None:
    """A contact's size, and a contact's colour (number 2) and a deal's size (3) in the bin of attributes."""
    with store.writing(team.ada) as tx:
        for model, name in (("contact", "Size"), ("contact", "Colour"), ("deal", "Size")):
            attributes.define(tx, model=model, name=name, type="text")
        for attribute_id in (2, 3):
            attributes.delete(tx, attribute_id)


def test_attributes_and_their_columns_agree_alive_and_in_the_bin(store: Store, sizes: None) -> None:
    assert verify(store) == []


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        (
            "DELETE FROM base.attributes WHERE key = 'size'",
            ["The column a_size of contact_attributes belongs to no attribute."],
        ),
        (
            "DELETE FROM base.deleted_attributes WHERE id = 3",
            ["The column d_3 of deal_attributes belongs to no attribute."],
        ),
        (
            "UPDATE base.attributes SET model = 'company' WHERE key = 'size'",
            [
                "The attribute “Size” has no column a_size in company_attributes.",
                "The column a_size of contact_attributes belongs to no attribute.",
            ],
        ),
        (
            "ALTER TABLE base.contact_attributes DROP COLUMN d_2",
            ["The deleted attribute “Colour” has no column d_2 in contact_attributes."],
        ),
    ],
)
def test_an_attribute_without_its_column_and_a_column_without_its_attribute_are_found(
    store: Store, sizes: None, damage: str, faults: list[str]
) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(damage)
    assert verify(store) == faults
