"""`crm import KIND FILE`: an import on the machine that holds the store, while no server has it open."""

from pathlib import Path
from typing import Annotated

import typer

from crm import imports
from crm.foundation import settings
from crm.foundation.access import SYSTEM, Source
from crm.foundation.errors import Invalid
from crm.imports import Import, OnDuplicate, Options
from crm.imports.model import ATTRIBUTE, BadCell
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.platform import files
from crm.store import Store, modes

SOME_REJECTED = 1
FAILED = 2


def import_file(
    kind: Annotated[str, typer.Argument(help=f"What the file holds: {', '.join(imports.kinds())}.")],
    file: Path,
    mapping: Annotated[
        str | None, typer.Option("--map", help="A mapping: a JSON file, or the name of a saved one.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    on_duplicate: Annotated[OnDuplicate | None, typer.Option(help="What happens to records that are there.")] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=TEXT for rows whose own cell is empty.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", help="FIELD:TEXT=VALUE for a text of the file; nothing after “=” leaves it empty."),
    ] = None,
    reject_values: Annotated[
        list[str] | None, typer.Option("--reject-value", help="FIELD:TEXT whose rows are rejected.")
    ] = None,
    add_values: Annotated[
        list[str] | None, typer.Option("--add-value", help="FIELD:TEXT to add to a list, or as a disabled user.")
    ] = None,
    dates: Annotated[list[str] | None, typer.Option("--date", help="FIELD=PATTERN, such as closed=%d/%m/%Y.")] = None,
    make_companies: Annotated[bool, typer.Option("--make-companies", help="Make companies that are named.")] = False,
    make_contacts: Annotated[bool, typer.Option("--make-contacts", help="Make contacts of unknown buyers.")] = False,
    make_owners: Annotated[bool, typer.Option("--make-owners", help="Make disabled users of unknown owners.")] = False,
    leave_unknown: Annotated[bool, typer.Option("--leave-unknown", help="Leave unknown references empty.")] = False,
    new_list_values: Annotated[bool, typer.Option("--new-list-values", help="Add unknown values to lists.")] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="The file's encoding by any of its names, such as windows-1251.")
    ] = None,
    leave_empty: Annotated[
        list[str] | None, typer.Option("--leave-empty", help="FIELD whose unreadable cells are left empty; * for all.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="ISO 3166 code for phones without a country code, such as US.")
    ] = None,
    second: Annotated[
        list[str] | None, typer.Option("--second", help="FIELD=FIELD for further emails or phones, and extensions.")
    ] = None,
    unread: Annotated[Path | None, typer.Option(help="Write the rows of cells left empty, or read in part.")] = None,
    keep_placeholders: Annotated[
        bool, typer.Option("--keep-placeholders", help="Take NULL, n/a, - and the like as they are written.")
    ] = False,
    label_delimiter: Annotated[str | None, typer.Option(help="Between several labels in a cell: ; , or |")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Write the rejected rows to this file.")] = None,
    store: Annotated[Path | None, typer.Option("--store", help="Folder of the store; default CRM_STORE.")] = None,
) -> None:
    """Import a file of records. Exit code 1: some rows were rejected; 2: nothing was imported."""
    imports.type_of(kind)
    if not file.is_file():
        raise Invalid(f"There is no file {file}.", "file")
    opened = Store(store or settings.load().store)
    try:
        given = _options(opened, kind, mapping)
        options = given.model_copy(
            update={
                "dry_run": dry_run,
                "encoding": encoding or given.encoding,
                "keep_placeholders": keep_placeholders or given.keep_placeholders,
                "label_delimiter": label_delimiter or given.label_delimiter,
                "on_duplicate": on_duplicate or given.on_duplicate,
                "constants": given.constants | _pairs(constants or [], "--set"),
                "date_patterns": given.date_patterns | _pairs(dates or [], "--date"),
                "bad_cells": given.bad_cells | dict.fromkeys(leave_empty or [], BadCell.EMPTY),
                "region": region or given.region,
                "second": given.second | _pairs(second or [], "--second"),
                "make_companies": make_companies or given.make_companies,
                "make_contacts": make_contacts or given.make_contacts,
                "make_owners": make_owners or given.make_owners,
                "leave_unknown": leave_unknown or given.leave_unknown,
                "new_list_values": new_list_values or given.new_list_values,
            }
        ).with_values(_mapped_values(values or [], reject_values or []), _added_values(add_values or []))
        done = carry_out(opened, kind, file, options)
        if rejected:
            with opened.reading(SYSTEM) as tx:
                modes.write(rejected, imports.rejected_csv(tx, done.id))
        if unread:
            with opened.reading(SYSTEM) as tx:
                modes.write(unread, imports.unread_csv(tx, done.id))
        _say(done, opened)
    finally:
        opened.close()
    raise typer.Exit(FAILED if done.state == "failed" else SOME_REJECTED if done.rejected else 0)


def undo_import(
    number: Annotated[int, typer.Argument(help="The import, by the number in its address.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; undo nothing.")] = False,
    store: Annotated[Path | None, typer.Option("--store", help="Folder of the store; default CRM_STORE.")] = None,
) -> None:
    """Undo an import as a whole. Exit code 1: some records were touched since, and are left as they are."""
    opened = Store(store or settings.load().store)
    try:
        with opened.reading(SYSTEM) as tx:
            counts = imports.undo_preview(tx, number).model_dump(exclude={"reasons"})
        if not dry_run:
            with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
                # No worker runs while the store is open here: what would be queued is done below.
                imports.undo(tx, number, queue=False)
            undo_job.run(opened, number)
            with opened.reading(SYSTEM) as tx:
                done = imports.get(tx, number)
            if done.state != "undone":
                raise Invalid(done.message or "The import was not undone.")
            counts = done.undone
        typer.echo(f"{'Would be: ' if dry_run else ''}{undo_job.summary(counts)}.")
    finally:
        opened.close()
    raise typer.Exit(SOME_REJECTED if counts["left"] else 0)


def carry_out(store: Store, kind: str, file: Path, options: Options) -> Import:
    """Store the file and import it at once, as the product itself. Invalid where it is larger than uploads may be."""
    limit = settings.load().upload_limit_mb * 2**20
    with file.open("rb") as source:
        sha256, size = files.keep(store, iter(lambda: source.read(1 << 20), b""), limit)
    with store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
        upload = files.register(tx, sha256=sha256, file_name=file.name, size=size)
        # As in `undo_import`: no worker would take it up.
        begun = imports.begin(tx, kind, upload.id, options, queue=False)
    run(store, begun.id)
    with store.reading(SYSTEM) as tx:
        return imports.get(tx, begun.id)


def _options(store: Store, kind: str, mapping: str | None) -> Options:
    if mapping is None:
        return Options()
    if Path(mapping).is_file():
        return Options.model_validate_json(Path(mapping).read_text(encoding="utf-8"))
    with store.reading(SYSTEM) as tx:
        saved = imports.mappings(tx, kind)
    if mapping not in saved:
        raise Invalid(f"“{mapping}” is neither a file nor a saved mapping of {kind}: {', '.join(saved) or 'none'}.")
    return saved[mapping]


def _pairs(given: list[str], option: str) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise Invalid(f"{option} takes FIELD=TEXT, not “{pair}”.")
    return {key.strip(): text for key, text in (pair.split("=", 1) for pair in given)}


def _mapped_values(given: list[str], rejected: list[str]) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for said, meaning in _pairs(given, "--value").items():
        field, text = _field_and_text(said, "--value")
        found.setdefault(field, {})[text] = meaning
    for said in rejected:
        field, text = _field_and_text(said, "--reject-value")
        found.setdefault(field, {})[text] = None
    return found


def _added_values(given: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for said in given:
        field, text = _field_and_text(said, "--add-value")
        found.setdefault(field, []).append(text)
    return found


def _field_and_text(said: str, option: str) -> tuple[str, str]:
    """The two parts of status:delivered, or attribute:plan:gold."""
    prefix = ATTRIBUTE if said.startswith(ATTRIBUTE) else ""
    field, colon, text = said.removeprefix(prefix).partition(":")
    if not (field and colon and text):
        raise Invalid(f"{option} takes FIELD:TEXT, not “{said}”.")
    return prefix + field, text


def _say(done: Import, store: Store) -> None:
    if done.state == "failed":
        typer.echo(done.message, err=True)
        return
    verb = "would be " if done.state == "planned" else ""
    typer.echo(
        f"{done.total:,} rows read: {done.created:,} {verb}created, {done.updated:,} {verb}updated, "
        f"{done.unchanged:,} unchanged, {done.skipped:,} skipped, {done.rejected:,} rejected."
    )
    for notice in done.found["notices"]:
        typer.echo(notice, err=True)
    for field, texts in done.found.get("unknown_values", {}).items():
        for one in texts:
            near = one["proposed"] or "VALUE"
            rows = "1 row" if one["rows"] == 1 else f"{one['rows']:,} rows"
            typer.echo(f"{rows}: map “{one['text']}” by --value '{field}:{one['text']}={near}'.", err=True)
    for what, many in done.found["made"].items():
        typer.echo(f"{many:,} {what} {verb}made.")
    with store.reading(SYSTEM) as tx:
        for row in imports.rejected(tx, done.id, limit=10):
            typer.echo(f"line {row['line']}: {row['reason']}", err=True)
        page = imports.unread(tx, done.id, limit=10)
        for one in page.items:
            typer.echo(f"line {one.line}, {one.field}: {one.reason}", err=True)
    if page.total > 10:
        typer.echo(f"… and {page.total - 10:,} more cells; --unread FILE writes them all.", err=True)
    if done.rejected > 10:
        typer.echo(f"… and {done.rejected - 10:,} more; --rejected FILE writes them all.", err=True)
