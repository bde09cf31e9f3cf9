"""The history of one record."""

import json

from crm.foundation.access import Source
from crm.records.history import history
from crm.store import Store
from tests.people import Team

OUTCOMES = {"total": 1, "created": 0, "updated": 1, "unchanged": 0, "skipped": 0, "rejected": 0, "conflicts": 0}


def test_the_history_of_a_record_is_its_own_and_newest_first(store: Store, team: Team) -> None:
    with store.writing(team.ana.through(Source.API)) as tx:
        tx.record("deal.created", "deal", 7, title="Straße 🦆")
        tx.record("deal.created", "deal", 8, title="Other")
        tx.record("contact.blocked", "contact", 7)
        tx.record("deal.moved", "deal", 7, from_stage=1, to_stage=2, changes={})
    with store.writing(team.bob) as tx:
        tx.record("deal.changed", "deal", 7, changes={"title": ["Straße 🦆", "New"]})
    with store.reading(team.ana) as tx:
        found = history(tx, "deal", 7)
    assert [(e.name, e.actor_name, e.source) for e in found] == [
        ("deal.changed", "Bob", "page"),
        ("deal.moved", "Ana", "api"),
        ("deal.created", "Ana", "api"),
    ]
    assert found[2].payload == {"title": "Straße 🦆"}


def test_a_record_that_came_by_import_tells_so_in_its_history(store: Store, team: Team) -> None:
    with store.writing(team.ada.through(Source.IMPORT)) as tx:
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
        tx.record("import.applied", "import", 1, touched=["contact"], made={}, **OUTCOMES)
    with store.reading(team.ada) as tx:
        (event,) = history(tx, "contact", 7)
    assert (event.name, event.actor_name, event.source) == ("contact.changed", "Ada", "import")
    assert event.payload["line"] == 12
    assert json.loads(event.payload["before"]) == {"city": "x"}
