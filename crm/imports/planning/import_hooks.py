"""Where the import of a type does more than its fields say. Types without hooks are imported all the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from crm.imports.model import OnDuplicate, Options
from crm.imports.planning.columns import Columns
from crm.store import Reading, Writing

if TYPE_CHECKING:
    from crm.imports.applying.matching import Matched
    from crm.imports.applying.references import Resolved


@dataclass(frozen=True, kw_only=True)
class ImportHooks:
    """In the order in which an import comes to them. In SQL, `was` is the stored record, `row` the file's, and `found`
    one that a row may be about."""

    key: str = ""
    """Of the record type."""
    clean: Callable[[Columns], None] | None = None
    """Rules over several cells of a row, and further columns; the columns of fields are clean by then."""
    keys: tuple[tuple[str, str], ...] = ()
    """Further columns that no two rows of a file share, each with the word for it."""
    resolves: frozenset[str] = frozenset()
    """References that `resolve` answers; the others are found by what they point to."""
    resolve: "Callable[[Reading, Resolved, Options], None] | None" = None
    known_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Words that `resolve` understands beside names, by reference."""
    columns: tuple[str, ...] = ()
    """Columns of the table that are written beside those of fields."""
    finders: tuple[tuple[str, str], ...] = ()
    """How a row finds its record where no key does: (word for people, join condition of `found` and `row`)."""
    match_on: tuple[str, ...] = ()
    """Columns that `finders` read."""
    found_by: str = ""
    """The sentence that says so, where the unique fields alone do not make it."""
    needs: pl.Expr | None = None
    """What a row must hold to become a new record; every required field where there is none. `unless` says it."""
    unless: str = ""
    makes: frozenset[str] = frozenset()
    """The options by which `resolve` makes other records."""
    matched: "Callable[[Reading, Matched, OnDuplicate], Matched] | None" = None
    """Once it is known which record each row is about."""
    rules: Mapping[tuple[str, OnDuplicate], str] = field(default_factory=dict)
    """Columns whose new value is more than “the one, else the other”: (column, choice) → SQL."""
    joins: str = ""
    """What the rules need beside `was` and `row`."""
    carried: tuple[str, ...] = ()
    """SQL of what else is kept beside the changes."""
    refused_new: Callable[[Reading, pl.DataFrame], pl.DataFrame] | None = None
    """Faults of rows that would become records."""
    refused_changes: Callable[[Reading], pl.DataFrame] | None = None
    """Faults of rows in the temporary table `changed`."""
    complete: Callable[[Writing, pl.DataFrame], pl.DataFrame] | None = None
    """New records with further columns."""
    insert: Mapping[str, str] = field(default_factory=dict)
    """Columns of a new record → SQL over the row, where that is not the row's own column."""
    created: Callable[[Writing, pl.DataFrame], None] | None = None
    """After new records were written, in place of `Hooks.after_set`."""
    before_update: Callable[[Writing, frozenset[str]], None] | None = None
    """Of the records in `changed`, with its columns."""
    updated: Callable[[Writing, frozenset[str]], None] | None = None
    """As `before_update`, after the columns were written and before `Hooks.after_set`."""
    noted: Callable[[Writing, str], None] | None = None
    """After notes of records were added or removed; with SQL of the records' ids."""
    undone: Callable[[Writing, frozenset[str]], None] | None = None
    """After the records in `restored` were put back; with the columns that were."""
    own_tables: frozenset[str] = frozenset()
    """Tables of what an import gives to its records itself; whoever adds a row later changes the record's version."""
    examples: Callable[[Reading], dict[str, str]] | None = None
    """By target: what a template shows, where that must be there already."""


NONE = ImportHooks()
