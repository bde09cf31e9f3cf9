"""What can be filtered by now: the choices of a field and the attributes of a type are each read at most once, and only
where a filter mentions them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.records import attributes
from crm.records.fields import Options
from crm.records.filters import Field, FieldType
from crm.store import Reading


@dataclass(frozen=True)
class FilterContext:
    """`keys` are the fields and relations that a filter mentions; None where everything is wanted."""

    tx: Reading
    keys: frozenset[str] | None = None
    _options: dict[Options, Mapping[Any, str]] = field(default_factory=dict)

    def wants(self, key: str) -> bool:
        return self.keys is None or key in self.keys

    def choice(self, key: str, label: str, sql: str, options: Options, within: str = "{condition}") -> list[Field]:
        """A field whose values are chosen from a few; none where it is not wanted."""
        if not self.wants(key):
            return []
        return [Field(key, label, FieldType.REFERENCE, sql, within, options=self.options(options))]

    def options(self, of: Options) -> Mapping[Any, str]:
        if of not in self._options:
            self._options[of] = of(self.tx)
        return self._options[of]

    def costly(self, view: str) -> str:
        """SQL to stand behind FROM: a view that is costly to read, read once however many conditions ask for it. The
        view itself where everything is wanted, since that is kept for longer than this context."""
        if self.keys is None:
            return view
        self.tx.create_temp_table_once(f"{view}_now", f"SELECT * FROM {view}")
        return f"temp.{view}_now"

    def attributes(self, of: str, owner: str, *, prefix: str = "", label: str = "") -> dict[str, Field]:
        """As `attributes.fields`."""
        if self.keys is None or any(key.startswith(f"{prefix}attribute:") for key in self.keys):
            return attributes.fields(self.tx, of, owner, prefix=prefix, label=label)
        return {}
