"""The data of a pipeline's board as the component takes it, with every text made here, in the locale's way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from crm import deals
from crm.deals import Board, Card, Column, Counters, health
from crm.deals.health import Glance
from crm.foundation import language, money
from crm.foundation.language import later, listed, plural, tr
from crm.pipelines import Kind
from crm.records.bulk import Action
from crm.store import Reading
from crm.store.kept import kept
from crm.ui import words
from crm.ui.board import payload as shared
from crm.ui.deals.badges import PRIORITIES
from crm.ui.deals.health_card import STATUS_STYLES

WORDS = {
    "close": later("Close as {stage} …"),
    "zone": later("Drop here: {stage} …"),
    "cards": later("{stage}, {count} deals"),
    "empty": later("No deals"),
    "card": later("deal"),
    "asks": later("{stage} asks for a day and a reason."),
}
# Of their own, since an action may be called as a word of the board is.
ACTIONS = {
    Action.MOVE.value: later("Move all to …"),
    Action.SET_OWNER.value: later("Assign all to …"),
    Action.WIN.value: later("Close all as won …"),
    Action.LOSE.value: later("Close all as lost …"),
}

COLUMN_ACTIONS = (Action.MOVE, Action.SET_OWNER)
CLOSING_ACTIONS = (Action.WIN, Action.LOSE)
"""What a stage offers for all that it holds under the present search and filter; an open one also closes them."""


@dataclass(frozen=True)
class Drawn:
    """A board, and its payload as JSON."""

    board: Board
    payload: bytes


def drawn(tx: Reading, /, pipeline_id: int, *, readonly: bool, locale: str, **query: Any) -> Drawn:
    """The board of a pipeline; `query` is what `deals.board` takes."""
    found = deals.board(tx, pipeline_id, **query)
    glances = health.glances(tx, found.facts)
    return Drawn(found, _encoded(tx, pipeline_id, tuple(glances.items()), readonly=readonly, locale=locale, **query))


@kept
def drawn_as_of(tx: Reading, /, pipeline_id: int, day: date, *, locale: str, **query: Any) -> Drawn:
    """The board of a pipeline as of a past day, to read; `query` is what `deals.board_as_of` takes."""
    found = deals.board_as_of(tx, pipeline_id, day, **query)
    return Drawn(found, payload(found, {}, readonly=True, today=day, locale=locale))


# Health is of the moment, and mostly the same as a moment ago: as an argument it lets the rest be kept.
@kept
def _encoded(
    tx: Reading,
    /,
    pipeline_id: int,
    glances: tuple[tuple[int, Glance], ...],
    *,
    readonly: bool,
    locale: str,
    **query: Any,
) -> bytes:
    found = deals.board(tx, pipeline_id, **query)
    return payload(found, dict(glances), readonly=readonly, today=tx.today, locale=locale, ahead="drawer")


def payload(
    found: Board,
    glances: Mapping[int, Glance],
    *,
    readonly: bool,
    today: date,
    locale: str,
    ahead: str | None = None,
) -> bytes:
    """`glances` is the health of the cards that have one, `ahead` as `shared.board` takes it."""
    return shared.board(
        [_column(column, glances, today, locale, readonly=readonly) for column in found.columns],
        readonly=readonly,
        ordered=True,
        words={name: tr(text) for name, text in WORDS.items()},
        actions={name: tr(text) for name, text in ACTIONS.items()},
        ahead=ahead,
    )


def _column(column: Column, glances: Mapping[int, Glance], today: date, locale: str, *, readonly: bool) -> str:
    stage = column.stage
    return shared.column(
        stage.id,
        stage.name,
        stage.colour,
        count=column.count,
        sums=_sums(column, locale),
        cards=[
            _card(card, glances.get(card.id), stage.name, today, locale, language.current()) for card in column.cards
        ],
        asks=stage.kind is not Kind.OPEN,
        actions=[] if readonly else _column_actions(column),
    )


def _sums(column: Column, locale: str) -> list[dict[str, Any]]:
    """The sum of a column in the workspace's currency, and what it leaves out for want of a rate."""
    unrated = [
        {
            **shared.total(each.value, each.currency, locale),
            "weighted": plural("{count:,} without a rate", "{count:,} without a rate", column.unrated[each.currency]),
            "exact": tr("Not in the sum: no rate is known. See Settings › Currencies."),
        }
        for each in column.totals
        if each.currency in column.unrated
    ]
    if len(unrated) == len(column.totals):
        return unrated
    return [_sum(column, locale), *unrated]


