"""The command line, `crm …`: run the product, and look after its store while it is not running."""

import os

from crm.foundation import language
from crm.foundation.language import LANGUAGES, tr

# Before all else: commands say what they do as they are declared.
_SPOKEN = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
language.use(language.preferred(_SPOKEN) or language.ENGLISH)

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from crm import serving
from crm.demo.command import demo
from crm.exports.command import export_list
from crm.foundation import sealing, settings
from crm.foundation.access import SYSTEM, Role, Source
from crm.foundation.errors import CrmError, Invalid, StoreRefused
from crm.imports.command import import_file, undo_import
from crm.platform import backups, regional, workspace
from crm.platform.people import passwords, second_factor, users
from crm.platform.people.tokens_command import token_app
from crm.store import Store, modes
from crm.verify import verify as problems_of

app = typer.Typer(help=tr("Mallard CRM."), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
user_app = typer.Typer(help=tr("People who sign in."), no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")
app.command(
    help=tr(
        "Serve made-up data to look around in, with an account for each role. A second start keeps what was changed."
    )
)(demo)
app.command(
    "import",
    help=tr("Import a file of records. Exit code 1: some rows were rejected; 2: nothing was imported."),
)(import_file)
app.command("export", help=tr("Write all records of a kind to a file."))(export_list)
app.command(
    "undo-import",
    help=tr("Undo an import as a whole. Exit code 1: some records were touched since, and are left as they are."),
)(undo_import)

LOCALE = tr("Language: {locales}. With the first user only.", locales=", ".join(LANGUAGES))
REFUSED = 2
STORE_REFUSED = 3

StoreOption = Annotated[Path | None, typer.Option("--store", help=tr("Folder of the store; default CRM_STORE."))]


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


@app.command(help=tr("Serve the pages, the API and the background work."))
def serve(
    port: Annotated[int | None, typer.Option(help=tr("Port to listen on; 0 lets the system choose."))] = None,
    address: Annotated[str | None, typer.Option(help=tr("Address to listen on."))] = None,
    store: StoreOption = None,
    behind_proxy: Annotated[bool, typer.Option("--behind-proxy", help=tr("A proxy in front ends TLS."))] = False,
) -> None:
    options = {"CRM_PORT": port, "CRM_ADDRESS": address, "CRM_STORE": store, "CRM_BEHIND_PROXY": behind_proxy or None}
    # Through the environment: uvicorn imports the application by name, which loads the settings itself.
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    serving.serve(settings.load())


@app.command("settings", help=tr("List every setting, what it is now, and what it does."))
def show_settings() -> None:
    now = settings.load()
    for name, field in settings.Settings.model_fields.items():
        value = getattr(now, name)
        shown = tr("(set)") if "secret" in name and value else "" if value is None else value
        print(f"CRM_{name.upper():24} {shown!s:30} {tr(field.description or name)}")


@app.command(
    help=tr("Copy the store into its folder of backups. While the product runs, use Settings › Workspace instead.")
)
def backup(store: StoreOption = None) -> None:
    opened = open_store(store)
    try:
        print(opened.back_up())
        key = opened.folder / sealing.KEY_FILE
        if key.exists():
            print(
                tr(
                    "{key} is not in it. Keep it apart from backups: a store restored elsewhere needs it beside it.",
                    key=key,
                )
            )
    finally:
        opened.close()


@app.command(help=tr("Put a backup in the store's place. What was there is kept beside it."))
def restore(backup: Path, store: StoreOption = None) -> None:
    replaced = backups.restore(backup, _folder(store))
    print(tr("Restored. What was there is kept in {folder}.", folder=replaced) if replaced else tr("Restored."))


@app.command(help=tr("Walk the log and hunt orphans and doubles; exit code 1 where something is wrong."))
def verify(store: StoreOption = None) -> None:
    opened = open_store(store)
    try:
        problems = problems_of(opened)
    finally:
        opened.close()
    for problem in problems:
        print(problem)
    print(tr("{count} problems.", count=len(problems)) if problems else tr("The store is sound."))
    raise typer.Exit(1 if problems else 0)


@user_app.command(
    "add",
    help=tr(
        "Add a user; their first password is made here and shown once. With the first user the workspace is set up, "
        "too: what is not given is guessed from LANG and the machine's time zone."
    ),
)
def add_user(
    email: str,
    name: Annotated[str, typer.Option(help=tr("The person's name."))],
    role: Annotated[Role, typer.Option(help=tr("What they may do."))] = Role.REP,
    store: StoreOption = None,
    currency: Annotated[
        str | None, typer.Option(help=tr("Currency of reports, such as EUR. With the first user only."))
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help=tr("Decides what a day is, as Europe/Lisbon. With the first user only."))
    ] = None,
    region: Annotated[
        str | None, typer.Option(help=tr("For phone numbers, such as PT. With the first user only."))
    ] = None,
    locale: Annotated[str | None, typer.Option(help=LOCALE)] = None,
) -> None:
    given = {"currency": currency, "time_zone": time_zone, "region": region, "locale": locale}
    given = {setting: value for setting, value in given.items() if value is not None}
    password = passwords.generated()
    opened = open_store(store)
    try:
        with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            first = not users.exist(tx)
            if given and not first:
                raise Invalid(
                    tr("The workspace is set up already. Change it in Settings › Workspace."), next(iter(given))
                )
            if first:
                usual = workspace.get(tx).regional
                guess = regional.guessed(os.environ.get("LANG"), regional.zone_of_machine(), usual)
                workspace.change(tx, **{**guess.model_dump(), **given})
            user = users.add(tx, email=email, name=name, role=role, password_hash=passwords.hashed(password))
            place = workspace.get(tx)
    finally:
        opened.close()
    told = tr("{name} ({role}) signs in with", name=user.name, role=tr(user.role))
    print(f"{told}\n  {user.email}\n  {password}")
    if first:
        print(
            tr(
                "The workspace reports in {currency}, its days are those of {time_zone}, phone numbers are of "
                "{region}, numbers are written as in {locale}: Settings › Workspace changes them.",
                currency=place.currency,
                time_zone=place.time_zone,
                region=place.region,
                locale=place.locale,
            )
        )


@user_app.command(
    "reset-second-factor",
    help=tr("Take the second factor from somebody who lost phone and recovery codes; their sessions end."),
)
def reset_second_factor(email: str, store: StoreOption = None) -> None:
    opened = open_store(store)
    try:
        with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            user = users.with_email(tx, email)
            second_factor.reset(tx, user.id)
    finally:
        opened.close()
    print(
        tr(
            "{name} signs in without a second factor now, or is led to a new one where the role must have it.",
            name=user.name,
        )
    )


def open_store(folder: Path | None) -> Store:
    return Store(_folder(folder))


def _folder(option: Path | None) -> Path:
    return option or settings.load().store
