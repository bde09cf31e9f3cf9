"""The engine's cursors: whose visibility is set on each, and how a transaction on one ends."""

from dataclasses import dataclass

import duckdb

from crm.foundation.access import Actor
from crm.store.work import schema_of

Identity = tuple[tuple[str, object], ...]
"""The settings that decide a cursor's visibility."""


@dataclass
class Cursor:
    """A cursor, the identity whose visibility is set on it, and the limit of its statements (0: none)."""

    cursor: duckdb.DuckDBPyConnection
    identity: Identity = ()
    milliseconds: int = 0

    def see_as(self, identity: Identity) -> None:
        if self.identity == identity:
            return
        (_, schema), *variables = identity
        self.cursor.execute(f"SET search_path = '{schema}'")
        for name, value in variables:
            self.cursor.execute(
                f"SET VARIABLE {name} = $value", {"value": list(value) if isinstance(value, tuple) else value}
            )
        self.identity = identity

    def limit(self, milliseconds: int) -> None:
        if self.milliseconds != milliseconds:
            self.cursor.execute(f"SET SESSION max_execution_time = {milliseconds}")
            self.milliseconds = milliseconds


def identity_of(actor: Actor) -> Identity:
    """The settings that decide a cursor's visibility: first its schema, then the variables that the views read."""
    return (
        ("search_path", schema_of(actor)),
        ("actor_id", actor.id),
        # No empty lists: one has no element type, and the views would fail to bind. No team is -1, no module is ''.
        ("team_ids", actor.team_ids or (-1,)),
        ("modules", tuple(sorted(actor.modules)) or ("",)),
    )


def roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """End the transaction. It is no error if the engine has ended it already."""
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error as error:
        if "no transaction is active" not in str(error) and not is_invalidated(error):
            raise


def is_invalidated(error: duckdb.Error) -> bool:
    # Not every such error is a FatalException; the others are known by their message.
    return isinstance(error, duckdb.FatalException) or "database has been invalidated" in str(error)