def _sum(column: Column, locale: str) -> dict[str, Any]:
    """Total and weighted (open stages only), both in full, and the currencies that the total was converted from."""
    total = column.in_all
    plain = shared.total(total.value, total.currency, locale)
    if column.stage.kind is Kind.OPEN:
        weighted = money.shown(money.rounded(total.weighted, total.currency), total.currency, locale)
        in_all = money.shown(total.value, total.currency, locale)
        plain |= {
            "weighted": tr("{amount} weighted", amount=money.compact(total.weighted, total.currency, locale)),
            "exact": tr("{amount} in all, {weighted} weighted", amount=in_all, weighted=weighted),
        }
    if [each.currency for each in column.totals] != [total.currency]:
        rated = [each for each in column.totals if each.currency not in column.unrated]
        parts = listed([money.shown(each.value, each.currency, locale) for each in rated])
        plain["exact"] = tr("{sum}, of {amounts} at the rates of the day", sum=plain["exact"], amounts=parts)
    return plain


def _column_actions(column: Column) -> list[str]:
    if not column.count:
        return []
    return [action.value for action in (*COLUMN_ACTIONS, *(CLOSING_ACTIONS if column.stage.kind is Kind.OPEN else ()))]


# A change touches one card or two, and the words of the others take longer than reading them did.
@lru_cache(maxsize=1 << 12)
def _card(card: Card, glance: Glance | None, stage: str, today: date, locale: str, spoken: str) -> str:
    """A card as JSON, in the language `spoken`, which is the current one."""
    day = card.closed_on or card.expected_close
    overdue = card.closed_on is None and day is not None and day < today
    value = money.shown(card.value, card.currency, locale)
    who = " · ".join(name for name in (card.company_name, card.contact_name) if name)
    day_name = _day_name(day, locale, closed=card.closed_on is not None, overdue=overdue) if day else ""
    names = [label.name for label in card.labels]
    priority = tr(PRIORITIES[card.priority]) if card.priority else ""
    health_name = _health_name(glance) if glance else ""
    counts = _counts(card.counters)
    return shared.card(
        card.id,
        card.version,
        card.title,
        owner_id=card.owner_id,
        owner_name=card.owner_name,
        labels=card.labels,
        spoken=(
            *(stage, who, value, card.owner_name, day_name, priority, health_name, *names),
            *(count["name"] for count in counts),
        ),
        who=who,
        value=value,
        priority=card.priority,
        priorityName=priority,
        day=_short(day, today, locale) if day else "",
        dayName=day_name,
        overdue=overdue,
        health={"status": glance.status, "icon": STATUS_STYLES[glance.status][1], "name": health_name}
        if glance
        else None,
        counts=counts,
    )


def _day_name(day: date, locale: str, *, closed: bool, overdue: bool) -> str:
    shown = _shown(day, "long", locale)
    if closed:
        return tr("Closed {day}", day=shown)
    return tr("Overdue since {day}", day=shown) if overdue else tr("Expected {day}", day=shown)


def _health_name(glance: Glance) -> str:
    """Stalled, 55 of 100: idle over the limit, no next step."""
    why = ", ".join(tr(health.NAMES[reason]).lower() for reason in glance.reasons)
    found = tr("{status}, {score} of 100", status=tr(health.STATUSES[glance.status]), score=glance.score)
    return f"{found}: {why}" if why else found


def _counts(found: Counters) -> list[dict[str, str]]:
    """Icon, text and spoken name of the notes, files and items of a card; none for what there is none of."""
    done = tr("{done} of {items} items done", done=found.done, items=found.items)
    kinds = [
        ("sticky_note_2", found.notes, str(found.notes), plural("{count:,} note", "{count:,} notes", found.notes)),
        ("attach_file", found.files, str(found.files), plural("{count:,} file", "{count:,} files", found.files)),
        ("checklist", found.items, f"{found.done}/{found.items}", done),
    ]
    return [{"icon": icon, "text": text, "name": name} for icon, many, text, name in kinds if many]


def _short(day: date, today: date, locale: str) -> str:
    return words.day_of_month(day, locale) if day.year == today.year else words.month_of_year(day, locale)


# A board has many cards and few days, and Babel reads the pattern anew at each call.
@lru_cache(maxsize=1 << 12)
def _shown(day: date, pattern: str, locale: str) -> str:
    return str(format_date(day, pattern, locale=locale))
