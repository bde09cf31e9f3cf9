"""`crm export`: from the store of this machine, or through the server that has it open."""

from pathlib import Path
from typing import Annotated

import typer

from crm import exports
from crm.foundation.access import SYSTEM
from crm.foundation.language import tr
from crm.platform import at_server
from crm.platform.at_server import Server, ServerOption, StoreOption, TokenOption
from crm.platform.people.tokens import Scope
from crm.records.listing import ListQuery
from crm.store import Store, modes


def export_list(
    kind: Annotated[
        str,
        typer.Argument(
            help=tr(
                "What to write: {kinds}, or a type of your own by its name in addresses, such as course.",
                kinds=", ".join(exports.kinds()),
            )
        ),
    ],
    file: Annotated[Path, typer.Argument(help=tr("Ends in .csv, .xlsx or .parquet"))],
    store: StoreOption = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Write all records of a kind to a file."""
    ending = file.suffix.removeprefix(".")
    exports.check_format(ending)
    if at_server.is_new(store, server):
        exports.type_of(kind)
    place = at_server.reach(store, server, token, Scope.EXPORT)
    try:
        modes.write(file, _written(place, kind, ending))
    finally:
        place.close()


def _written(place: Store | Server, kind: str, format: str) -> bytes:
    if isinstance(place, Server):
        return place.get(f"/exports/{kind}.{format}").content
    with place.reading(SYSTEM) as tx:
        return exports.export(tx, exports.type_of(kind).plural, format, ListQuery())
