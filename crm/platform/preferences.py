"""Preferences of one user, such as the columns of a list. They record no events."""

import json
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform import personal
from crm.store import Reading, Writing

LONGEST = 20_000


def get(tx: Reading, name: str) -> Any:
    """The actor's value; None where they chose nothing."""
    text = personal.read(tx).preferences.get(name)
    return None if text is None else json.loads(text)


def put(tx: Writing, name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > LONGEST:
        raise Invalid(tr("A preference takes at most {limit:,} characters.", limit=LONGEST), name)
    tx.run(
        """
        INSERT INTO base.preferences (user_id, name, value)
        VALUES ($me, $name, $value)
        ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value
        """,
        me=tx.actor.id,
        name=name,
        value=text,
    )


def forget(tx: Writing, name: str) -> None:
    """Return to the default."""
    tx.run("DELETE FROM base.preferences WHERE user_id = $me AND name = $name", me=tx.actor.id, name=name)
