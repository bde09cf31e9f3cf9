"""A bulk operation as SQL. `record` is the stored row, `$becomes` its new value; in an undo `row` is what the change
kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.foundation.access import Module, Permission
from crm.records.bulk.model import Action
from crm.records.listing import Source


@dataclass(frozen=True)
class BulkOperation:
    """`already`: the record is as wanted. `sets` and `back` are SET lists; labels have rows of their own instead."""

    already: str
    sets: str = ""
    back: str = ""
    was: str = "NULL"
    joins: str = ""
    """What the expressions read beside the record. One with a `target` brings deals to a stage of that name."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """Columns of `bulk_change_rows` that the way back or the change feed needs beside `was` → SQL."""
    writes: Mapping[str, str] = field(default_factory=dict)
    """What `sets` names as `changing.<name>` beside these → SQL, over all that will be changed."""

    @property
    def is_arrival(self) -> bool:
        return "target" in self.joins


@dataclass(frozen=True)
class Table:
    noun: str
    name: str
    source: Source
    shown: str
    """SQL of what names a record, of the columns that visible view, bin and table share."""
    keys: Mapping[str, str]
    """Key column → the column that it is the normal form of."""
    operations: Mapping[Action, BulkOperation]
    permission: Permission
    module: Module | None = None
    foreign: str | None = None
    """SQL: that the stored row is seen by the actor and not theirs to change; None where there are no such records."""
    foreign_because: str = ""


def owner() -> BulkOperation:
    return BulkOperation(
        already="record.owner_id IS NOT DISTINCT FROM $becomes",
        sets="owner_id = $becomes",
        back="owner_id = row.was",
        was="record.owner_id",
    )


def labels(noun: str) -> dict[Action, BulkOperation]:
    labelled = f"record.id IN (SELECT {noun}_id FROM base.{noun}_labels WHERE label_id = $becomes)"
    were, name = _label_names(noun), "(SELECT name FROM base.labels WHERE id = $becomes)"
    return {
        Action.ADD_LABEL: BulkOperation(
            already=labelled, keeps={"was_labels": were, "became_labels": f"list_append({were}, {name})"}
        ),
        Action.REMOVE_LABEL: BulkOperation(
            already=f"NOT {labelled}",
            keeps={"was_labels": were, "became_labels": _label_names(noun, "AND link.label_id <> $becomes")},
        ),
    }


def _label_names(noun: str, which: str = "") -> str:
    return f"""coalesce(
        (
            SELECT list(label.name ORDER BY label.name_key)
            FROM base.{noun}_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id
            WHERE link.{noun}_id = record.id {which}
        ),
        []
    )"""
