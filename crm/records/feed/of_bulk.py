"""Bulk changes as a source of the feed: a row for each record that a bulk operation changed, or that its undo put back.

Each operation states its rows (`BulkOperation.feed`): which event they are, and which fields they change. The SQL here
is put together from these statements.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from crm.records import registry
from crm.records.bulk.of_type import operations
from crm.records.bulk.operation import FeedRow, FieldChange
from crm.records.declaration import Trait
from crm.records.feed.kinds import listed

Operation = tuple[str, str]
"""The plural of a type and an action, as `bulk_changes` has them."""


class _Stated(NamedTuple):
    """A statement that operations share, under the number by which the SQL knows it."""

    number: int
    row: FeedRow
    operations: list[Operation]


def rows(which: Collection[Operation] | None = None) -> str:
    """SQL of the rows of the feed, as `sources` has them; of some operations alone where these are given."""
    # With the joins of all operations, planning takes twice as long as with those of one, and reading few rows is
    # mostly planning.
    stated = _stated(which)
    events = " ".join(f"WHEN {one.number} THEN {_event(one.row)}" for one in stated)
    fields = " ".join(f"WHEN {one.number} THEN {_fields(one.row)}" for one in stated if one.row.fields)
    numbers = " ".join(f"WHEN (kind, action) IN ({_pairs(one)}) THEN {one.number}" for one in stated)
    return f"""
    SELECT
        change.seq,
        change.happened_at,
        change.actor_id,
        change.actor_name,
        change.source,
        row.subject_kind,
        row.subject_id,
        row.subject_kind || '.' || {f"CASE change.stated {events} ELSE 'changed' END" if events else "'changed'"},
        concat('{{', {f"CASE change.stated {fields} END" if fields else "NULL"}, '}}') AS changed_fields,
        concat(
            '{{"bulk_change_id":', change.id,
            ',"many":', change.changed,
            ',"undoes":', change.undoes,
            ',"changes":', changed_fields,
            '}}'
        ),
        false,
        NULL,
        NULL
    FROM (
        SELECT
            event.seq,
            event.happened_at,
            event.actor_id,
            event.actor_name,
            event.door AS source,
            event.name = 'bulk_change.undone' AS undoes,
            made.*,
            -- Compared once for each change: as a condition on its rows it would be compared for each record.
            {f"CASE {numbers} END" if numbers else "NULL"} AS stated
        FROM base.events AS event
        JOIN base.bulk_changes AS made ON made.id = event.subject_id
        WHERE event.name IN ('bulk_change.made', 'bulk_change.undone'){_without_own_event()}
    ) AS change
    JOIN base.bulk_change_rows AS row
        ON row.bulk_change_id = change.id AND NOT (change.undoes AND row.left_because IS NOT NULL)
    {" ".join(_joins(stated))}
    """


def _stated(which: Collection[Operation] | None) -> list[_Stated]:
    """The statements of all operations, or of some. Types that have an operation in common mostly state it alike."""
    found: list[_Stated] = []
    for of in registry.having(Trait.BULK):
        for action, operation in operations(of).items():
            name = (of.plural, action.value)
            if operation.feed is None:
                continue
            if which is not None and name not in which:
                continue
            same = next((one for one in found if one.row == operation.feed), None)
            if same:  # one branch and one set of joins for both: each takes time to plan
                same.operations.append(name)
            else:
                found.append(_Stated(len(found), operation.feed, [name]))
    return found


def _without_own_event() -> str:
    """SQL condition that leaves out the changes of which an event of their own tells."""
    actions = {
        action.value
        for of in registry.having(Trait.BULK)
        for action, operation in operations(of).items()
        if operation.feed is None
    }
    return f" AND made.action NOT IN ({listed(sorted(actions))})" if actions else ""


def _pairs(stated: _Stated) -> str:
    return ", ".join(f"('{plural}', '{action}')" for plural, action in stated.operations)


def _event(row: FeedRow) -> str:
    return f"if(change.undoes, {row.undone}, {row.event})" if row.undone else row.event


def _fields(row: FeedRow) -> str:
    return f"concat_ws(',', {', '.join(_field(key, one) for key, one in row.fields.items())})"


def _field(key: str, field: FieldChange) -> str:
    """SQL of `"key":[before,after]` and what stands beside; NULL where the field stays as it is."""
    pairs = {key: (field.before, field.after), **field.beside}
    texts = (
        f"""'"{name}":', if(change.undoes, json_array({after}, {before}), json_array({before}, {after}))"""
        for name, (before, after) in pairs.items()
    )
    joined = ", ',', ".join(texts)
    return f"CASE WHEN {field.before} IS DISTINCT FROM {field.after} THEN concat({joined}) END"


def _joins(stated: list[_Stated]) -> Iterator[str]:
    """Each join once, with a condition on the statements that read it."""
    # Without the condition, the owners of one operation would be looked up by the stages of another: both are
    # numbers in the same column.
    reading: dict[tuple[str, str, str], list[int]] = {}
    for one in stated:
        for alias, (table, record_id) in one.row.joins.items():
            reading.setdefault((alias, table, record_id), []).append(one.number)
    for (alias, table, record_id), numbers in reading.items():
        own = f"change.stated IN ({', '.join(map(str, numbers))})"
        yield f"LEFT JOIN base.{table} AS {alias} ON {alias}.id = {record_id} AND {own}"
