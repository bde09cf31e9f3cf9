"""The clean columns of a file, built one field at a time, with a fault for each cell that is no value of its field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from crm.foundation.access import Module
from crm.imports.mapping.column_mapping import Mapping
from crm.imports.model import Options
from crm.imports.reading import amounts, dates
from crm.records.attributes import Definition

TEXT = pl.String()

FAULTS = {"line": pl.Int64(), "field": pl.String(), "reason": pl.String()}


@dataclass(frozen=True)
class CleaningContext:
    """What cleaning needs to know of the workspace and its attributes."""

    region: str
    currency: str
    today: date
    time_zone: str
    definitions: list[Definition]
    labels: frozenset[str] = frozenset()
    """The names of the labels that there are, folded in case."""
    modules: frozenset[Module] = frozenset(Module)


@dataclass
class Columns:
    texts: pl.DataFrame
    """`line` and one text column per mapped target."""
    mapping: Mapping
    options: Options
    context: CleaningContext
    unsure: str | None = None
    """The decimal mark of numbers that can be read in two ways: numbers of a workbook have a point. None: ask."""
    clean: pl.DataFrame = field(init=False)
    date_patterns: dict[str, str] = field(default_factory=dict)
    """By field: chosen, or detected on the way."""
    decimal: str | None = None
    notices: list[str] = field(default_factory=list)
    """What people are told of how cells were understood."""
    _faults: list[pl.DataFrame] = field(default_factory=list)
    _unread: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clean = self.texts.select("line")

    def has(self, key: str) -> bool:
        return key in self.texts.columns

    def pattern_of(self, key: str) -> str:
        """The pattern that was chosen for the field, or for every field (“*”), else the one that the column shows."""
        chosen = self.options.date_patterns
        found = chosen.get(key) or chosen.get("*")
        self.date_patterns[key] = found or dates.pattern_of_column(self.texts[key], self.mapping.header_of(key))
        return self.date_patterns[key]

    def amount(self, key: str) -> None:
        """Add the amount of a field, and beside it `<key>_written_in`: the currency that its sign names."""
        written_in = f"{key}_written_in"
        if not self.has(key):
            nothing = (pl.lit(None, amounts.MONEY).alias(key), pl.lit(None, pl.String).alias(written_in))
            self.clean = self.clean.with_columns(*nothing)
            return
        mark = self.options.decimal or amounts.mark_of(self.texts[key], self.mapping.header_of(key), self.unsure)
        self.decimal = mark
        read = amounts.amounts(self.texts[key], mark)
        self.clean = self.clean.with_columns(read["written_in"].alias(written_in))
        self.put(key, lambda _: read)

    def put(self, key: str, normal_form: Callable[[pl.Series], pl.DataFrame]) -> None:
        """Add a column by its normal form (`value`, `fault` per cell); all empty where nothing is mapped to it."""
        if not self.has(key):
            self.leave_empty(key)
            return
        read = normal_form(self.texts[key])
        self.clean = self.clean.with_columns(read["value"].alias(key))
        if read["fault"].null_count() < read.height:
            self.refuse_cells(read["fault"].is_not_null(), key, read["fault"])

    def leave_empty(self, key: str, kind: pl.DataType = TEXT) -> None:
        self.clean = self.clean.with_columns(pl.lit(None, kind).alias(key))

    def refuse(self, rows: pl.Series, key: str | None, reason: str | pl.Series) -> None:
        """Refuse the rows where the series is true."""
        self._faults.append(self._at(rows, key, reason))

    def _at(self, rows: pl.Series, key: str | None, reason: str | pl.Series) -> pl.DataFrame:
        texts = reason if isinstance(reason, pl.Series) else pl.repeat(reason, rows.len(), eager=True)
        those = pl.DataFrame({"line": self.clean["line"], "reason": texts}).filter(rows)
        return those.select("line", field=pl.lit(key, pl.String), reason="reason")

    def refuse_cells(self, cells: pl.Series, key: str, reason: str | pl.Series) -> None:
        """Refuse the rows where the series is true for the sake of this one cell; where the options say so, only the
        cell is left empty."""
        if not self.options.leaves_empty(key):
            self.refuse(cells, key, reason)
            return
        self.note(cells.fill_null(False), key, reason)
        self.clean = self.clean.with_columns(pl.when(~cells.fill_null(False)).then(pl.col(key)).alias(key))

    def note(self, cells: pl.Series, key: str, reason: str | pl.Series) -> None:
        """Note the cells that were left empty, or read in part."""
        self._unread.append(self._at(cells, key, reason))

    def refuse_where(self, condition: pl.Expr, key: str | None, reason: str) -> None:
        # A comparison with an empty cell is null: an empty cell breaks no rule.
        self.refuse(self.clean.select(condition.fill_null(False)).to_series(), key, reason)

    @property
    def unread(self) -> pl.DataFrame:
        """line, field and reason of the cells that were left empty, or read in part."""
        return pl.concat([pl.DataFrame(schema=FAULTS), *self._unread])

    def split(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The sound rows; and the faults, the first of each row."""
        faults = first_of_each_line(self._faults)
        return without(self.clean, faults["line"]), faults


def without(rows: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """The rows at other lines, in their order."""
    # An anti-join would copy a million rows in seven times as long, and do so where there are no lines, too.
    return rows.filter(~pl.col("line").is_in(lines.implode())) if lines.len() else rows


def first_of_each_line(faults: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The faults, one a row of the file: the first of each."""
    if not faults:
        return pl.DataFrame(schema=FAULTS)
    return pl.concat(faults).unique("line", keep="first", maintain_order=True)
