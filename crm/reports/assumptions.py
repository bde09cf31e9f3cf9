"""Assumptions of a what-if: what a forecast is to count instead of what the log says of open deals.

They are laid over the deals that a forecast reads, in the query; nothing is written. What is said of a single deal
goes before what is said of all.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from crm import pipelines
from crm.deals.counted import COUNTED
from crm.foundation import bounds, money
from crm.foundation.errors import Invalid
from crm.foundation.language import later, plural, tr
from crm.platform.people import users
from crm.store import Reading
from crm.store.kept import kept

MOST = 200
"""Assumptions of one kind in a scenario."""
FARTHEST = 3_650
"""Days by which close dates may be shifted, either way."""
LARGEST_FACTOR = 10
CENT = Decimal("0.01")


class StageChance(BaseModel, frozen=True):
    """The probability of a stage, in percent; deals with one of their own keep theirs."""

    stage_id: int
    probability: Decimal


class Shift(BaseModel, frozen=True):
    """Expected closes so many days later, or earlier where negative; of the deals in one stage or of one owner, or of
    all. Several that fit a deal add up. A deal without a date has none still."""

    days: int
    stage_id: int | None = None
    owner_id: int | None = None


class Leaving(BaseModel, frozen=True):
    """An owner who leaves: the open deals go to `to_id`, each with `lost` percent of its probability gone; without one
    they count no more. A deal's team stays."""

    owner_id: int
    to_id: int | None = None
    lost: Decimal = Decimal(0)


class AssumedDeal(BaseModel, frozen=True):
    """An open deal that is taken for another: its probability in percent, its value in its own currency, its expected
    close; `dropped`, it counts no more."""

    deal_id: int
    probability: Decimal | None = None
    value: Decimal | None = None
    expected_close: date | None = None
    dropped: bool = False


class Cause(StrEnum):
    """The kinds of assumptions, in the order in which each one's part of the difference is told."""

    PROBABILITIES = "probabilities"
    WIN_RATE = "win_rate"
    DATES = "dates"
    LEAVING = "leaving"
    DEALS = "deals"


FIELDS = {
    Cause.PROBABILITIES: "stages",
    Cause.WIN_RATE: "win_rate",
    Cause.DATES: "shifts",
    Cause.LEAVING: "leaving",
    Cause.DEALS: "deals",
}


