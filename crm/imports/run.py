"""Carrying out an import: read, plan, then compare with the store (dry run) or change it (apply).

Nothing of it is half done: all that is written to records, with the counts and the state `done`, is one transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crm.foundation.access import NOBODY, SYSTEM, Actor, Source
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import plural, tr
from crm.imports import kept_plans
from crm.imports.applying import linking, outcome_files, write
from crm.imports.applying.diff import Diff, clear, compare
from crm.imports.hooks import hooks_of
from crm.imports.interruption import Cancelled, forget, heed
from crm.imports.model import Import
from crm.imports.planning import attribute_columns, written
from crm.imports.planning.columns import CleaningContext
from crm.imports.planning.plan import Plan, definitions_with_new, plan
from crm.imports.reading import rejects
from crm.imports.reading.upload import read_file
from crm.imports.result_notice import notify, summary
from crm.imports.values.column_values import unknown_values
from crm.imports.verbs import get, guessed, require
from crm.platform import files, notices, workspace
from crm.platform.people import users
from crm.records import attributes, labels, registry
from crm.records.attributes import AttributeType, Definition
from crm.records.links import of_many as links
from crm.store import Reading, Store, Writing


def run(store: Store, import_id: int) -> str:
    """Carry out a queued import, or its dry run; the state it came to. One that has ended already is left as it is."""
    import_ = begun(store, import_id)
    if import_ is None:
        return "failed"
    if not import_.at_work:
        return import_.state
    state = "failed"
    try:
        actor = _actor(store, import_)
        # Not named here: of a million rows each step lets go what the next ones do not need.
        if import_.options.dry_run:
            _dry_run(store, actor, import_id, _planned(store, actor, import_))
            state = "planned"
        else:
            _apply(store, actor, import_id, _planned(store, actor, import_))
            _keep_duration(store, import_id)
            state = "done"
    except Cancelled:
        state = "cancelled"
    except CrmError as refusal:
        if begun(store, import_id) is not None:  # else that its type was deleted meanwhile is the reason
            fail(store, import_, str(refusal))
    finally:
        forget(import_id)
        if state != "planned":
            with store.reading(SYSTEM) as tx:
                kept_plans.forget(tx, import_id)
    return state


def on_failure(store: Store, import_id: int, why: str) -> None:
    """Mark an import as failed for a fault of the product's, which no person could mend."""
    import_ = begun(store, import_id)
    if import_ is not None:
        fail(store, import_, tr("{why}, and nothing was written.", why=tr(why)))


def fail(store: Store, import_: Import, message: str, *, undoing: bool = False) -> None:
    """Mark an import, or the undoing of one, as failed, and notify whoever started it."""
    with store.writing(SYSTEM) as tx:
        if not _mark_failed(tx, import_.id, message, undoing=undoing):
            return
        person = import_.undo_by if undoing else import_.created_by
        notify(tx, person, import_, _failed(import_.file_name, message, undoing=undoing))


def begun(store: Store, import_id: int, *, undoing: bool = False) -> Import | None:
    """The import that a job is about. None where its type was deleted meanwhile: it is then marked as failed."""
    with store.reading(SYSTEM) as tx:
        kind = tx.row("SELECT kind FROM base.imports WHERE id = $id", id=import_id)["kind"]
        if kind in {of.plural for of in registry.types().values()}:
            return get(tx, import_id)
    message = tr(
        "The type of record “{kinds}” was deleted before this was done, so nothing was changed.",
        kinds=registry.many_of(kind),
    )
    with store.writing(SYSTEM) as tx:
        row = tx.row(
            """
            SELECT import.created_by, import.undo_by, upload.file_name
            FROM base.imports AS import
            JOIN base.uploads AS upload ON upload.id = import.upload_id
            WHERE import.id = $id
            """,
            id=import_id,
        )
        person = row["undo_by"] if undoing else row["created_by"]
        if _mark_failed(tx, import_id, message, undoing=undoing) and person:
            # Without a link: the import is listed again once its type is restored.
            notices.leave(tx, person, _failed(row["file_name"], message, undoing=undoing), None)
    return None


def _failed(file_name: str, why: str, *, undoing: bool) -> str:
    if undoing:
        return tr("The import of {file} could not be undone: {why}", file=file_name, why=why)
    return tr("The import of {file} failed: {why}", file=file_name, why=why)


