"""Creates, edits, deletes and restores a record of any type."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from crm.foundation.errors import Forbidden
from crm.foundation.language import tr
from crm.records import attributes as custom
from crm.records import bin as the_bin
from crm.records import labels, validation
from crm.records.declaration import R, RecordType
from crm.records.edits import as_created, differences
from crm.records.reading import after_change, created, get
from crm.store import Reading, Writing


def create(
    tx: Writing,
    of: RecordType[R],
    given: Mapping[str, Any],
    *,
    attributes: Mapping[str, Any] | None = None,
    keys_free: bool = False,
) -> R:
    """Create a record. By default a rep's new record is their own. Raises Invalid, or Duplicate where another record
    has one of its unique keys; `keys_free`: the caller has looked in this transaction, and none has."""
    tx.require(of.permission, of.module)
    extra = {key: given[key] for key in of.extra_arguments.keys() & given.keys()}
    fields = validation.checked(
        tx, of, with_defaults(tx, of, {k: v for k, v in given.items() if k not in of.extra_arguments})
    )
    extra_columns = of.hooks.before_write(tx, None, fields, extra) if of.hooks.before_write else {}
    if of.hooks.refuse:
        of.hooks.refuse(tx, None, fields)
    if not keys_free:
        # Checked here and not left to UNIQUE: a clash of the engine may raise only at the commit, and names no field.
        validation.refuse_taken(tx, of, fields)
    record_id = insert(tx, of, fields, extra_columns)
    if of.attributes_field:
        custom.write(tx, of.key, record_id, attributes or {})
    record = created(tx, of, record_id)
    if of.hooks.after:
        of.hooks.after(tx, None, record)
    tx.record(f"{of.key}.created", of.key, record_id, **as_created(record, {*of.edited, *of.logged}))
    return record


def edit(
    tx: Writing,
    of: RecordType[R],
    record_id: int,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> R:
    """Set some fields and attributes; writes nothing where nothing differs. Raises Stale where the record was changed
    after `version`, Forbidden where the actor sees it but may not change it. Returns the record also where a new owner
    hides it from the actor."""
    tx.require(of.permission, of.module)
    before = get(tx, of, record_id, version=version)
    refuse_foreign(tx, of, before)
    # Only what differs is checked: an untouched field may hold a value that a rule made since would refuse.
    current = before.model_dump(include=set(of.edited))
    changes = validation.checked(tx, of, {k: v for k, v in given.items() if current.get(k, ...) != v}, current)
    if of.hooks.before_write:
        of.hooks.before_write(tx, before, changes, {})
    desired = before.model_copy(update=changes)
    fields = current | changes
    if of.hooks.refuse:
        of.hooks.refuse(tx, before, fields)
    validation.refuse_taken(tx, of, fields, own_id=record_id)
    attribute_changes = custom.write(tx, of.key, record_id, attributes or {}) if of.attributes_field else {}
    if desired == before and not attribute_changes:
        return before
    # Before the update, which overwrites them.
    hidden_values = _stored(tx, of, record_id, of.hidden & changes.keys())
    update(tx, of, record_id, changes, fields)
    after = after_change(tx, of, record_id)
    if of.hooks.after:
        of.hooks.after(tx, before, after)
    event = of.change_event(before, after) if of.change_event else f"{of.key}.changed"
    true_values = (
        before.model_copy(update=hidden_values),
        after.model_copy(update={key: changes[key] for key in hidden_values}),
    )
    # The log keeps the true values of fields that are hidden from the actor.
    tx.record(event, of.key, record_id, changes=differences(*true_values))
    return after


def delete(tx: Writing, of: RecordType[R], record_id: int, *, version: int | None = None) -> None:
    """Move a record to the bin, from where `restore` brings it back for 30 days. Its keys are free at once."""
    tx.require(of.permission, of.module)
    record = get(tx, of, record_id, version=version)
    refuse_foreign(tx, of, record)
    # The event keeps the title: once the bin is emptied nothing else does.
    the_bin.delete(tx, of, record_id, **{of.title[0]: record.shown_name})
    _follow_up(tx, of, record_id)


def restore(tx: Writing, of: RecordType[R], record_id: int) -> R:
    """Restore a record from the bin. Raises Duplicate where another record has one of its keys now."""
    tx.require(of.permission, of.module)
    found = the_bin.get_deleted(tx, of, record_id)
    validation.refuse_taken(tx, of, found)
    the_bin.restore(tx, of, record_id, validation.keys(of, found), **{of.title[0]: of.name_of(found)})
    _follow_up(tx, of, record_id)
    return get(tx, of, record_id)


def _follow_up(tx: Writing, of: RecordType[Any], record_id: int) -> None:
    """After the record went to the bin, or came back."""
    if of.hooks.after_set:
        of.hooks.after_set(tx, f"SELECT {record_id:d}")


def set_labels(
    tx: Writing, of: RecordType[R], record_id: int, names: Iterable[str], *, version: int | None = None
) -> R:
    """Set the record's labels to exactly these; missing ones are created."""
    tx.require(of.permission, of.module)
    before = get(tx, of, record_id, version=version)
    refuse_foreign(tx, of, before)
    desired = labels.get_or_create(tx, names)
    if of.labels_field is None or {label.name for label in desired} == set(getattr(before, of.labels_field)):
        return before
    labels.put(tx, of.key, record_id, desired)
    touch(tx, of, record_id)
    after = after_change(tx, of, record_id)
    tx.record(f"{of.key}.labelled", of.key, record_id, changes=differences(before, after))
    return after


