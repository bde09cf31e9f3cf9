"""Each person's choice of notifications and channels: theirs alone to make."""

import json
from collections.abc import Mapping

from crm.foundation.access import Role
from crm.notifications.kinds import KINDS, Channel, Kind
from crm.platform import preferences
from crm.store import Reading, Writing

NAME = "notices"
"""The name of the preference: {kind: [channels]}; a missing kind has its default channels."""

Choices = Mapping[Kind, frozenset[Channel]]


def mine(tx: Reading) -> Choices:
    """The actor's choices, for the kinds that are offered to them."""
    return _choices(preferences.get(tx, NAME), tx.actor.role)


def choose(tx: Writing, kind: Kind, channels: frozenset[Channel]) -> None:
    """Receive notifications of a kind on exactly these channels."""
    stored = preferences.get(tx, NAME) or {}
    preferences.put(tx, NAME, {**stored, kind.value: sorted(channels)})


def of(tx: Reading, user_id: int) -> Choices:
    """A user's current choices; none for a disabled user. Reads `base.`, for the product itself."""
    found = tx.rows(
        """
        SELECT person.role, chosen.value
        FROM base.users AS person
        LEFT JOIN base.preferences AS chosen ON chosen.user_id = person.id AND chosen.name = $name
        WHERE person.id = $id AND person.active
        """,
        id=user_id,
        name=NAME,
    )
    if not found:
        return dict.fromkeys(Kind, frozenset())
    value = found[0]["value"]
    return _choices(None if value is None else json.loads(value), Role(found[0]["role"]))


def _choices(stored: Mapping[str, list[str]] | None, role: Role) -> Choices:
    chosen = stored or {}
    return {
        kind: frozenset(Channel(channel) for channel in chosen.get(kind.value, about.channels))
        # The role may have changed since the choice was made.
        if role in about.roles
        else frozenset()
        for kind, about in KINDS.items()
    }