class Assumptions(BaseModel, frozen=True):
    """What is assumed. `win_rate` multiplies every probability, which is 100 % at most."""

    stages: tuple[StageChance, ...] = ()
    win_rate: Decimal = Decimal(1)
    shifts: tuple[Shift, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    deals: tuple[AssumedDeal, ...] = ()

    @property
    def causes(self) -> list[Cause]:
        """The kinds of which anything is assumed."""
        nothing = Assumptions()
        return [cause for cause, field in FIELDS.items() if getattr(self, field) != getattr(nothing, field)]

    def of(self, causes: Iterable[Cause]) -> "Assumptions":
        """Those of some kinds alone."""
        return Assumptions(**{FIELDS[cause]: getattr(self, FIELDS[cause]) for cause in causes})

    def sql(self, every: str = COUNTED) -> str:
        """SQL: the deals of the query `every`, with its columns, as they are assumed to be; with the parameters
        `params()`. Closed deals are as they are."""
        changed = {"probability": self._probability(), "owner_id": self._owner(), "expected_close": self._close()}
        if self.deals:
            changed["value"] = "coalesce(change.value, deal.value)"
        replaced = ",\n".join(
            f"if(deal.status = 'open', {sql}, deal.{column}) AS {column}" for column, sql in changed.items() if sql
        )
        return f"""
            SELECT deal.* {f"REPLACE ({replaced})" if replaced else ""}
            FROM ({every}) AS deal
            {_CHANGES if self.deals else ""}
            WHERE deal.status <> 'open' OR NOT ({self._dropped()})
        """

    def params(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, stage in enumerate(self.stages):
            found |= {f"if_stage_{number}": stage.stage_id, f"if_chance_{number}": stage.probability}
        if self.win_rate != 1:
            found["if_win_rate"] = self.win_rate
        for number, shift in enumerate(self.shifts):
            given = {"days": shift.days, "in_stage": shift.stage_id, "of_owner": shift.owner_id}
            found |= {f"if_{name}_{number}": value for name, value in given.items() if value is not None}
        for number, leaving in enumerate(self.leaving):
            found[f"if_leaver_{number}"] = leaving.owner_id
            if leaving.to_id is not None:
                found |= {f"if_heir_{number}": leaving.to_id, f"if_lost_{number}": leaving.lost}
        if self.deals:
            found |= {
                # As text: a list in which all are None has no type.
                "if_deals": [one.deal_id for one in self.deals],
                "if_chances": [_text(one.probability) for one in self.deals],
                "if_values": [_text(one.value) for one in self.deals],
                "if_closes": [one.expected_close and one.expected_close.isoformat() for one in self.deals],
                "if_dropped": [one.dropped for one in self.deals],
            }
        return found

    def _probability(self) -> str:
        if not set(self.causes) - {Cause.DATES}:
            return ""
        chance = "deal.probability"
        if self.stages:
            cases = " ".join(f"WHEN $if_stage_{number} THEN $if_chance_{number}" for number in range(len(self.stages)))
            chance = f"if(deal.own_probability IS NULL, CASE deal.stage_id {cases} ELSE {chance} END, {chance})"
        if self.win_rate != 1:
            chance = f"least({chance} * $if_win_rate::DECIMAL(7, 4), 100)"
        if handed := [number for number, leaving in enumerate(self.leaving) if leaving.to_id is not None]:
            cases = " ".join(f"WHEN $if_leaver_{number} THEN 100 - $if_lost_{number}" for number in handed)
            chance = f"{chance} * (CASE deal.owner_id {cases} ELSE 100 END)::DECIMAL(5, 2) * 0.01"
        if self.deals:
            chance = f"coalesce(change.chance, {chance})"
        return f"({chance})::DECIMAL(9, 6)"

    def _owner(self) -> str:
        handed = [number for number, leaving in enumerate(self.leaving) if leaving.to_id is not None]
        cases = " ".join(f"WHEN $if_leaver_{number} THEN $if_heir_{number}" for number in handed)
        return f"CASE deal.owner_id {cases} ELSE deal.owner_id END" if cases else ""

    def _close(self) -> str:
        close = "deal.expected_close"
        if self.shifts:
            days = " + ".join(_days(number, shift) for number, shift in enumerate(self.shifts))
            first, last = (f"DATE '{day}'" for day in (bounds.FIRST_DAY, bounds.LAST_DAY))
            # Of a deal without a date the sum is NULL, which `least` and `greatest` would pass over.
            close = f"if({close} IS NULL, NULL, least(greatest({close} + ({days})::INTEGER, {first}), {last}))"
        if self.deals:
            close = f"coalesce(change.expected_close, {close})"
        return close if self.shifts or self.deals else ""

    def _dropped(self) -> str:
        dropped = [
            f"coalesce(deal.owner_id = $if_leaver_{number}, false)"
            for number, leaving in enumerate(self.leaving)
            if leaving.to_id is None
        ]
        return " OR ".join([*dropped, *(["coalesce(change.dropped, false)"] if self.deals else []), "false"])


_CHANGES = """
    LEFT JOIN (
        SELECT
            unnest($if_deals::BIGINT[]) AS deal_id,
            unnest($if_chances::DECIMAL(5, 2)[]) AS chance,
            unnest($if_values::DECIMAL(18, 4)[]) AS value,
            unnest($if_closes::DATE[]) AS expected_close,
            unnest($if_dropped::BOOLEAN[]) AS dropped
    ) AS change ON change.deal_id = deal.id
"""


def _days(number: int, shift: Shift) -> str:
    conditions = [
        *([f"deal.stage_id = $if_in_stage_{number}"] if shift.stage_id is not None else []),
        *([f"coalesce(deal.owner_id, 0) = $if_of_owner_{number}"] if shift.owner_id is not None else []),
    ]
    return f"if({' AND '.join(conditions)}, $if_days_{number}, 0)" if conditions else f"$if_days_{number}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def checked(tx: Reading, given: Assumptions) -> Assumptions:
    """The assumptions as they are kept, numbers rounded to what counts. Raises Invalid, naming the field, for what
    cannot be: a stage that is not open, a person or a deal that is not there, a number out of its range."""
    for field in ("stages", "shifts", "leaving", "deals"):
        if len(getattr(given, field)) > MOST:
            raise Invalid(tr("A scenario holds at most {most} assumptions of one kind.", most=MOST), field)
    known = _Known(tx, given.deals)
    return Assumptions(
        stages=tuple(_checked_stage(known, one) for one in _once(given.stages, "stage_id", "stages")),
        win_rate=_number(given.win_rate, LARGEST_FACTOR, "win_rate", Decimal("0.0001")),
        shifts=tuple(_checked_shift(known, one) for one in given.shifts),
        leaving=_checked_leaving(known, _once(given.leaving, "owner_id", "leaving")),
        deals=tuple(_checked_deal(known, one) for one in _once(given.deals, "deal_id", "deals")),
    )


class _Known:
    """The open stages, the people, and those of the given deals that are visible and open, with their currencies."""

    def __init__(self, tx: Reading, deals: tuple[AssumedDeal, ...]) -> None:
        self.stages = {stage.id for pipeline in pipelines.all_of(tx) for stage in pipeline.open_stages}
        self.people = set(users.names(tx))
        self.deals = {
            row["id"]: row["currency"]
            for row in _deals(tx, tuple(one.deal_id for one in deals))
            if row["status"] == "open"
        }


def _checked_stage(known: _Known, given: StageChance) -> StageChance:
    _require(given.stage_id in known.stages, tr("stage"), given.stage_id, "stages")
    return StageChance(stage_id=given.stage_id, probability=_number(given.probability, 100, "stages"))


def _checked_shift(known: _Known, given: Shift) -> Shift:
    if not -FARTHEST <= given.days <= FARTHEST:
        raise Invalid(tr("Close dates may be shifted by {most:,} days at most.", most=FARTHEST), "shifts")
    if given.stage_id is not None:
        _require(given.stage_id in known.stages, tr("stage"), given.stage_id, "shifts")
    if given.owner_id is not None:
        _require(given.owner_id in {0, *known.people}, tr("owner"), given.owner_id, "shifts")
    return given


def _checked_leaving(known: _Known, given: tuple[Leaving, ...]) -> tuple[Leaving, ...]:
    leavers = {one.owner_id for one in given}
    found = []
    for one in given:
        _require(one.owner_id in known.people, tr("owner"), one.owner_id, "leaving")
        if one.to_id is not None:
            _require(one.to_id in known.people, tr("owner"), one.to_id, "leaving")
            if one.to_id in leavers:
                raise Invalid(tr("Deals cannot be handed to somebody who leaves, too."), "leaving")
        lost = _number(one.lost, 100, "leaving") if one.to_id is not None else Decimal(0)
        found.append(Leaving(owner_id=one.owner_id, to_id=one.to_id, lost=lost))
    return tuple(found)


def _checked_deal(known: _Known, given: AssumedDeal) -> AssumedDeal:
    _require(given.deal_id in known.deals, tr("open deal"), given.deal_id, "deals")
    chance, value, close = given.probability, given.value, given.expected_close
    if close is not None:
        bounds.checked_day(close, "deals", later("expected close"))
    return AssumedDeal(
        deal_id=given.deal_id,
        probability=None if chance is None else _number(chance, 100, "deals"),
        value=None if value is None else _amount(value, known.deals[given.deal_id]),
        expected_close=close,
        dropped=given.dropped,
    )


def _amount(value: Decimal, currency: str) -> Decimal:
    try:
        return money.amount(value, currency)
    except Invalid as fault:
        raise Invalid(str(fault), "deals") from None


def _once(given: tuple[Any, ...], name: str, field: str) -> tuple[Any, ...]:
    ids = [getattr(one, name) for one in given]
    if twice := [each for each in ids if ids.count(each) > 1]:
        raise Invalid(tr("Two assumptions of one kind are of the same: {id}.", id=twice[0]), field)
    return given


def _number(value: Decimal, most: int, field: str, unit: Decimal = CENT) -> Decimal:
    if not (value.is_finite() and 0 <= value <= most):
        raise Invalid(tr("“{value}” is not between 0 and {most}.", value=bounds.shown(str(value)), most=most), field)
    return value.quantize(unit).normalize()


def _require(known: bool, what: str, number: int, field: str) -> None:
    if not known:
        raise Invalid(tr("There is no {what} {id}, or you may not see it.", what=what, id=number), field)


@kept
def stale(tx: Reading, given: Assumptions) -> list[str]:
    """What of the assumptions counts for nothing any more, a sentence each: stages and deals that are gone or closed,
    and people who are."""
    if not given.causes:
        return []
    stage_ids = {one.stage_id for one in given.stages} | {one.stage_id for one in given.shifts}
    open_ids = {stage.id for pipeline in pipelines.all_of(tx) for stage in pipeline.open_stages}
    found = [
        tr("The stage “{name}” is gone: what was assumed of it counts for nothing.", name=row["name"])
        for row in tx.rows(
            "SELECT id, name FROM base.stages WHERE list_contains($ids, id) ORDER BY id",
            ids=sorted(each for each in stage_ids if each is not None),
        )
        if row["id"] not in open_ids
    ]
    rows = _deals(tx, tuple(one.deal_id for one in given.deals))
    found += [
        tr("“{title}” is closed: what was assumed of it counts for nothing.", title=row["title"])
        for row in rows
        if row["status"] != "open"
    ]
    gone = len(given.deals) - len(rows)
    return [*found, *([missing(gone)] if gone else [])]


def still(tx: Reading, given: Assumptions) -> Assumptions:
    """Those of the assumptions that count for anything still."""
    known = _Known(tx, given.deals)
    return given.model_copy(
        update={
            "stages": tuple(one for one in given.stages if one.stage_id in known.stages),
            "shifts": tuple(one for one in given.shifts if one.stage_id in {None, *known.stages}),
            "deals": tuple(one for one in given.deals if one.deal_id in known.deals),
        }
    )


def missing(count: int) -> str:
    return plural(
        "{count:,} deal that something was assumed of is gone, or you may not see it.",
        "{count:,} deals that something was assumed of are gone, or you may not see them.",
        count,
    )


@kept
def _deals(tx: Reading, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    """Those of the deals that the actor may see."""
    if not ids:
        return []
    return tx.rows(
        "SELECT id, title, status, currency FROM deals WHERE list_contains($ids, id) ORDER BY id", ids=list(ids)
    )


def titles(tx: Reading, ids: Iterable[int]) -> dict[int, str]:
    """{id: title} of those of the deals that the actor may see."""
    return {row["id"]: row["title"] for row in _deals(tx, tuple(sorted(set(ids))))}


def visible_ids(tx: Reading, ids: Iterable[int]) -> set[int]:
    """Those of the deals that the actor may see."""
    return {row["id"] for row in _deals(tx, tuple(sorted(set(ids))))}
