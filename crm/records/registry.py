"""The registry of record types.

The packages of the types are layers above this one, so they are imported by name at first use. A new type is one line.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records.declaration import RecordType, Trait
from crm.records.listing import ListQuery, Page
from crm.store import Reading, Writing

DECLARED = {
    "contact": "crm.contacts.declaration:CONTACT",
    "company": "crm.companies.declaration:COMPANY",
    "deal": "crm.deals.declaration:DEAL",
    "order": "crm.orders.declaration:ORDER",
    "product": "crm.catalog.declaration:PRODUCT",
}
"""{key of a type: where its declaration is}."""


@cache
def types() -> dict[str, RecordType[Any]]:
    """{key: record type} of all types."""
    return {key: _loaded(place) for key, place in DECLARED.items()}


def get(key: str) -> RecordType[Any]:
    """The type with this key. Raises Invalid, which names the known ones, where there is none."""
    found = types().get(key)
    if found is None:
        raise Invalid(tr("There is no kind of record “{kind}”: {kinds}.", kind=key, kinds=", ".join(types())), "kind")
    return found


def by_plural(
    plural: str, *, trait: Trait | None = None, refusal: str = later("There is no list of “{plural}”, only of {known}.")
) -> RecordType[Any]:
    """As `get`, by the plural, such as contacts, among the types with the trait."""
    offered = having(trait) if trait else list(types().values())
    found = next((of for of in offered if of.plural == plural), None)
    if found is None:
        raise Invalid(tr(refusal, plural=plural, known=", ".join(of.plural for of in offered)), "kind")
    return found


def having(trait: Trait) -> list[RecordType[Any]]:
    """The types with this trait."""
    return [of for of in types().values() if of.has(trait)]


def one_of(kind: str) -> str:
    """The name of the type with this key, inside a sentence; of what is no record type, the translated word."""
    found = types().get(kind)
    return found.one if found else tr(kind.replace("_", " "))


def many_of(plural: str) -> str:
    """As `one_of`, of several, by the plural of the type."""
    found = next((of for of in types().values() if of.plural == plural), None)
    return found.many if found else tr(plural.replace("_", " "))


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
    get(key)  # refuses an unknown key by name
    return cast(Room, import_module(DECLARED[key].partition(":")[0].rpartition(".")[0]))


def _loaded(place: str) -> RecordType[Any]:
    module, name = place.split(":")
    found: RecordType[Any] = getattr(import_module(module), name)
    return found
