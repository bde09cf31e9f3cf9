"""The schema takes any word for a type of record: each verb that writes one refuses by name those that are none."""

from collections.abc import Callable

import pytest

from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.records import attachments, attributes, bulk, duplicates, merging, notes, restoring, segments
from crm.records.listing import ListQuery
from crm.store import Store, Writing

WRITES: dict[str, Callable[[Writing], object]] = {
    "note": lambda tx: notes.add(tx, "course", 1, "x"),
    "file": lambda tx: attachments.attach(tx, "course", 1, sha256="x", file_name="x", size=1, media_type="x"),
    "attribute": lambda tx: attributes.define(tx, model="course", name="X", type="text"),
    "segment": lambda tx: segments.create(tx, kind="course", name="X", search="x"),
    "bulk change": lambda tx: bulk.apply(tx, "course", ListQuery(), bulk.Change(action=bulk.Action.DELETE)),
    "merge": lambda tx: merging.merge(tx, "course", 1, 2),
    "scan for duplicates": lambda tx: duplicates.scan(tx, "course"),
    "restoring": lambda tx: restoring.restore(tx, [("course", 1)]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_an_unknown_kind_of_record_is_refused_by_name(store: Store, write: Callable[[Writing], object]) -> None:
    with pytest.raises(Invalid, match="“course”") as refusal, store.writing(SYSTEM) as tx:
        write(tx)
    assert "contact" in str(refusal.value)
    assert refusal.value.field in ("kind", "subject_kind", "model")
