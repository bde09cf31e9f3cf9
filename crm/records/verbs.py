"""The verbs of one record type, which its package exports: `get, create = _verbs.get, _verbs.create`."""

from collections.abc import Iterable, Mapping
from typing import Any, Generic

from crm.records import filtering, lists, reading, writing
from crm.records.declaration import R, RecordType
from crm.records.filters import FieldSet, Filter
from crm.records.listing import ListQuery, Page
from crm.store import Reading, Writing


class Verbs(Generic[R]):
    def __init__(self, of: RecordType[R]) -> None:
        self._of = of

    @property
    def of(self) -> RecordType[R]:
        return self._of

    def get(self, tx: Reading, record_id: int, *, version: int | None = None) -> R:
        """As `reading.get`."""
        return reading.get(tx, self.of, record_id, version=version)

    def find_one(self, tx: Reading, record_id: int) -> R | None:
        return reading.find_one(tx, self.of, record_id)

    # `/`: a type may have a field of the same name as an argument.
    def create(self, tx: Writing, /, *, attributes: Mapping[str, Any] | None = None, **fields: Any) -> R:
        """As `writing.create`."""
        return writing.create(tx, self.of, fields, attributes=attributes)

    def edit(
        self,
        tx: Writing,
        /,
        record_id: int,
        *,
        version: int | None = None,
        attributes: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> R:
        """As `writing.edit`."""
        return writing.edit(tx, self.of, record_id, changes, version=version, attributes=attributes)

    def delete(self, tx: Writing, record_id: int, *, version: int | None = None) -> None:
        writing.delete(tx, self.of, record_id, version=version)

    def restore(self, tx: Writing, record_id: int) -> R:
        return writing.restore(tx, self.of, record_id)

    def set_labels(self, tx: Writing, record_id: int, names: Iterable[str], *, version: int | None = None) -> R:
        return writing.set_labels(tx, self.of, record_id, names, version=version)

    def find(self, tx: Reading, query: ListQuery) -> Page:
        return lists.find(tx, self.of, query)

    def count(self, tx: Reading, query: ListQuery) -> int:
        return lists.count(tx, self.of, query)

    def fields(self, tx: Reading, query: Filter | None = None) -> FieldSet:
        """The filter fields of these records; given a filter, only those that it mentions."""
        return filtering.fields(tx, self.of, query)
