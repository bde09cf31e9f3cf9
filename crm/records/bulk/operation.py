"""A bulk operation: its words, its SQL, what the change feed says of it, and the few steps that are not SQL.

In the SQL, `record` is the stored row, `$becomes` its new value, `change` the row of `bulk_changes`, and in an undo
`row` the record's row of `bulk_change_rows`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from crm.foundation.access import Actor, Module
from crm.records.bulk.model import Change
from crm.records.filters import Clause
from crm.store import Reading, Writing

if TYPE_CHECKING:
    from crm.records.declaration import RecordType

NONE_REFUSED = pl.DataFrame(schema={"id": pl.Int64, "because": pl.String})


@dataclass(frozen=True)
class Aim:
    """The checked new value. `becomes`: the id that the records are to hold; `values`: {column of `bulk_changes`:
    value}, each a parameter of that name in the SQL."""

    becomes: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        return {"becomes": self.becomes, **self.values}


def _no_aim(tx: Reading, of: "RecordType[Any]", change: Change) -> Aim:
    return Aim()


Pair = tuple[str, str]
"""SQL of what something was before the change, and of what it became."""


@dataclass(frozen=True)
class FieldChange:
    """A field that an operation changes, as SQL. The change feed has it for the records in which the two differ."""

    before: str
    after: str
    beside: Mapping[str, Pair] = field(default_factory=dict)
    """What goes along with it, such as the names of what the ids point to."""


@dataclass(frozen=True, kw_only=True)
class FeedRow:
    """What the change feed says of each record that an operation changed.

    In the SQL, `change` is the row of `bulk_changes`, `row` that of `bulk_change_rows`. All is stated as it was when
    the change was made; of an undo the feed swaps the two sides.
    """

    event: str = "'changed'"
    """SQL of the event's name without the kind of record: `'labelled'`."""
    undone: str = ""
    """The same for the undo, where that is another event."""
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    joins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """{alias: (table, SQL of the id of its row)}: further rows that the expressions read."""


@dataclass(frozen=True, kw_only=True)
class BulkOperation:
    label: str
    """What it is called: Set owner."""
    icon: str
    """A Material symbol: person."""
    done: str
    """What was done, as a sentence with `{many}` records and the `{name}` of what they became, in Markdown."""
    done_unnamed: str = ""
    """The same where they became nothing that has a name."""
    feed: FeedRow | None = None
    """None where `after` and `put_back` record an event of their own, by which the feed tells of each record."""
    already: str
    """SQL condition: the change would leave the record as it is."""
    aim: "Callable[[Reading, RecordType[Any], Change], Aim]" = _no_aim
    """Checks the change, and returns the new value. Raises Invalid, or NotFound."""
    aim_made: Callable[[Writing, Change, Aim], Aim] | None = None
    """Creates the new value where it does not exist yet: a label."""
    joins: str = ""
    """SQL joins to other tables that the expressions read."""
    was: str = "NULL"
    """SQL of the id that the record holds before the change, for the undo."""
    sets: str = ""
    """The SET list of the change; empty where only other tables are written, as with labels."""
    back: str = ""
    """The SET list of the undo."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """{column of `bulk_change_rows`: SQL}, in addition to `was`, for the undo or the change feed."""
    writes: Mapping[str, str] = field(default_factory=dict)
    """{name: SQL over all records that will be changed}, further columns of `changing` for `sets`."""
    refused: Callable[[Reading, Clause, Aim], pl.DataFrame] | None = None
    """Finds the records that must not be changed: a frame of `id` and `because`. The clause is what follows SELECT for
    all that would be changed."""
    after: "Callable[[Writing, RecordType[Any], Aim, int], None] | None" = None
    """Writes other tables once the records are changed, for the change with this id; `changing` holds these."""
    put_back: "Callable[[Writing, RecordType[Any], int], None] | None" = None
    """The undo of `after` for the change with this id, before the records are put back; `undoing` holds these."""
    before_undo: "Callable[[Reading, RecordType[Any], int], None] | None" = None
    """Refuses the undo of the change with this id as a whole."""
    lost: str = ""
    """WHEN branches with reasons why a record is not put back, in addition to those of every change."""
    moves_owner: bool = False
    """Under owner-based privacy, its maker may not see the records any more."""
    hides: str = "false"
    """SQL condition: somebody who does not see everything will not see the record any more."""
    changes_records: bool = True
    """It changes the records themselves: they get a new version, and must be the actor's to change. Else the undo asks
    nothing of their versions."""
    sets_fields: bool = False
    """It writes fields of the record: `Hooks.after_set` is called."""
    deletes: bool = False
    """It puts records into the bin: until an undo, other records may take their keys. `Hooks.after_set` is called."""
    module: Module | None = None
    """Without it, the operation is refused."""
    offered: "Callable[[RecordType[Any], Actor], bool] | None" = None
    """Whether there is anything for the actor to choose."""
    becomes_name: str = "NULL"
    """SQL of the name of the new value."""
