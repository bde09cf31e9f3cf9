"""What a kind of import writes to: the table, its keys, and the rule of each column when a record is already there."""

from dataclasses import dataclass, field

import polars as pl

from crm.imports.model import OnDuplicate


@dataclass(frozen=True)
class Table:
    """Column names are those of `base.<name>`. In SQL, `was` is the stored record and `row` the file's."""

    noun: str
    name: str
    keys: dict[str, str]
    """Column → the key column that holds its normal form, unique in the table."""
    plain: tuple[str, ...]
    finders: tuple[tuple[str, str, str], ...]
    """How a row finds its record, the surest first: (word for people, table, join condition of `found` and `row`)."""
    match_on: tuple[str, ...]
    """Columns that the finders read."""
    search: tuple[str, ...]
    """Columns that the search box looks in, in order."""
    shown: str
    """SQL of what names a record, `found`, to people."""
    needs: pl.Expr
    """What a row must hold to become a new record; `unless` says it to people."""
    unless: str
    rules: dict[tuple[str, OnDuplicate], str] = field(default_factory=dict)
    """Columns whose new value is more than “the one, else the other”: (column, choice) → SQL."""
    joins: str = ""
    """What the rules need beside `was` and `row`."""
    carried: tuple[str, ...] = ()
    """SQL of what else is kept beside the changes."""
    has_attributes: bool = True

    @property
    def attributes(self) -> str:
        return f"{self.noun}_attributes"

    @property
    def attributes_stored(self) -> str:
        """SQL of the table of attributes; of an empty one where the noun has none."""
        return f"base.{self.attributes}" if self.has_attributes else "(SELECT NULL::BIGINT AS id WHERE false)"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.plain, *self.keys)

    def new_value(self, column: str, choice: OnDuplicate, was: str = "was") -> str:
        """SQL of what a column holds afterwards. An empty cell never erases."""
        if (column, choice) in self.rules:
            return self.rules[column, choice]
        if choice is OnDuplicate.FILL:
            return f"coalesce({was}.{column}, row.{column})"
        return f"coalesce(row.{column}, {was}.{column})"


def by_key(word: str, name: str, key: str) -> tuple[str, str, str]:
    return (word, f"base.{name}", f"found.{key} = row.{key}")
