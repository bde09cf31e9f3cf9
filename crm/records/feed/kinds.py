"""What the feed needs of the registered record types: their tables, and which of their records an actor sees."""

from collections.abc import Iterable

from crm.foundation.access import Actor
from crm.records import registry
from crm.records.declaration import Trait


def tables() -> dict[str, str]:
    return {key: of.plural for key, of in registry.types().items()}


def names() -> dict[str, tuple[str, str]]:
    """{field of a name: (field of the id that it names, the type that this points to)}."""
    found = {}
    for of in registry.types().values():
        for name, field in of.names.items():
            to = of.references[field].to
            if isinstance(to, str) and to in registry.types():
                found[name] = (field, to)
    return found


def seen_by(actor: Actor) -> str:
    """SQL over a row's `kind` and `id`: whether the actor may see the record, in the bin or not.

    Who sees everything sees rows of what is no record too (users, pipelines, …), and of records that are gone.
    """
    if actor.sees_everything:
        off = [key for key, of in registry.types().items() if not of.is_on(actor)]
        return f"kind NOT IN ({listed(off)})" if off else "true"
    return "(" + " OR ".join(_seen(key, table) for key, table in tables().items()) + ")"


def listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _seen(key: str, table: str) -> str:
    binned = f" UNION ALL SELECT id FROM {key}_bin" if registry.get(key).has(Trait.BIN) else ""
    return f"(kind = '{key}' AND id IN (SELECT id FROM {table}{binned}))"
