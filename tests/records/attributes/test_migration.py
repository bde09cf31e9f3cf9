"""A store from before lists had values of their own."""

from pathlib import Path

import duckdb

from crm import contacts
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.records import attributes
from crm.store import Store
from crm.store.migrate import MIGRATIONS
from crm.verify import verify


def old_store(folder: Path) -> None:
    """As the first release left it: contacts with a list, a text and a number; companies with none; a list of deals
    that no deal has."""
    folder.mkdir()
    connection = duckdb.connect(str(folder / "crm.duckdb"))
    for number, path in enumerate(sorted(MIGRATIONS.glob("*.sql"))[:2], start=1):
        connection.execute(path.read_text())
        connection.execute("INSERT INTO base.migrations VALUES (?, ?, ?)", [number, path.stem, clock.now()])
    for model, key, type_ in (
        ("contact", "size", "list"),
        ("contact", "note", "text"),
        ("contact", "age", "number"),
        ("deal", "size", "list"),
    ):
        connection.execute(
            """
            INSERT INTO base.attributes (model, key, name, type, position, created_at)
            VALUES (?, ?, upper(?), ?, 1, now())
            """,
            [model, key, key, type_],
        )
        column = "DOUBLE" if type_ == "number" else "VARCHAR"
        connection.execute(f"ALTER TABLE base.{model}_attributes ADD COLUMN a_{key} {column}")
    connection.execute(
        """
        INSERT INTO base.contacts (name, search, created_at, updated_at)
        SELECT 'C' || n, 'c' || n, now(), now() FROM range(4) AS numbers(n)
        """
    )
    connection.execute(
        """
        INSERT INTO base.contact_attributes (id, a_size, a_note, a_age)
        VALUES (1, 'Small', 'x', 1), (2, 'Large', 'y', 2), (3, 'Small', NULL, 3), (4, NULL, 'z', NULL)
        """
    )
    connection.close()


def test_what_records_hold_becomes_what_may_be_chosen(tmp_path: Path) -> None:
    old_store(tmp_path / "store")
    store = Store(tmp_path / "store", threads=1)
    with store.writing(SYSTEM) as tx:
        known = {one.key: one.values for one in attributes.definitions(tx, "contact")}
        assert known == {"size": ("Large", "Small"), "note": (), "age": ()}
        assert [one.values for one in attributes.definitions(tx, "deal")] == [()]
        assert contacts.get(tx, 1).attributes == {"size": "Small", "note": "x", "age": 1.0}
        assert attributes.add_values(tx, 1, ["Huge"]).version == 2
        assert contacts.edit(tx, 1, attributes={"size": "huge"}).attributes["size"] == "Huge"
    assert verify(store) == []
    store.close()
