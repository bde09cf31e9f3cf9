"""The registry of record types: those that the product declares, and those that a team made without code.

The packages of the types are layers above this one, so they are imported by name at first use. A new declared type is
one line.
"""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeAlias, cast

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records.declaration import RecordType, Trait
from crm.records.kind_names import KindName
from crm.records.listing import ListQuery, Page
from crm.store import Reading, Row, Writing

DECLARED = {
    "contact": "crm.contacts.declaration:CONTACT",
    "company": "crm.companies.declaration:COMPANY",
    "deal": "crm.deals.declaration:DEAL",
    "order": "crm.orders.declaration:ORDER",
    "product": "crm.catalog.declaration:PRODUCT",
}
"""{key of a type: where its declaration is}."""


CUSTOM = "crm.objects.made"
"""Reads the custom types of a store."""
CUSTOM_PREFIX = "object_"

Types: TypeAlias = Mapping[str, RecordType[Any]]


@dataclass(frozen=True)
class _Custom:
    """The custom types of a store, by their keys."""

    types: Types = field(default_factory=dict)
    gone: Mapping[str, KindName] = field(default_factory=dict)
    """What those are called that are deleted."""


_known: ContextVar[_Custom] = ContextVar("custom types")
_latest = _Custom()
"""Of the store that was used last, for code that has used none in its own context."""


def types() -> dict[str, RecordType[Any]]:
    """{key: record type} of all types: the declared ones, then the custom ones of the store that this thread of work
    used last."""
    return {**declared(), **custom()}


@cache
def declared() -> Types:
    """{key: record type} of the types that the product declares."""
    return {key: _loaded(place) for key, place in DECLARED.items()}


def custom() -> Types:
    """{key: record type} of the types that the team made."""
    return _known.get(_latest).types


def gone() -> Mapping[str, KindName]:
    """{key: name} of the types that the team made and deleted, for good or not."""
    return _known.get(_latest).gone


def custom_called(word: str) -> RecordType[Any] | None:
    """The custom type with this slug, key or plural."""
    return next((of for of in custom().values() if word in (of.slug, of.key, of.plural)), None)


def is_custom(kind: str) -> bool:
    """Whether this is the key of a type that a team made, or had made."""
    return kind.startswith(CUSTOM_PREFIX)


def type_id_of(kind: str) -> int:
    """The number of a custom type, from its key."""
    return int(kind.removeprefix(CUSTOM_PREFIX))


def table_of_custom(kind: str) -> str:
    """The table of a custom type, which may be deleted."""
    return f"objects_{kind.removeprefix(CUSTOM_PREFIX)}"


def enter(tx: Reading) -> None:
    """Called by the store as a unit of work begins: from here on `types` are those of its store. They are read anew
    only after a change of the schema, as which each change of a custom type counts (`reload`)."""
    schema = tx.versions.schema
    read: tuple[int, _Custom] | None = tx.memory.get(CUSTOM)
    if read is None or read[0] != schema:
        read = tx.memory[CUSTOM] = schema, _read_all(tx.rows)
    _use(read[1])


def reload(tx: Writing) -> None:
    """Read the custom types as this change has left them. What was kept in memory for any of them is forgotten."""
    tx.changed_schema()
    _use(_read_all(tx.rows))


def types_in(rows: Callable[[str], list[Row]], *, deleted: bool = False) -> list[RecordType[Any]]:
    """All types of a store, which `rows` queries: also while it is just being opened, and with the custom ones that are
    deleted, whose records are kept."""
    return [*declared().values(), *_read(rows, deleted=deleted).values()]


def _read(rows: Callable[[str], list[Row]], *, deleted: bool = False) -> Types:
    found: Types = import_module(CUSTOM).types(rows, deleted=deleted)
    return found


def _read_all(rows: Callable[[str], list[Row]]) -> _Custom:
    return _Custom(_read(rows), import_module(CUSTOM).gone(rows))


def _use(custom: _Custom) -> None:
    global _latest
    _latest = custom
    _known.set(custom)


def get(key: str) -> RecordType[Any]:
    """The type with this key. Raises Invalid, which names the known ones, where there is none."""
    found = types().get(key)
    if found is None:
        known = ", ".join(of.slug or of.key for of in types().values())
        raise Invalid(tr("There is no kind of record “{kind}”: {kinds}.", kind=key, kinds=known), "kind")
    return found


def by_plural(
    plural: str, *, trait: Trait | None = None, refusal: str = later("There is no list of “{plural}”, only of {known}.")
) -> RecordType[Any]:
    """As `get`, by the plural, such as contacts, among the types with the trait."""
    offered = having(trait) if trait else list(types().values())
    found = next((of for of in offered if of.plural == plural), None)
    if found is None:
        raise Invalid(tr(refusal, plural=plural, known=", ".join(of.slug or of.plural for of in offered)), "kind")
    return found


def by_word(word: str, *, trait: Trait, refusal: str) -> RecordType[Any]:
    """As `by_plural`; a custom type by its slug or its key, too."""
    of = custom_called(word)
    return by_plural(of.plural if of else word, trait=trait, refusal=refusal)


def having(trait: Trait) -> list[RecordType[Any]]:
    """The types with this trait."""
    return [of for of in types().values() if of.has(trait)]


def one_of(kind: str) -> str:
    """The name of the type with this key, which may be deleted, inside a sentence; of what is no record type, the
    translated word."""
    of = types().get(kind)
    called = of.called if of else gone().get(kind)
    return called.one if called else tr(kind.replace("_", " "))


def many_of(plural: str) -> str:
    """As `one_of`, of several, by the plural of the type."""
    of = next((of for of in types().values() if of.plural == plural), None)
    called = of.called if of else next((name for key, name in gone().items() if table_of_custom(key) == plural), None)
    return called.many if called else tr(plural.replace("_", " "))


def type_of(record: object) -> RecordType[Any]:
    """The type of a record."""
    return next(of for of in types().values() if isinstance(record, of.record))


class Room(Protocol):
    """The verbs that the package of every type exports, some of them possibly written by hand."""

    def get(self, tx: Reading, record_id: int, /, *, version: int | None = None) -> Any: ...
    def find_one(self, tx: Reading, record_id: int, /) -> Any: ...
    def create(self, tx: Writing, /, **fields: Any) -> Any: ...
    def edit(self, tx: Writing, record_id: int, /, *, version: int | None = None, **changes: Any) -> Any: ...
    def delete(self, tx: Writing, record_id: int, /, *, version: int | None = None) -> None: ...
    def restore(self, tx: Writing, record_id: int, /) -> Any: ...
    def set_labels(self, tx: Writing, record_id: int, names: Iterable[str], /) -> Any: ...
    def find(self, tx: Reading, query: ListQuery, /) -> Page: ...
    def count(self, tx: Reading, query: ListQuery, /) -> int: ...


def room(key: str) -> Room:
    """The verbs of a type."""
    of = get(key)  # refuses an unknown key by name
    if of.custom:
        return cast(Room, import_module(CUSTOM).room(of))
    return cast(Room, import_module(DECLARED[key].partition(":")[0].rpartition(".")[0]))


def _loaded(place: str) -> RecordType[Any]:
    module, name = place.split(":")
    found: RecordType[Any] = getattr(import_module(module), name)
    return found
