"""Carrying out an import: read, plan, then one look (dry run) or one change (apply) of the store.

Nothing of it is half done: all that is written to records, with the counts and the state `done`, is one transaction.
"""

import json
from dataclasses import replace
from datetime import datetime

from crm.foundation.access import NOBODY, SYSTEM, Actor, Source
from crm.foundation.errors import CrmError
from crm.imports.applying import outcome_files, write
from crm.imports.applying.diff import Diff, clear, compare
from crm.imports.hooks import hooks_of
from crm.imports.interruption import Cancelled, forget, heed
from crm.imports.model import Import
from crm.imports.planning import attribute_columns, written
from crm.imports.planning.columns import Ground
from crm.imports.planning.plan import Plan, definitions_with_new, plan
from crm.imports.reading import rejects
from crm.imports.reading.upload import read_file
from crm.imports.result_notice import notify, summary
from crm.imports.verbs import get, require
from crm.platform import files, workspace
from crm.platform.people import users
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition
from crm.store import Reading, Store, Writing


def run(store: Store, import_id: int) -> str:
    """Do what is queued; the state it came to. An import that has ended already is left as it is."""
    with store.reading(SYSTEM) as tx:
        wanted = get(tx, import_id)
    if not wanted.at_work:
        return wanted.state
    try:
        actor = _actor(store, wanted)
        planned = _planned(store, actor, wanted)
        if wanted.options.dry_run:
            _look(store, actor, import_id, planned)
            return "planned"
        _apply(store, actor, import_id, planned)
    except Cancelled:
        return "cancelled"
    except CrmError as refusal:
        fail(store, wanted, str(refusal))
        return "failed"
    finally:
        forget(import_id)
    return "done"


def break_down(store: Store, import_id: int, why: str) -> None:
    """What `run` came to is nothing that a person could mend."""
    with store.reading(SYSTEM) as tx:
        wanted = get(tx, import_id)
    fail(store, wanted, f"{why}, and nothing was written.")


def fail(store: Store, wanted: Import, message: str) -> None:
    with store.writing(SYSTEM) as tx:
        failed = tx.run(
            """
            UPDATE base.imports SET state = 'failed', message = $message, step = '', finished_at = $now
            WHERE id = $id AND state IN ('queued', 'running')
            """,
            message=message,
            now=tx.now,
            id=wanted.id,
        )
        if not failed:  # it was over before its job was
            return
        notify(tx, wanted.created_by, wanted, f"The import of {wanted.file_name} failed: {message}")
        tx.record("import.failed", "import", wanted.id, message=message)


def _actor(store: Store, wanted: Import) -> Actor:
    """Who asked for it, as they are now; the command line works as the product itself."""
    if wanted.created_by != NOBODY:
        return users.actor(store, wanted.created_by, Source.IMPORT)
    return product_itself(store)


def product_itself(store: Store) -> Actor:
    """The product at the workspace's place, for what the command line asks of it."""
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


def _planned(store: Store, actor: Actor, wanted: Import) -> Plan:
    _progress(store, wanted.id, 0.05, "Reading the file")
    with store.reading(actor) as tx:
        require(tx, wanted.of, wanted.options)
        upload = files.get(tx, wanted.upload_id)
        known = ground(tx, wanted)
    sheet = read_file(files.path_of(store, upload), wanted.options, heed=lambda: heed(wanted.id))
    _progress(store, wanted.id, 0.3, f"Checking {sheet.total:,} rows")
    found = plan(wanted.of, hooks_of(wanted.of), sheet, wanted.options, known)
    _progress(store, wanted.id, 0.6, "Comparing with what is there" if wanted.options.dry_run else "Writing")
    return found


def ground(tx: Reading, wanted: Import) -> Ground:
    known = attributes.definitions(tx, wanted.of.key)
    new = [_definition(name, kind, wanted.of.key, tx.now) for name, kind in wanted.options.new_attributes.items()]
    return Ground(
        region=tx.actor.region,
        currency=tx.actor.currency,
        today=tx.today,
        time_zone=tx.actor.time_zone,
        definitions=definitions_with_new(known, new),
        modules=tx.actor.modules,
    )


def _definition(name: str, kind: str, model: str, now: datetime) -> Definition:
    """An attribute as it will be once it is made."""
    return Definition(
        id=0,
        model=model,
        key=attributes.key_of(name),
        name=name,
        type=AttributeType(kind),
        position=0,
        created_at=now,
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


def _look(store: Store, actor: Actor, import_id: int, planned: Plan) -> None:
    with store.reading(actor) as tx:
        diff = compare(tx, planned)
        outcome_files.keep(tx, import_id, planned, diff, diff.matched.new)
        clear(tx)
    with store.writing(actor) as tx:
        _refuse_cancelled(tx, import_id)
        rejects.keep(tx, import_id, planned.sheet, diff.faults, diff.matched.conflicts)
        _keep_outcome(tx, import_id, "planned", planned, diff)
        ended = get(tx, import_id)
        notify(tx, ended.created_by, ended, f"The dry run of {ended.file_name} is ready: {summary(ended)}.")
        tx.record("import.planned", "import", import_id, **diff.counts)


def _apply(store: Store, actor: Actor, import_id: int, planned: Plan) -> None:
    with store.writing(actor) as tx:
        _refuse_cancelled(tx, import_id)
        attribute_columns.make(tx, planned.of.key, planned.options, planned.rows)
        diff = compare(tx, planned)
        heed(import_id)
        updated = write.update(tx, planned, import_id) if diff.updated else 0
        heed(import_id)
        new = write.create(tx, planned, diff.matched, import_id)
        for key, others in (("company", diff.new_companies), ("contact", diff.new_contacts)):
            of = registry.get(key)
            write.note_created(tx, import_id, of, written.columns(of, hooks_of(of)), others)
        if updated != diff.updated:
            raise RuntimeError(f"changed {updated} records, not {diff.updated}")
        outcome_files.keep(tx, import_id, planned, diff, new)
        clear(tx)
        heed(import_id)
        rejects.keep(tx, import_id, planned.sheet, diff.faults, diff.matched.conflicts)
        _keep_outcome(tx, import_id, "done", planned, diff)
        ended = get(tx, import_id)
        notify(tx, ended.created_by, ended, f"The import of {ended.file_name} is done: {summary(ended)}.")
        touched = [planned.of.key, *(of.key for of in registry.types().values() if of.plural in diff.made)]
        tx.record("import.applied", "import", import_id, touched=touched, made=diff.made, **diff.counts)


def _keep_outcome(tx: Writing, import_id: int, state: str, planned: Plan, diff: Diff) -> None:
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
        found=json.dumps({**planned.found, "made": diff.made}),
        now=tx.now,
        id=import_id,
        **diff.counts,
    )