def _mark_failed(tx: Writing, import_id: int, message: str, *, undoing: bool) -> bool:
    """Mark an import, or the undoing of one, as failed; False where it was over before its job was."""
    state, ended_at = ("undo_state", "undo_ended_at") if undoing else ("state", "finished_at")
    marked = tx.run(
        f"""
        UPDATE base.imports SET {state} = 'failed', message = $message, step = '', {ended_at} = $now
        WHERE id = $id AND {state} IN ('queued', 'running')
        """,
        message=message,
        now=tx.now,
        id=import_id,
    )
    if marked:
        tx.record("import.undo_failed" if undoing else "import.failed", "import", import_id, message=message)
    return bool(marked)


def _actor(store: Store, import_: Import) -> Actor:
    """The user who began the import, with their rights of now; for the command line, the product itself. Phones are
    of the region that the options name."""
    if import_.created_by != NOBODY:
        found = users.actor(store, import_.created_by, Source.IMPORT)
    else:
        found = product_itself(store)
    return replace(found, region=import_.options.region or found.region)


def product_itself(store: Store) -> Actor:
    """The product as an actor, with the modules, time zone, currency and region of the workspace."""
    with store.reading(SYSTEM) as tx:
        place = workspace.get(tx)
    return replace(
        SYSTEM,
        modules=place.modules,
        time_zone=place.time_zone,
        currency=place.currency,
        region=place.region,
        source=Source.COMMAND_LINE,
    )


def _planned(store: Store, actor: Actor, import_: Import) -> Plan:
    _progress(store, import_.id, 0.05, tr("Reading the file"))
    with store.reading(actor) as tx:
        require(tx, import_.of, import_.options)
        upload = files.get(tx, import_.upload_id)
        context = cleaning_context(tx, import_)
        basis = kept_plans.basis_of(import_, context)
        kept = None if import_.options.dry_run else kept_plans.find(tx, import_.id, basis)
    if kept is not None:
        _progress(store, import_.id, 0.6, tr("Writing"))
        return kept
    sheet = read_file(files.path_of(store, upload), import_.options, heed=lambda: heed(import_.id))
    if sheet.dialect.guessed and not import_.options.dry_run:
        raise Invalid(guessed(sheet.dialect.encoding), "encoding")
    _progress(store, import_.id, 0.3, plural("Checking {count:,} rows", "Checking {count:,} rows", sheet.total))
    found = plan(import_.of, hooks_of(import_.of), sheet, import_.options, context)
    if import_.options.dry_run:
        with store.reading(actor) as tx:
            kept_plans.keep(tx, import_.id, basis, found)
    _progress(store, import_.id, 0.6, tr("Comparing with what is there") if import_.options.dry_run else tr("Writing"))
    return found


def cleaning_context(tx: Reading, import_: Import) -> CleaningContext:
    """What cleaning needs of the workspace, with the attributes that the import is to create."""
    known = attributes.definitions(tx, import_.of.key)
    new = [_definition(name, kind, import_.of.key) for name, kind in import_.options.new_attributes.items()]
    return CleaningContext(
        region=tx.actor.region,
        currency=tx.actor.currency,
        today=tx.today,
        time_zone=tx.actor.time_zone,
        definitions=definitions_with_new(known, new),
        labels=frozenset(label.name.casefold() for label in labels.all_of(tx)),
        modules=tx.actor.modules,
    )


def _definition(name: str, kind: str, model: str) -> Definition:
    """An attribute as it will be once it is made, at a moment that nobody knows yet."""
    return Definition(
        id=0,
        model=model,
        key=attributes.key_of(name),
        name=name,
        type=AttributeType(kind),
        position=0,
        created_at=datetime.min.replace(tzinfo=UTC),
    )


def _progress(store: Store, import_id: int, share: float, step: str) -> None:
    with store.writing(SYSTEM) as tx:
        _refuse_cancelled(tx, import_id)
        tx.run(
            """
            UPDATE base.imports SET
                begun_at = CASE WHEN state = 'queued' THEN $now ELSE begun_at END,
                state = 'running',
                progress = $share,
                step = $step
            WHERE id = $id
            """,
            now=tx.now,
            share=share,
            step=step,
            id=import_id,
        )


def _refuse_cancelled(tx: Writing, import_id: int) -> None:
    if tx.value("SELECT state FROM base.imports WHERE id = $id", id=import_id) not in ("queued", "running"):
        raise Cancelled


