"""Creates or changes the custom record that another system knows by its own key."""

from collections.abc import Mapping
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import reading, validation, writing
from crm.records.declaration import R, RecordType
from crm.store import Writing

KEY = "external_id"


def upsert(
    tx: Writing, of: RecordType[R], external_id: str, given: Mapping[str, Any], *, version: int | None = None
) -> tuple[R, bool]:
    """The record with this external id, created from what is given or changed by it, and whether it is new; the same
    again never doubles it. Raises Duplicate where the actor may not see the record that has the id."""
    tx.require(of.permission, of.module)
    key = validation.checked(tx, of, {KEY: external_id})
    if key[KEY] is None or given.get(KEY, external_id) != external_id:
        raise Invalid(tr("Give the external id of the address, and no other."), KEY)
    holder = next((record_id for _, record_id in validation.holders(tx, of, key)), None)
    fields = {**given, **key}
    if holder is None:
        return writing.create(tx, of, fields), True
    # By key past privacy, then by the visible view: a hidden holder is refused without being named, not doubled.
    if reading.find_one(tx, of, holder) is None:
        raise validation.duplicate(tx, of, KEY, key, holder)
    return writing.edit(tx, of, holder, fields, version=version), False
