"""The command line, `crm …`: run the product, and look after its store while it is not running."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from crm import exports, serving
from crm.demo.command import demo
from crm.foundation import sealing, settings
from crm.foundation.access import SYSTEM, Role, Source
from crm.foundation.errors import CrmError, Invalid, StoreRefused
from crm.imports.command import import_file, undo_import
from crm.platform import backups, regional, workspace
from crm.platform.people import passwords, second_factor, users
from crm.platform.people.tokens_command import token_app
from crm.platform.regional import LOCALES
from crm.records.listing import ListQuery
from crm.store import Store, modes
from crm.verify import verify as problems_of

app = typer.Typer(help="Mallard CRM.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
user_app = typer.Typer(help="People who sign in.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.command()(demo)
app.command("import")(import_file)
app.command("undo-import")(undo_import)

FIRST = "With the first user only."
REFUSED = 2
STORE_REFUSED = 3

StoreOption = Annotated[Path | None, typer.Option("--store", help="Folder of the store; default CRM_STORE.")]


def main() -> None:
    """A refusal is one line on standard error and an exit code, never a trace."""
    modes.keep_private()
    try:
        app()
    except CrmError as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(STORE_REFUSED if isinstance(refusal, StoreRefused) else REFUSED)
    except ValidationError as error:
        for fault in error.errors():
            print(f"CRM_{str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
        sys.exit(REFUSED)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 lets the system choose.")] = None,
    address: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    store: StoreOption = None,
    behind_proxy: Annotated[bool, typer.Option("--behind-proxy", help="A proxy in front ends TLS.")] = False,
) -> None:
    """Serve the pages, the API and the background work."""
    options = {"CRM_PORT": port, "CRM_ADDRESS": address, "CRM_STORE": store, "CRM_BEHIND_PROXY": behind_proxy or None}
    # Through the environment: uvicorn imports the application by name, which loads the settings itself.
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    serving.serve(settings.load())


@app.command("settings")
def show_settings() -> None:
    """List every setting, what it is now, and what it does."""
    now = settings.load()
    for name, field in settings.Settings.model_fields.items():
        value = getattr(now, name)
        shown = "(set)" if "secret" in name and value else "" if value is None else value
        print(f"CRM_{name.upper():24} {shown!s:30} {field.description}")


@app.command("export")
def export_list(
    kind: Annotated[str, typer.Argument(help="contacts, companies, deals or orders")],
    file: Annotated[Path, typer.Argument(help="Ends in .csv, .xlsx or .parquet")],
    store: StoreOption = None,
) -> None:
    """Write all records of a kind to a file."""
    opened = open_store(store)
    try:
        with opened.reading(SYSTEM) as tx:
            modes.write(file, exports.export(tx, kind, file.suffix.removeprefix("."), ListQuery()))
    finally:
        opened.close()


@app.command()
def backup(store: StoreOption = None) -> None:
    """Copy the store into its folder of backups. While the product runs, use Settings › Workspace instead."""
    opened = open_store(store)
    try:
        print(opened.back_up())
        key = opened.folder / sealing.KEY_FILE
        if key.exists():
            print(f"{key} is not in it. Keep it apart from backups: a store restored elsewhere needs it beside it.")
    finally:
        opened.close()


@app.command()
def restore(backup: Path, store: StoreOption = None) -> None:
    """Put a backup in the store's place. What was there is kept beside it."""
    replaced = backups.restore(backup, _folder(store))
    print(f"Restored. What was there is kept in {replaced}." if replaced else "Restored.")


@app.command()
def verify(store: StoreOption = None) -> None:
    """Walk the log and hunt orphans and doubles; exit code 1 where something is wrong."""
    opened = open_store(store)
    try:
        problems = problems_of(opened)
    finally:
        opened.close()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems." if problems else "The store is sound.")
    raise typer.Exit(1 if problems else 0)


@user_app.command("add")
def add_user(
    email: str,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.REP,
    store: StoreOption = None,
    currency: Annotated[str | None, typer.Option(help=f"Currency of reports, such as EUR. {FIRST}")] = None,
    time_zone: Annotated[str | None, typer.Option(help=f"Decides what a day is, as Europe/Lisbon. {FIRST}")] = None,
    region: Annotated[str | None, typer.Option(help=f"For phone numbers, such as PT. {FIRST}")] = None,
    locale: Annotated[str | None, typer.Option(help=f"Language of numbers: {', '.join(LOCALES)}. {FIRST}")] = None,
) -> None:
    """Add a user; their first password is made here and shown once. With the first user the workspace is set up, too:
    what is not given is guessed from LANG and the machine's time zone."""
    given = {"currency": currency, "time_zone": time_zone, "region": region, "locale": locale}
    given = {setting: value for setting, value in given.items() if value is not None}
    password = passwords.generated()
    opened = open_store(store)
    try:
        with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            first = not users.exist(tx)
            if given and not first:
                raise Invalid("The workspace is set up already. Change it in Settings › Workspace.", next(iter(given)))
            if first:
                usual = workspace.get(tx).regional
                guess = regional.guessed(os.environ.get("LANG"), regional.zone_of_machine(), usual)
                workspace.change(tx, **{**guess.model_dump(), **given})
            user = users.add(tx, email=email, name=name, role=role, password_hash=passwords.hashed(password))
            place = workspace.get(tx)
    finally:
        opened.close()
    print(f"{user.name} ({user.role}) signs in with\n  {user.email}\n  {password}")
    if first:
        print(
            f"The workspace reports in {place.currency}, its days are those of {place.time_zone}, phone numbers are "
            f"of {place.region}, numbers are written as in {place.locale}: Settings › Workspace changes them."
        )


@user_app.command("reset-second-factor")
def reset_second_factor(email: str, store: StoreOption = None) -> None:
    """Take the second factor from somebody who lost phone and recovery codes; their sessions end."""
    opened = open_store(store)
    try:
        with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            user = users.with_email(tx, email)
            second_factor.reset(tx, user.id)
    finally:
        opened.close()
    print(f"{user.name} signs in without a second factor now, or is led to a new one where the role must have it.")


def open_store(folder: Path | None) -> Store:
    return Store(_folder(folder))


def _folder(option: Path | None) -> Path:
    return option or settings.load().store