def _dry_run(store: Store, actor: Actor, import_id: int, planned: Plan) -> None:
    with store.reading(actor) as tx:
        diff = compare(tx, planned)
        unknown = unknown_values(tx, planned.of, planned.counted, planned.options)
        planned = replace(planned.compared(diff.listed), found={**planned.found, "unknown_values": unknown})
        outcome_files.keep(tx, import_id, planned, diff, diff.matched.new)
        clear(tx)
    with store.writing(actor) as tx:
        _refuse_cancelled(tx, import_id)
        rejects.keep(tx, import_id, planned.sheet, diff.faults, diff.matched.conflicts)
        _keep_outcome(tx, import_id, "planned", planned, diff)
        ended = get(tx, import_id)
        notify(
            tx,
            ended.created_by,
            ended,
            tr("The dry run of {file} is ready: {counts}.", file=ended.file_name, counts=summary(ended)),
        )
        tx.record("import.planned", "import", import_id, **diff.counts)


def _apply(store: Store, actor: Actor, import_id: int, planned: Plan) -> None:
    with store.writing(actor) as tx:
        _refuse_cancelled(tx, import_id)
        last_label = labels.last_id(tx)
        attribute_columns.make(tx, planned.of.key, planned.options, planned.rows)
        # Compared within the transaction that writes, so that what somebody changed since the dry run is seen.
        diff = compare(tx, planned)
        planned = planned.compared(diff.listed)
        heed(import_id)
        updated = write.update(tx, planned, import_id) if diff.updated else 0
        heed(import_id)
        new = write.create(tx, planned, diff.matched, import_id)
        last_link = links.last_id(tx)
        if linking.may_link(planned.of):
            linking.write(tx, planned.of, new, diff.matched, planned.options.on_duplicate)
        for key, others in (("company", diff.new_companies), ("contact", diff.new_contacts)):
            of = registry.get(key)
            write.note_created(tx, import_id, of, written.columns(of, hooks_of(of)), others)
        # The transaction is undone by this: counts that do not add up are never committed.
        if updated != diff.updated:
            raise RuntimeError(f"changed {updated} records, not {diff.updated}")
        outcome_files.keep(tx, import_id, planned, diff, new)
        clear(tx)
        heed(import_id)
        rejects.keep(tx, import_id, planned.sheet, diff.faults, diff.matched.conflicts)
        _keep_outcome(tx, import_id, "done", planned, diff, labels.after(tx, last_label))
        ended = get(tx, import_id)
        notify(
            tx,
            ended.created_by,
            ended,
            tr("The import of {file} is done: {counts}.", file=ended.file_name, counts=summary(ended)),
        )
        touched = [planned.of.key, *(of.key for of in registry.types().values() if of.plural in diff.made)]
        tx.record("import.applied", "import", import_id, touched=touched, made=diff.made, **diff.counts)
        # Last: the records that a link leads to are there for the readers of the feed by then.
        links.record(tx, links.ADDED, "import", import_id, "id > $last", last=last_link)


def _keep_duration(store: Store, import_id: int) -> None:
    """Keep how long an import took, in seconds, until all that it wrote was committed."""
    with store.writing(SYSTEM) as tx:
        # `finished_at` is the moment of the write's transaction, which its records carry too.
        done = get(tx, import_id)
        seconds = (tx.now - (done.begun_at or done.created_at)).total_seconds()
        found = json.dumps({**done.found, "seconds": seconds})
        tx.run("UPDATE base.imports SET found = $found WHERE id = $id", found=found, id=import_id)


def _keep_outcome(
    tx: Writing, import_id: int, state: str, planned: Plan, diff: Diff, new_labels: Sequence[int] = ()
) -> None:
    tx.run(
        """
        UPDATE base.imports SET
            state = $state,
            progress = 1,
            step = '',
            message = NULL,
            total = $total,
            created = $created,
            updated = $updated,
            unchanged = $unchanged,
            skipped = $skipped,
            rejected = $rejected,
            conflicts = $conflicts,
            header = $header,
            found = $found,
            finished_at = $now
        WHERE id = $id
        """,
        state=state,
        header=json.dumps(planned.sheet.header),
        found=json.dumps(
            {
                **planned.found,
                "made": diff.made,
                "unread_cells": diff.unread.height,
                "new_labels": [*new_labels],
            }
        ),
        now=tx.now,
        id=import_id,
        **diff.counts,
    )
