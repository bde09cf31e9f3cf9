"""`crm import` and `crm undo-import`: on the store of this machine, or through the server that has it open."""

from pathlib import Path
from typing import Annotated

import typer

from crm import imports
from crm.foundation.errors import Invalid
from crm.foundation.language import plural, tr
from crm.imports import Import, OnDuplicate, Options, command_options
from crm.imports.at_server import AtServer
from crm.imports.at_store import AtStore
from crm.imports.command_options import pairs
from crm.imports.model import BadCell
from crm.imports.undoing import undo_job
from crm.platform import at_server
from crm.platform.at_server import Server, ServerOption, StoreOption, TokenOption
from crm.platform.people.tokens import Scope
from crm.records import registry
from crm.store import modes

SOME_REJECTED = 1
FAILED = 2

OUTCOMES = ("created", "updated", "unchanged", "skipped", "rejected")


def import_file(
    kind: Annotated[
        str,
        typer.Argument(
            help=tr(
                "What the file holds: {kinds}, or a type of your own by its name in addresses, such as course.",
                kinds=", ".join(imports.kinds()),
            )
        ),
    ],
    file: Path,
    mapping: Annotated[
        str | None, typer.Option("--map", help=tr("A mapping: a JSON file, or the name of a saved one."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=tr("Say what would happen; write nothing."))] = False,
    on_duplicate: Annotated[
        OnDuplicate | None, typer.Option(help=tr("What happens to records that are there."))
    ] = None,
    constants: Annotated[
        list[str] | None, typer.Option("--set", help=tr("FIELD=TEXT for rows whose own cell is empty."))
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--value", help=tr("FIELD:TEXT=VALUE for a text of the file; nothing after “=” leaves it empty.")),
    ] = None,
    reject_values: Annotated[
        list[str] | None, typer.Option("--reject-value", help=tr("FIELD:TEXT whose rows are rejected."))
    ] = None,
    add_values: Annotated[
        list[str] | None, typer.Option("--add-value", help=tr("FIELD:TEXT to add to a list, or as a disabled user."))
    ] = None,
    dates: Annotated[
        list[str] | None, typer.Option("--date", help=tr("FIELD=PATTERN, such as closed=%d/%m/%Y."))
    ] = None,
    make_companies: Annotated[
        bool, typer.Option("--make-companies", help=tr("Create companies that are named."))
    ] = False,
    make_contacts: Annotated[
        bool, typer.Option("--make-contacts", help=tr("Make contacts of unknown buyers."))
    ] = False,
    make_owners: Annotated[
        bool, typer.Option("--make-owners", help=tr("Make disabled users of unknown owners."))
    ] = False,
    leave_unknown: Annotated[bool, typer.Option("--leave-unknown", help=tr("Leave unknown references empty."))] = False,
    new_list_values: Annotated[
        bool, typer.Option("--new-list-values", help=tr("Add unknown values to lists."))
    ] = False,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help=tr("What stands between cells: one character, or tab."))
    ] = None,
    decimal: Annotated[str | None, typer.Option("--decimal", help=tr("The decimal mark of amounts: . or ,"))] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help=tr("The file's encoding by any of its names, such as windows-1251.")),
    ] = None,
    leave_empty: Annotated[
        list[str] | None,
        typer.Option("--leave-empty", help=tr("FIELD whose unreadable cells are left empty; * for all.")),
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help=tr("ISO 3166 code for phones without a country code, such as US."))
    ] = None,
    second: Annotated[
        list[str] | None, typer.Option("--second", help=tr("FIELD=FIELD for further emails or phones, and extensions."))
    ] = None,
    unread: Annotated[
        Path | None, typer.Option(help=tr("Write the rows of cells left empty, or read in part."))
    ] = None,
    keep_placeholders: Annotated[
        bool, typer.Option("--keep-placeholders", help=tr("Take NULL, n/a, - and the like as they are written."))
    ] = False,
    label_delimiter: Annotated[str | None, typer.Option(help=tr("Between several labels in a cell: ; , or |"))] = None,
    rejected: Annotated[Path | None, typer.Option(help=tr("Write the rejected rows to this file."))] = None,
    store: StoreOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Import a file of records. Exit code 1: some rows were rejected; 2: nothing was imported."""
    if at_server.is_new(store, server):
        imports.type_of(kind)
    if not file.is_file():
        raise Invalid(tr("There is no file {file}.", file=file), "file")
    place = _place(store, server, token)
    try:
        kind = place.kind(kind)
        given = command_options.mapped(kind, mapping, place.mappings)
        options = given.model_copy(
            update={
                "dry_run": dry_run,
                "encoding": encoding or given.encoding,
                "keep_placeholders": keep_placeholders or given.keep_placeholders,
                "label_delimiter": label_delimiter or given.label_delimiter,
                "delimiter": _delimiter(delimiter) or given.delimiter,
                "decimal": decimal or given.decimal,
                "on_duplicate": on_duplicate or given.on_duplicate,
                "constants": given.constants | pairs(constants, "--set"),
                "date_patterns": given.date_patterns | pairs(dates, "--date"),
                "bad_cells": given.bad_cells | dict.fromkeys(leave_empty or [], BadCell.EMPTY),
                "region": region or given.region,
                "second": given.second | pairs(second, "--second"),
                "make_companies": make_companies or given.make_companies,
                "make_contacts": make_contacts or given.make_contacts,
                "make_owners": make_owners or given.make_owners,
                "leave_unknown": leave_unknown or given.leave_unknown,
                "new_list_values": new_list_values or given.new_list_values,
            }
        ).with_values(command_options.mapped_values(values, reject_values), command_options.added_values(add_values))
        done = place.carry_out(kind, file, Options.model_validate(options.model_dump()))
        if rejected:
            modes.write(rejected, place.rejected_csv(done.id))
        if unread:
            modes.write(unread, place.unread_csv(done.id))
        _say(done, place)
    finally:
        place.close()
    raise typer.Exit(FAILED if done.state == "failed" else SOME_REJECTED if done.rejected else 0)


def _place(store: Path | None, server: str | None, token: str | None) -> AtStore | AtServer:
    reached = at_server.reach(store, server, token, Scope.READ, Scope.WRITE, Scope.IMPORT)
    return AtServer(reached) if isinstance(reached, Server) else AtStore(reached)


def _delimiter(given: str | None) -> str | None:
    return {"tab": "\t", "\\t": "\t"}.get(given or "", given)


def undo_import(
    number: Annotated[int, typer.Argument(help=tr("The import, by the number in its address."))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=tr("Say what would happen; undo nothing."))] = False,
    store: StoreOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Undo an import as a whole. Exit code 1: some records were touched since, and are left as they are."""
    place = _place(store, server, token)
    try:
        if dry_run:
            counts = place.undo_preview(number).model_dump(exclude={"reasons"})
        else:
            done = place.undo(number)
            if done.state != "undone":
                raise Invalid(done.message or tr("The import was not undone."))
            counts = done.undone
        summary = undo_job.summary(counts)
        typer.echo(tr("Would be: {summary}.", summary=summary) if dry_run else f"{summary}.")
    finally:
        place.close()
    raise typer.Exit(SOME_REJECTED if counts["left"] else 0)


