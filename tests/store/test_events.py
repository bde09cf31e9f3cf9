"""The log: chained, and readable as one record's history."""

import json
from datetime import UTC, datetime, timedelta

from crm.foundation.access import SYSTEM, Source
from crm.store import Store, events
from crm.store.head import GENESIS
from tests.people import Team


def link(actor_name: str = "Mallard", **particulars: object) -> events.Link:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return events.next_link(GENESIS, moment, SYSTEM, "deal.moved", "deal", 7, particulars).model_copy(
        update={"actor_name": actor_name}
    )


def test_every_field_counts_in_the_hash() -> None:
    plain = link(a=1)
    assert events.chain(GENESIS.hash, plain) == plain.hash
    for field, value in {
        "seq": 2,
        "happened_at": plain.happened_at + timedelta(microseconds=1),
        "actor_id": 9,
        "actor_name": "Mallory",
        "door": "api",
        "name": "deal.won",
        "subject_kind": "contact",
        "subject_id": 8,
        "particulars": "{}",
    }.items():
        assert events.chain(GENESIS.hash, plain.model_copy(update={field: value})) != plain.hash, field
    assert events.chain("1" * 64, plain) != plain.hash


def test_the_history_of_a_record_is_its_own_and_newest_first(store: Store, team: Team) -> None:
    with store.writing(team.ana.through(Source.API)) as tx:
        tx.record("deal.created", "deal", 7, title="Straße 🦆")
        tx.record("deal.created", "deal", 8, title="Other")
        tx.record("deal.moved", "contact", 7)
        tx.record("deal.moved", "deal", 7)
    with store.writing(team.bob) as tx:
        tx.record("deal.changed", "deal", 7, changes={"title": ["Straße 🦆", "New"]})
    with store.reading(team.ana) as tx:
        found = events.history(tx, "deal", 7)
    assert [(e.name, e.actor_name, e.source) for e in found] == [
        ("deal.changed", "Bob", "page"),
        ("deal.moved", "Ana", "api"),
        ("deal.created", "Ana", "api"),
    ]
    assert found[2].payload == {"title": "Straße 🦆"}


def test_a_record_that_came_by_import_tells_so_in_its_history(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("INSERT INTO base.uploads VALUES (1, 'x', 'people.csv', 1, $ada, $now)", ada=team.ids.ada, now=tx.now)
        tx.run(
            """
            INSERT INTO base.imports (id, kind, upload_id, state, options, created_by, created_at, finished_at)
            VALUES (1, 'contacts', 1, 'done', '{}', $ada, $now, $now)
            """,
            ada=team.ids.ada,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.import_changes (import_id, line, subject_kind, subject_id, change, before)
            VALUES (1, 12, 'contact', 7, 'updated', $before)
            """,
            before='{"city":"x"}',
        )
    with store.reading(team.ada) as tx:
        (event,) = events.history(tx, "contact", 7)
    assert (event.name, event.actor_name, event.source) == ("contact.changed", "Ada", "import")
    assert event.payload["line"] == 12
    assert json.loads(event.payload["before"]) == {"city": "x"}


def test_changed_names_only_what_differs() -> None:
    assert events.changed({"a": 1, "b": None}, {"a": 1, "b": 0}) == {"b": [None, 0]}
