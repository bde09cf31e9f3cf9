"""Starting, finding, applying and cancelling imports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers

from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import capitalized, later, tr
from crm.foundation.tables import encoding_names
from crm.imports import kept_plans
from crm.imports.fields import all_targets
from crm.imports.model import Import, Options, type_of
from crm.imports.planning import mapped_values
from crm.imports.reading.rejects import table_of
from crm.platform import files, jobs
from crm.records import attributes, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Person
from crm.store import Reading, Writing

JOB = "import"

STATES = {
    "queued": later("queued"),
    "running": later("running"),
    "planned": later("planned"),
    "done": later("done"),
    "failed": later("failed"),
    "cancelled": later("cancelled"),
    "undone": later("undone"),
}
"""How a sentence names the state of an import."""


def begin(tx: Writing, kind: str, upload_id: int, options: Options, *, queue: bool = True) -> Import:
    """Queue an import of an upload; the worker takes it up, unless its caller does. With `options.dry_run` it stops
    at planned."""
    require(tx, type_of(kind), options)
    if options.encoding is not None:
        encoding_names.codec(options.encoding)
    upload = files.get(tx, upload_id)
    import_id = tx.insert(
        """
        INSERT INTO base.imports (kind, upload_id, state, options, created_by, created_at)
        VALUES ($kind, $upload_id, 'queued', $options, $actor, $now)
        RETURNING id
        """,
        kind=kind,
        upload_id=upload.id,
        options=options.model_dump_json(),
        actor=tx.actor.id,
        now=tx.now,
    )
    if queue:
        jobs.enqueue(tx, JOB, import_id)
    tx.record("import.begun", "import", import_id, kind=kind, file_name=upload.file_name)
    return get(tx, import_id)


def require(tx: Reading, of: RecordType[Any], options: Options) -> None:
    """Refuse those who may not import this type, or not make what the options have made on the way."""
    tx.require(Permission.IMPORT)
    tx.require(of.permission, of.module)
    if options.new_attributes and not of.has(Trait.ATTRIBUTES):
        raise Invalid(tr("{kinds} have no attributes of their own.", kinds=capitalized(of.many)), "new_attributes")
    if options.region is not None and options.region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(
            tr("There is no region “{code}”. Give an ISO 3166 code, such as BR.", code=options.region), "region"
        )
    if options.make_contacts:
        tx.require(Permission.MANAGE_CONTACTS)
    if options.make_companies:
        tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    people = (key for key, each in all_targets(of).items() if isinstance(each.field, Person))
    if options.make_owners or any(options.new_values.get(key) for key in people):
        tx.require(Permission.MANAGE_SETTINGS)


def get(tx: Reading, import_id: int) -> Import:
    found = _found(tx, "WHERE import.id = $id", id=import_id)
    if not found:
        raise NotFound(tr("import"))
    return found[0]


def latest(tx: Reading, limit: int = 50, *, before: int | None = None) -> list[Import]:
    """The imports that the actor may see, the newest first; with `before`, those that are older than that one."""
    which = "WHERE $before IS NULL OR import.id < $before ORDER BY import.id DESC LIMIT $limit"
    return _found(tx, which, before=before, limit=limit)


def count(tx: Reading) -> int:
    return int(tx.value("SELECT count(*) FROM imports WHERE list_contains($kinds, kind)", kinds=_kinds()))


def _found(tx: Reading, which: str, **params: object) -> list[Import]:
    rows = tx.rows(
        f"""
        SELECT
            import.*,
            upload.file_name,
            coalesce(person.name, 'Mallard') AS created_by_name
        FROM (SELECT * FROM imports WHERE list_contains($kinds, kind)) AS import
        JOIN base.uploads AS upload ON upload.id = import.upload_id
        LEFT JOIN base.users AS person ON person.id = import.created_by
        {which}
        """,
        kinds=_kinds(),
        **params,
    )
    as_json = ("options", "header", "found", "undone")
    return [Import(**{**row, **{key: json.loads(row[key]) for key in as_json}}) for row in rows]


def _kinds() -> list[str]:
    """The plurals of the types that can be imported: imports of a deleted type come back with it."""
    return [of.plural for of in registry.having(Trait.IMPORT)]


def apply(tx: Writing, import_id: int, *, encoding: str | None = None) -> Import:
    """Queue the writing of a planned import. Invalid where it is not planned, or was read in an encoding that is a
    guess: `encoding` confirms that one."""
    import_ = get(tx, import_id)
    require(tx, import_.of, import_.options)
    if import_.state != "planned":
        raise Invalid(tr("Only a planned import can be applied; this one is {state}.", state=tr(STATES[import_.state])))
    # From the file again: the store may have changed since the dry run.
    options = import_.options.model_copy(update={"dry_run": False, "encoding": _confirmed(import_, encoding)})
    _queue_again(tx, import_id, options)
    tx.record("import.confirmed", "import", import_id)
    return get(tx, import_id)


def map_values(
    tx: Writing,
    import_id: int,
    values: Mapping[str, Mapping[str, str | None]],
    new_values: Mapping[str, Sequence[str]] | None = None,
) -> Import:
    """Map further values of a planned import, as `Options` has them; the same file is then planned anew."""
    import_ = get(tx, import_id)
    if import_.state != "planned":
        raise Invalid(
            tr("Values are mapped while an import is planned; this one is {state}.", state=tr(STATES[import_.state]))
        )
    options = import_.options.with_values(values, new_values or {})
    require(tx, import_.of, options)
    mapped_values.refuse_unknown(import_.of, options, attributes.definitions(tx, import_.of.key))
    _queue_again(tx, import_id, options)
    tx.record("import.values_mapped", "import", import_id, fields=sorted({*values, *(new_values or {})}))
    return get(tx, import_id)


def _queue_again(tx: Writing, import_id: int, options: Options) -> None:
    """Have the same job run anew from the file."""
    tx.run(
        "UPDATE base.imports SET state = 'queued', options = $options, progress = 0, step = '' WHERE id = $id",
        options=options.model_dump_json(),
        id=import_id,
    )
    jobs.enqueue(tx, JOB, import_id)


def _confirmed(import_: Import, encoding: str | None) -> str | None:
    """The encoding that a planned import is applied in; None where that is detected again."""
    read_in = import_.found.get("encoding")
    if encoding is not None and encoding_names.codec(encoding) != read_in:
        raise Invalid(
            tr(
                "This import was read as {former}. To read it as {encoding}, begin it anew with that encoding.",
                former=encoding_names.shown(read_in or ""),
                encoding=encoding,
            ),
            "encoding",
        )
    if encoding is None and import_.found.get("encoding_guessed"):
        raise Invalid(guessed(read_in or ""), "encoding")
    return encoding or import_.options.encoding


def guessed(encoding: str) -> str:
    """Why an import is not applied whose encoding is a guess."""
    return tr(
        "The file's encoding is not sure: it was read as {encoding}. Look at the rows, and say which encoding it is in "
        "(the option “encoding”).",
        encoding=encoding_names.shown(encoding),
    )


def cancel(tx: Writing, import_id: int) -> Import:
    """Stop an import, or the undoing of one. One at work writes nothing; `interrupt` first, so that it makes way for
    this change also while it writes."""
    tx.require(Permission.IMPORT)
    import_ = get(tx, import_id)
    if import_.undo_state in ("queued", "running"):
        tx.run("UPDATE base.imports SET undo_state = NULL, step = '' WHERE id = $id", id=import_id)
        tx.record("import.undo_cancelled", "import", import_id)
        return get(tx, import_id)
    if import_.state not in ("queued", "running", "planned"):
        raise Invalid(tr("This import is {state}: there is nothing left to cancel.", state=tr(STATES[import_.state])))
    tx.run(
        "UPDATE base.imports SET state = 'cancelled', step = '', finished_at = $now WHERE id = $id",
        now=tx.now,
        id=import_id,
    )
    kept_plans.forget(tx, import_id)
    tx.record("import.cancelled", "import", import_id)
    return get(tx, import_id)


def rejected(tx: Reading, import_id: int, limit: int | None = None) -> list[dict[str, Any]]:
    """line, field, reason, cells of the rows that were not imported, in the file's order."""
    get(tx, import_id)
    rows = tx.rows(
        "SELECT * FROM import_rejects WHERE import_id = $id ORDER BY line LIMIT $limit",
        id=import_id,
        limit=limit if limit is not None else 2**40,
    )
    return [{**row, "cells": json.loads(row["cells"])} for row in rows]


def rejected_csv(tx: Reading, import_id: int) -> bytes:
    """The rejected rows as they stand in the file, each with its line and reason before it: repaired, they can be
    imported again."""
    found = get(tx, import_id)
    return table_of(["rejected_line", "rejected_reason", *found.header], rejected_rows(tx, import_id))


def rejected_rows(tx: Reading, import_id: int) -> list[list[str]]:
    return [[str(row["line"]), row["reason"], *row["cells"]] for row in rejected(tx, import_id)]
