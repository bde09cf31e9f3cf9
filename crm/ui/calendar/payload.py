"""The data of a month as the component takes it, with every text made here, in the locale's way."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names

from crm import deals
from crm.deals import Calendar, PipelineQuery
from crm.deals.calendar import Entry, Group
from crm.foundation import money
from crm.foundation.language import later, plural, tr, tr_as
from crm.store import Reading
from crm.store.kept import kept
from crm.ui import words
from crm.ui.components import dragging

WORDS = {
    "menu": later("Actions for"),
    "move": later("Expected on"),
    "week": later("A week later"),
    "month": later("Four weeks later"),
    "card": later("deal"),
    "picked": later("Picked up {title}. Arrow keys move it by a day or a week, Space drops it, Escape puts it back."),
    "dropped": later("Expected on {day}."),
    "cancelled": later("Put back."),
}


def starts_on(locale: str) -> int:
    """The weekday with which weeks begin in the locale; Monday is 0."""
    return int(Locale.parse(locale).first_week_day)


@dataclass(frozen=True)
class Drawn:
    """A month, and its payload as JSON."""

    month: Calendar
    payload: bytes


@kept
def drawn(tx: Reading, query: PipelineQuery, first: date, *, readonly: bool, locale: str) -> Drawn:
    found = deals.calendar(tx, query, first, starts_on=starts_on(locale))
    return Drawn(found, dragging.encoded(payload(found, readonly=readonly, today=tx.today, locale=locale)).encode())


def payload(found: Calendar, *, readonly: bool, today: date, locale: str) -> dict[str, Any]:
    names = get_day_names("abbreviated", context="stand-alone", locale=locale)
    return {
        "readonly": readonly,
        "words": {**{name: tr(text) for name, text in WORDS.items()}, "open": tr_as("verb", "Open")},
        "today": today.isoformat(),
        "weekdays": [names[day.weekday()] for day in found.weeks[0]],
        "weeks": [[_day(found, day, today, locale) for day in week] for week in found.weeks],
        "apart": [
            _side_group("overdue", tr_as("deals", "Overdue"), found.overdue, today, locale),
            _side_group("undated", tr("No day"), found.undated, today, locale),
        ],
    }


def _day(found: Calendar, day: date, today: date, locale: str) -> dict[str, Any]:
    group = found.days.get(day, Group())
    name = format_date(day, "full", locale=locale)
    counted = plural("{count:,} deal", "{count:,} deals", group.count)
    return {
        "iso": day.isoformat(),
        # The first says its month, since the weeks of a month show days of its neighbours.
        "number": str(day.day) if day.day > 1 else words.day_of_month(day, locale),
        "name": f"{name}: {counted}" if group.count else name,
        "outside": (day.year, day.month) != (found.first.year, found.first.month),
        "isToday": day == today,
        "isPast": day < today,
        **_group(group, f"due-{day.isoformat()}", today, locale),
    }


def _side_group(word: str, name: str, group: Group, today: date, locale: str) -> dict[str, Any]:
    return {"key": word, "name": name, **_group(group, word, today, locale)}


def _group(group: Group, word: str, today: date, locale: str) -> dict[str, Any]:
    hidden = group.count - len(group.entries)
    return {
        "count": tr("{count:,}", count=group.count) if group.count else "",
        "sums": [money.compact(total.value, total.currency, locale) for total in group.sums],
        "exact": " · ".join(money.shown(total.value, total.currency, locale) for total in group.sums),
        "deals": [_chip(entry, today, locale) for entry in group.entries],
        "more": tr("{count:,} more", count=hidden) if hidden > 0 else None,
        "word": word,
    }


def _chip(entry: Entry, today: date, locale: str) -> dict[str, Any]:
    value = money.shown(entry.value, entry.currency, locale)
    overdue = entry.expected_close is not None and entry.expected_close < today
    day = format_date(entry.expected_close, "long", locale=locale) if entry.expected_close else tr("no day")
    due = tr("overdue, {day}", day=day) if overdue else day
    parts = (entry.title, entry.stage_name, entry.who, value, entry.owner_name, due)
    return {
        "id": entry.id,
        "version": entry.version,
        "title": entry.title,
        "value": money.compact(entry.value, entry.currency, locale) if entry.value is not None else "",
        "colour": entry.stage_colour,
        "overdue": overdue,
        "day": entry.expected_close.isoformat() if entry.expected_close else "",
        "dayName": day if overdue else "",
        "hint": " · ".join(part for part in parts[:-1] if part),
        "spoken": ", ".join(part for part in parts if part),
    }