def _say(done: Import, place: AtStore | AtServer) -> None:
    if done.state == "failed":
        typer.echo(done.message, err=True)
        return
    planned, counts = done.state == "planned", {outcome: getattr(done, outcome) for outcome in OUTCOMES}
    if planned:
        read = plural(
            "{count:,} rows read: {created:,} would be created, {updated:,} would be updated, {unchanged:,} unchanged, "
            "{skipped:,} skipped, {rejected:,} rejected.",
            "{count:,} rows read: {created:,} would be created, {updated:,} would be updated, {unchanged:,} unchanged, "
            "{skipped:,} skipped, {rejected:,} rejected.",
            done.total,
            **counts,
        )
    else:
        read = plural(
            "{count:,} rows read: {created:,} created, {updated:,} updated, {unchanged:,} unchanged, {skipped:,} "
            "skipped, {rejected:,} rejected.",
            "{count:,} rows read: {created:,} created, {updated:,} updated, {unchanged:,} unchanged, {skipped:,} "
            "skipped, {rejected:,} rejected.",
            done.total,
            **counts,
        )
    typer.echo(read)
    for notice in done.found["notices"]:
        typer.echo(notice, err=True)
    for field, texts in done.found.get("unknown_values", {}).items():
        for one in texts:
            near = one["proposed"] or tr("VALUE")
            mapped = f"--value '{field}:{one['text']}={near}'"
            advice = plural(
                "{count:,} row: map “{text}” by {option}.",
                "{count:,} rows: map “{text}” by {option}.",
                one["rows"],
                text=one["text"],
                option=mapped,
            )
            typer.echo(advice, err=True)
    for what, many in done.found["made"].items():
        if planned:
            made = plural(
                "{count:,} {kinds} would be made.",
                "{count:,} {kinds} would be made.",
                many,
                kinds=registry.many_of(what),
            )
        else:
            made = plural("{count:,} {kinds} made.", "{count:,} {kinds} made.", many, kinds=registry.many_of(what))
        typer.echo(made)
    for line, reason in place.rejected(done.id, 10):
        typer.echo(tr("line {line}: {reason}", line=line, reason=reason), err=True)
    page = place.unread(done.id, 10)
    for one in page.items:
        typer.echo(tr("line {line}, {field}: {reason}", line=one.line, field=one.field, reason=one.reason), err=True)
    if page.total > 10:
        typer.echo(tr("… and {count:,} more cells; --unread FILE writes them all.", count=page.total - 10), err=True)
    if done.rejected > 10:
        typer.echo(tr("… and {count:,} more; --rejected FILE writes them all.", count=done.rejected - 10), err=True)
