"""Files of rates: the European Central Bank's CSV, wide and quoted for one euro, and a plain long one.

Wide: `Date,USD,JPY,BRL,…`, what one euro was worth on each day, converted into rates of the workspace's currency. Long:
`day,currency,rate`, in the workspace's currency. Either may come packed, as the bank hands it out.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from crm.foundation import bounds, money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform.rates.model import EXACT, LARGEST, checked_currency, checked_day, checked_rate, rounded_rate

LARGEST_FILE = 16 * 2**20
"""Bytes, packed or not: the bank's whole history since 1999 is 2 MB."""
MOST_QUOTES = 1_000_000

EURO = "EUR"
NOT_QUOTED = frozenset({"", "N/A", "NA", "-"})
DAY_FORMATS = ("%Y-%m-%d", "%d %B %Y", "%d/%m/%Y", "%d.%m.%Y")
"""The second is that of the bank's file of one day."""
DAYS = frozenset({"day", "date", "dia", "data"})
CURRENCIES = frozenset({"currency", "moeda"})
RATES = frozenset({"rate", "taxa", "cotação", "cotacao"})


@dataclass(frozen=True)
class Quote:
    """A rate that a file gives, in the workspace's currency."""

    line: int
    currency: str
    day: date
    rate: Decimal


@dataclass(frozen=True)
class Reject:
    line: int
    reason: str


@dataclass
class Sheet:
    """What a file holds. `unquoted_days`: days of a wide file that say nothing of the workspace's own currency, without
    which nothing can be converted."""

    base_currency: str
    quotes: list[Quote] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unquoted_days: int = 0


def read(content: bytes, base: str, today: date) -> Sheet:
    """The rates of a file. `base` is the workspace's currency. Raises Invalid for what is no such file."""
    text = _text(content)
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        names = [name.strip().lower() for name in header]
        if places := _long_places(names):
            found = _Gathering(base, today, comma=delimiter == ";")
            found.long(reader, places)
        elif names and names[0] in DAYS and len(names) > 1:
            found = _Gathering(base, today, comma=delimiter == ";")
            found.wide(reader, [name.strip() for name in header])
        else:
            raise Invalid(
                tr(
                    "This is no file of rates: the first line is either “day,currency,rate”, or “Date” and a currency "
                    "for each column, as the European Central Bank's has it."
                ),
                "file",
            )
    except csv.Error as error:
        raise Invalid(tr("The file cannot be read as CSV: {error}.", error=error), "file") from None
    return found.sheet


