"""A store of before the feed: notifications go on from where they were, and what was kept then is told, too."""

from pathlib import Path

import duckdb
import pytest

from crm.foundation.access import SYSTEM
from crm.notifications.log import READER
from crm.records import feed
from crm.store import Store
from crm.store.migrate import MIGRATIONS

FEED = next(place for place, path in enumerate(sorted(MIGRATIONS.glob("*.sql"))) if path.stem == "0025_feed")


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """Three events, two of them told of; an import that made one contact and changed another."""
    folder = tmp_path / "store"
    folder.mkdir()
    connection = duckdb.connect(str(folder / "crm.duckdb"))
    for path in sorted(MIGRATIONS.glob("*.sql"))[:FEED]:
        connection.execute(path.read_text())
        connection.execute("INSERT INTO base.migrations VALUES (?, ?, now())", [int(path.name[:4]), path.stem])
    connection.execute(
        """
        INSERT INTO base.events VALUES
            (1, now(), 0, 'Mallard', 'system', 'user.enabled', 'user', 1, '{}', 'a'),
            (2, now(), 1, 'Ada', 'import', 'import.applied', 'import', 1, '{}', 'b'),
            (3, now(), 0, 'Mallard', 'system', 'user.disabled', 'user', 1, '{}', 'c');
        INSERT INTO base.import_changes (import_id, line, subject_kind, subject_id, change, before) VALUES
            (1, 2, 'contact', 1, 'created', NULL),
            (1, 3, 'contact', 2, 'updated', '{"city":"Recife","a_size":3}');
        UPDATE base.told_until SET seq = 2;
        """
    )
    connection.close()
    return folder


def test_the_cursor_and_the_changes_of_before_are_there(former: Path) -> None:
    store = Store(former)
    with store.reading(SYSTEM) as tx:
        assert feed.position(tx, READER) == feed.Position(3)
        made, changed = feed.changes(tx, kinds=["contact"])
    store.close()
    assert (made.event, made.before, made.after) == ("contact.created", None, {})
    assert (changed.event, changed.before, changed.after) == (
        "contact.changed",
        {"city": "Recife", "attribute:size": 3},
        {},
    )
