"""A bulk operation as SQL, and the few steps that SQL does not say.

In the SQL, `record` is the stored row, `$becomes` its new value, `change` the row of `bulk_changes`; in an undo `row`
is what the change kept of the record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from crm.foundation.access import Module
from crm.records.bulk.model import Change
from crm.records.filters import Clause
from crm.store import Reading, Writing

if TYPE_CHECKING:
    from crm.records.declaration import RecordType

NONE_REFUSED = pl.DataFrame(schema={"id": pl.Int64, "because": pl.String})


@dataclass(frozen=True)
class Aim:
    """What the records become, once it was checked. `becomes`: the id that they are to hold; `values`: by column of
    `bulk_changes` what else is kept of the change, each a parameter of that name in the SQL."""

    becomes: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        return {"becomes": self.becomes, **self.values}


def _no_aim(tx: Reading, of: "RecordType[Any]", change: Change) -> Aim:
    return Aim()


@dataclass(frozen=True, kw_only=True)
class BulkOperation:
    already: str
    """The record is as wanted."""
    aim: "Callable[[Reading, RecordType[Any], Change], Aim]" = _no_aim
    """Refuses what makes no sense; what the records become."""
    aim_made: Callable[[Writing, Change, Aim], Aim] | None = None
    """Makes what they become, where it is not there yet."""
    joins: str = ""
    """What the expressions read beside the record."""
    was: str = "NULL"
    """The id that the record held, for the undo."""
    sets: str = ""
    """A SET list. Labels have rows of their own instead."""
    back: str = ""
    """The SET list of the undo."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """Columns of `bulk_change_rows` that the undo or the change feed needs beside `was` → SQL."""
    writes: Mapping[str, str] = field(default_factory=dict)
    """What `sets` names as `changing.<name>` beside these → SQL, over all that will be changed."""
    refused: Callable[[Reading, Clause, Aim], pl.DataFrame] | None = None
    """`id` and `because` of records that are not changed; the clause is what follows SELECT for all that would be."""
    after: "Callable[[Writing, RecordType[Any], Aim], None] | None" = None
    """What follows in other tables once the records are changed: reads `changing`."""
    put_back: "Callable[[Writing, RecordType[Any], int], None] | None" = None
    """The undo of `after`, for the change of that id, before the records go back: reads `undoing`."""
    lost: str = ""
    """WHEN branches: why a record is not put back, beside what holds for every change."""
    moves_owner: bool = False
    """Under owner-based privacy, who makes it may not see the records any more."""
    sets_fields: bool = False
    """It writes fields of the record, so that `Hooks.after_set` follows."""
    deletes: bool = False
    """Its records lie in the bin until they are put back, and other records may take their keys."""
    module: Module | None = None
    """Without it, the operation is refused."""
    becomes_name: str = "NULL"
    """What the records became, to people."""
