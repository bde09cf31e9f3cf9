"""What is known about one product's export."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crm.foundation.language import tr
from crm.records import registry


@dataclass(frozen=True)
class Preset:
    """Headers are in plain words, as `crm.imports.fields.plain` writes them: E-mail 1 - Value is “e mail 1 value”."""

    product: str
    kind: str
    """The plural of the record type that its rows become."""
    language: Literal["English", "Portuguese"]
    signs: tuple[str, ...]
    """Headers that this export always has and no other has together."""
    columns: Mapping[str, str]
    """Header → field. A header that is not here is left to its words."""
    spare: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → headers whose cell is taken where the field's own is empty, the best first."""
    blanks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Header → words that mean as much as an empty cell."""
    between_values: str | None = None
    """What parts several values in one cell: of addresses and numbers the first is taken, of labels all."""
    own_labels: tuple[str, ...] = ()
    """Labels that the product gives to everybody, and that say nothing here."""

    @property
    def name(self) -> str:
        return tr("{product} {kinds}", product=self.product, kinds=registry.many_of(self.kind))

    def holds_several(self, header: str) -> bool:
        """Whether cells under this header may hold several addresses or numbers."""
        fed = {key for key, names in self.spare.items() if header in names} | {self.columns.get(header, "")}
        return self.between_values is not None and bool(fed & {"email", "phone"})

    def holds_labels(self, header: str) -> bool:
        return self.between_values is not None and self.columns.get(header) == "labels"
