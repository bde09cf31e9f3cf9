"""The context in which filter fields are built: options of fields and attributes of types are read at most once, and
only where a filter mentions them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.records import attributes
from crm.records.fields import Options
from crm.records.filters import Field, FieldType
from crm.store import Reading


@dataclass(frozen=True)
class FilterContext:
    """`keys` are the fields and relations that a filter mentions; None for all of them."""

    tx: Reading
    keys: frozenset[str] | None = None
    _options: dict[Options, Mapping[Any, str]] = field(default_factory=dict)

    def mentions(self, key: str) -> bool:
        return self.keys is None or key in self.keys

    def choice(self, key: str, label: str, sql: str, options: Options, within: str = "{condition}") -> list[Field]:
        """A field with few options, as a list of one; empty where the filter does not mention it."""
        # All options of a type are ten queries, which take longer than counting 100,000 contacts (measured).
        if not self.mentions(key):
            return []
        return [Field(key, label, FieldType.REFERENCE, sql, within, options=self.options(options))]

    def options(self, of: Options) -> Mapping[Any, str]:
        if of not in self._options:
            self._options[of] = of(self.tx)
        return self._options[of]

    def costly(self, view: str) -> str:
        """SQL of a relation: a costly view, read once into a temporary table however many conditions use it."""
        # All fields of a type are cached beyond this transaction, and its temporary tables with it would be gone.
        if self.keys is None:
            return view
        self.tx.create_temp_table_once(f"{view}_now", f"SELECT * FROM {view}")
        return f"temp.{view}_now"

    def attributes(self, of: str, owner: str, *, prefix: str = "", label: str = "") -> dict[str, Field]:
        """As `attributes.fields`."""
        if self.keys is None or any(key.startswith(f"{prefix}attribute:") for key in self.keys):
            return attributes.fields(self.tx, of, owner, prefix=prefix, label=label)
        return {}
