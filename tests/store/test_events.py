"""The log is chained."""

from datetime import UTC, datetime, timedelta

from crm.foundation.access import SYSTEM
from crm.store import events
from crm.store.head import GENESIS


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


def test_changed_names_only_what_differs() -> None:
    assert events.changed({"a": 1, "b": None}, {"a": 1, "b": 0}) == {"b": [None, 0]}