class _Gathering:
    """Collects the rates of a file line by line."""

    def __init__(self, base: str, today: date, *, comma: bool) -> None:
        self.sheet = Sheet(base)
        self._base = base
        self._today = today
        self._comma = comma
        """Whether a comma may be the decimal mark: not in files whose cells it parts."""
        self._lines: dict[tuple[str, date], int] = {}

    def long(self, reader: Iterable[list[str]], places: tuple[int, int, int]) -> None:
        for line, cells in _numbered(reader):
            if len(cells) <= max(places):
                self._reject(line, tr("The line is cut short."))
                continue
            day, currency, rate = (cells[place].strip() for place in places)
            try:
                self._take(
                    line, checked_currency(currency, self._base), self._day(day), checked_rate(self._number(rate))
                )
            except Invalid as fault:
                self._reject(line, str(fault))

    def wide(self, reader: Iterable[list[str]], header: list[str]) -> None:
        columns = self._columns(header)
        if self._base != EURO and self._base not in columns.values():
            raise Invalid(
                tr(
                    "The file says nothing of {currency}, the workspace's currency: without it nothing can be "
                    "converted.",
                    currency=self._base,
                ),
                "file",
            )
        for line, cells in _numbered(reader):
            try:
                day = self._day(cells[0].strip())
            except Invalid as fault:
                self._reject(line, str(fault))
                continue
            self._take_row(line, day, self._quoted(line, cells, columns))

    def _columns(self, header: list[str]) -> dict[int, str]:
        """{place: currency}. A column of no currency is rejected, once."""
        found: dict[int, str] = {}
        for place, name in enumerate(header[1:], 1):
            if not name:  # each line of the bank's file ends in a comma
                continue
            try:
                found[place] = money.currency(name)
            except Invalid as fault:
                self._reject(1, str(fault))
        return found

    def _quoted(self, line: int, cells: list[str], columns: dict[int, str]) -> dict[str, Decimal]:
        """{currency: how much of it one euro was worth}."""
        found = {}
        for place, currency in columns.items():
            cell = cells[place].strip() if place < len(cells) else ""
            if cell.upper() in NOT_QUOTED:
                continue
            number = bounds.number(self._number(cell))
            if number is None or not 0 < number <= LARGEST:
                self._reject(line, tr("“{cell}” is no rate of {currency}.", cell=bounds.shown(cell), currency=currency))
            else:
                found[currency] = number
        return found

    def _take_row(self, line: int, day: date, quoted: dict[str, Decimal]) -> None:
        own = Decimal(1) if self._base == EURO else quoted.get(self._base)
        if own is None:
            self.sheet.unquoted_days += bool(quoted)
            return
        for currency, number in {EURO: Decimal(1), **quoted}.items():
            if currency == self._base:
                continue
            rate = rounded_rate(EXACT.divide(own, number))
            if 0 < rate <= LARGEST:
                self._take(line, currency, day, rate)
            else:
                self._reject(line, tr("{currency} is worth too much or too little to be kept.", currency=currency))

    def _take(self, line: int, currency: str, day: date, rate: Decimal) -> None:
        earlier = self._lines.setdefault((currency, day), line)
        if earlier != line:
            self._reject(
                line, tr("Line {line} has a rate of {currency} for this day.", line=earlier, currency=currency)
            )
            return
        if len(self.sheet.quotes) >= MOST_QUOTES:
            raise Invalid(tr("A file has {most:,} rates at most.", most=MOST_QUOTES), "file")
        self.sheet.quotes.append(Quote(line, currency, day, rate))

    def _reject(self, line: int, reason: str) -> None:
        self.sheet.rejects.append(Reject(line, reason))

    def _day(self, cell: str) -> date:
        for pattern in DAY_FORMATS:
            try:
                return checked_day(datetime.strptime(cell, pattern).date(), self._today)  # noqa: DTZ007
            except ValueError:
                continue
        raise Invalid(tr("“{cell}” is no day. Write it as 2026-12-31.", cell=bounds.shown(cell)), "day")

    def _number(self, cell: str) -> str:
        return cell.replace(",", ".") if self._comma and "." not in cell else cell


def _text(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        content = _unpacked(content)
    if len(content) > LARGEST_FILE:
        raise _too_large()
    try:
        return content.decode("utf-8-sig").lstrip("\r\n")
    except UnicodeDecodeError:
        raise Invalid(tr("The file is no text in UTF-8. Save it as CSV in UTF-8."), "file") from None


def _unpacked(content: bytes) -> bytes:
    """The one CSV file of an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
            if len(names) != 1:
                raise Invalid(tr("The archive holds {count} CSV files; it has to be one.", count=len(names)), "file")
            with archive.open(names[0]) as file:
                # What the archive says of its own size is not to be trusted.
                return file.read(LARGEST_FILE + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Invalid(tr("The archive cannot be unpacked: {error}.", error=error), "file") from None


def _too_large() -> Invalid:
    return Invalid(tr("The file is larger than {limit:,} MiB, the limit here.", limit=LARGEST_FILE // 2**20), "file")


def _long_places(names: list[str]) -> tuple[int, int, int] | None:
    """The columns of day, currency and rate; None where one of them is missing."""
    places = [
        next((place for place, name in enumerate(names) if name in words), None) for words in (DAYS, CURRENCIES, RATES)
    ]
    day, currency, rate = places
    return None if day is None or currency is None or rate is None else (day, currency, rate)


def _numbered(reader: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """The lines after the header with their numbers, those without anything left out."""
    for line, cells in enumerate(reader, 2):
        if any(cell.strip() for cell in cells):
            yield line, cells
