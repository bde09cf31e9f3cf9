"""`crm demo`: serves the product over a store of its own with demo data and an account for each role. crm.cli
imports it once it knows which language to speak."""

import os
from pathlib import Path
from typing import Annotated

import typer

from crm import serving
from crm.demo.fill import fill, is_demo
from crm.demo.office import furnish
from crm.demo.people import Account, give_password, one_of_each_role
from crm.foundation import settings
from crm.foundation.access import SYSTEM, Source
from crm.foundation.language import tr
from crm.foundation.settings import ROOT
from crm.platform.people import passwords
from crm.store import Store

FOLDER = ROOT / "data" / "demo"


def demo(
    store: Annotated[
        Path | None, typer.Option(help=tr("Folder of the demo's store; default CRM_STORE, else data/demo."))
    ] = None,
    times: Annotated[int, typer.Option(min=1, max=200, help=tr("Multiplies customers and deals, for load."))] = 1,
    seed: Annotated[int, typer.Option(help=tr("The same seed on the same day makes the same records."))] = 1,
    port: Annotated[
        int | None, typer.Option(help=tr("Port to listen on; 0 lets the system choose. Default CRM_PORT."))
    ] = None,
) -> None:
    """Serve made-up data to look around in, with an account for each role. A second start keeps what was changed."""
    typer.echo(
        tr("Making up two years of sales …")
        if times == 1
        else tr("Making up two years of sales, times {times} …", times=times)
    )
    folder = folder_of(store)
    opened = Store(folder)
    try:
        accounts = prepare(opened, seed=seed, times=times)
    finally:
        opened.close()
    typer.echo("\n" + tr("Sign in as") + "\n")
    for account, password in accounts:
        typer.echo(f"  {account.role:14} {account.email:32} {password}")
    typer.echo("\n" + tr("The passwords hold until the next start.") + "\n")
    # The served product reads its settings from the environment.
    os.environ["CRM_STORE"] = str(folder)
    if port is not None:
        os.environ["CRM_PORT"] = str(port)
    serving.serve(settings.load())


def folder_of(option: Path | None) -> Path:
    """The folder of the demo's store. Never the usual store's, unless it is named."""
    config = settings.load()
    return option or (config.store if "store" in config.model_fields_set else FOLDER)


def prepare(store: Store, *, seed: int, times: int) -> list[tuple[Account, str]]:
    """Fill the store unless it holds the demo already; one account of each role with a new password.

    Invalid where it holds anything else: nobody's real store gets these people.
    """
    actor = SYSTEM.through(Source.COMMAND_LINE)
    with store.writing(actor) as tx:
        fresh = not is_demo(tx)
        if fresh:
            fill(tx, seed=seed, times=times)
        accounts = one_of_each_role(tx)
    if fresh:
        furnish(store)
    given = [(account, passwords.generated()) for account in accounts]
    # Outside of the transaction: the hash is slow on purpose.
    hashes = [passwords.hashed(password) for _, password in given]
    with store.writing(actor) as tx:
        for account, password_hash in zip(accounts, hashes, strict=True):
            give_password(tx, account, password_hash)
    return given
