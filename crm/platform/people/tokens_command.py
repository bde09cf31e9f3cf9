"""`crm token add`: a token for a user, made on the machine that holds the store. crm.cli imports it once it knows which
language to speak."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from crm.foundation import clock, settings
from crm.foundation.access import SYSTEM, Source
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Scope
from crm.store import Store

token_app = typer.Typer(help=tr("Tokens for the API."), no_args_is_help=True)


@token_app.callback()
def tokens_of_users() -> None:
    """Tokens for the API."""


@token_app.command(
    "add",
    help=tr("Create a token for a user and show it once. While the product runs, use the page Account instead."),
)
def add_token(
    email: str,
    name: Annotated[str, typer.Option(help=tr("What the token is for."))],
    scopes: Annotated[str, typer.Option(help=tr("Of {scopes}; commas between.", scopes=", ".join(Scope)))] = "read",
    days: Annotated[int, typer.Option(min=0, max=3650, help=tr("Days until it expires; 0 for never."))] = 90,
    store: Annotated[Path | None, typer.Option("--store", help=tr("Folder of the store; default CRM_STORE."))] = None,
) -> None:
    opened = Store(store or settings.load().store)
    try:
        with opened.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            issued = tokens.issue(
                tx,
                name=name,
                scopes=_scopes(scopes),
                expires_at=clock.now() + timedelta(days=days) if days else None,
                user_id=users.with_email(tx, email).id,
            )
    finally:
        opened.close()
    typer.echo(issued.text)


def _scopes(given: str) -> frozenset[Scope]:
    names = {name.strip() for name in given.split(",") if name.strip()}
    unknown = sorted(names - set(Scope))
    if unknown:
        raise Invalid(
            tr("There is no scope “{scope}”, only {scopes}.", scope=unknown[0], scopes=", ".join(Scope)), "scopes"
        )
    return frozenset(Scope(name) for name in names)