def touch(tx: Writing, of: RecordType[Any], record_id: int) -> None:
    """Raise the version of a record whose change is in another table."""
    tx.run(
        f"UPDATE base.{of.plural} SET updated_at = $now, version = version + 1 WHERE id = $id", now=tx.now, id=record_id
    )


def refuse_foreign(tx: Reading, of: RecordType[R], record: R) -> None:
    """Raise Forbidden where the actor sees the record but may not change it."""
    if of.changeable and not of.changeable.may(tx.actor, record):
        raise Forbidden(
            tr(
                "“{name}” is not yours to change. {because}",
                name=record.shown_name,
                because=tr(of.changeable.because),
            )
        )


def with_defaults(tx: Reading, of: RecordType[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new record: missing ones are None, except the owner and those with a default."""
    found: dict[str, Any] = dict.fromkeys(of.edited)
    if "owner_id" in found and tx.actor.role in of.owned_by_default:
        # The product itself (id 0) owns nothing.
        found["owner_id"] = tx.actor.id or None
    found |= given
    for key, field in of.edited.items():
        if field.default is not None and found[key] in (None, ""):
            found[key] = field.default(tx) if callable(field.default) else field.default
    return found


def insert(
    tx: Writing, of: RecordType[Any], fields: Mapping[str, Any], extra_columns: Mapping[str, Any] = MappingProxyType({})
) -> int:
    """Insert a row with these fields; its id."""
    columns = {of.fields[key].column: value for key, value in fields.items()}
    columns |= {**validation.keys(of, fields), **extra_columns, "search": validation.search_text(of, fields)}
    return tx.insert(
        f"""
        INSERT INTO base.{of.plural} ({", ".join(columns)}, created_at, updated_at)
        VALUES ({", ".join(f"${column}" for column in columns)}, $now, $now)
        RETURNING id
        """,
        **columns,
        now=tx.now,
    )


def update(
    tx: Writing, of: RecordType[Any], record_id: int, changed: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    """Update the changed columns, the keys and search text made from all fields, and the version."""
    keys = validation.keys(of, fields)
    sets = [f"{of.fields[key].column} = {of.fields[key].write.format(value=f'${key}') or f'${key}'}" for key in changed]
    sets += [f"{column} = ${column}" for column in keys]
    tx.run(
        f"""
        UPDATE base.{of.plural} SET
            {", ".join([*sets, "search = $search, updated_at = $now, version = version + 1"])}
        WHERE id = $id
        """,
        **changed,
        **keys,
        search=validation.search_text(of, fields),
        now=tx.now,
        id=record_id,
    )


def _stored(tx: Writing, of: RecordType[Any], record_id: int, keys: frozenset[str]) -> dict[str, Any]:
    """The stored values of fields that are hidden from the actor: the log keeps the true ones."""
    if not keys:
        return {}
    columns = ", ".join(f"{of.fields[key].column} AS {key}" for key in keys)
    return tx.row(f"SELECT {columns} FROM base.{of.plural} WHERE id = $id", id=record_id)
