"""Generates deals, each with value, dates and movement history."""

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel

from crm.demo.calendar import openings
from crm.demo.customers import NewCompany, NewContact
from crm.demo.histories import Arrival, walk
from crm.demo.people import Rep
from crm.demo.phrases import SOURCES
from crm.demo.vocabulary import weighted
from crm.foundation.language import later, tr
from crm.pipelines import Kind, Pipeline


@dataclass(frozen=True)
class Market:
    """The distribution of a pipeline's deals."""

    template: str
    share: float
    what: tuple[str, ...]
    """Titles begin with one of these."""
    median: float
    """The median value in BRL."""
    spread: float
    """Sigma of the value's logarithm."""
    win_rate: float
    cycle: float
    """The usual days from opening to winning."""


MARKETS = (
    Market(
        "b2b_sales",
        0.55,
        (later("Annual plan"), later("Pilot"), later("Expansion"), later("Licences"), later("Consulting")),
        24_000,
        0.9,
        0.22,
        75,
    ),
    Market("saas_renewals", 0.25, (later("Renewal"), later("Renewal and upgrade")), 15_000, 0.7, 0.60, 60),
    Market(
        "real_estate",
        0.20,
        (later("Warehouse"), later("Office floor"), later("Shop"), later("Plot")),
        620_000,
        0.6,
        0.17,
        110,
    ),
)

CURRENCIES = {"BRL": 86, "USD": 9, "EUR": 5}
PER_UNIT = {"BRL": 1.0, "USD": 5.4, "EUR": 6.1}
"""Roughly how many BRL one of them is, so that a deal abroad is worth about as much."""

PRIORITIES = {"low": 25, "medium": 35, "high": 15, "": 25}
LOST_FOR = {
    later("No answer"): 28,
    later("Price"): 24,
    later("Chose a competitor"): 18,
    later("No budget"): 14,
    later("Bad timing"): 11,
    later("Not a fit"): 5,
}
WON_FOR = {later("Best fit"): 45, later("Relationship"): 30, later("Price"): 25}
NOTES = (
    later("They will look at it again next year."),
    later("The other offer was cheaper and came first."),
    later("Our contact has left the company."),
    later("They liked the service; ask for a reference."),
    later("No reply to four calls and three messages."),
)
LUCK = {"Referral": 1.35, "Partner": 1.15, "Outbound call": 0.7, "Instagram": 0.8}
"""{source: factor of the probability of winning}."""


class NewDeal(BaseModel, frozen=True):
    id: int
    title: str
    pipeline_id: int
    stage_id: int
    value: Decimal | None
    currency: str
    priority: str | None
    owner_id: int
    team_id: int
    contact_id: int
    company_id: int | None
    source: str
    expected_close: date | None
    closed_on: date | None
    close_reason: str | None
    close_note: str | None
    created_at: datetime
    updated_at: datetime
    installments: int | None


class Sales:
    """Generates deals of these customers; `pipelines` has one for each template of MARKETS."""

    def __init__(
        self,
        chance: random.Random,
        reps: list[Rep],
        companies: list[NewCompany],
        contacts: list[NewContact],
        pipelines: dict[str, Pipeline],
        midnight: datetime,
    ) -> None:
        self._chance = chance
        self._reps = {rep.id: rep for rep in reps}
        self._names = {company.id: company.name for company in companies}
        self._contacts = sorted(
            (contact for contact in contacts if not contact.blocked), key=lambda contact: contact.created_at
        )
        self._pipelines = pipelines
        self._midnight = midnight

    def deals(self, ids: list[int]) -> list[tuple[NewDeal, list[Arrival]]]:
        """Each deal with the stages it came to, in the order they opened."""
        markets = self._chance.choices(MARKETS, weights=[market.share for market in MARKETS], k=len(ids))
        opened = openings(self._chance, self._midnight, len(ids))
        return [self._deal(*drawn) for drawn in zip(ids, markets, opened, strict=True)]

    def _deal(self, deal_id: int, market: Market, opened: datetime) -> tuple[NewDeal, list[Arrival]]:
        chance = self._chance
        # Contacts are sorted by creation: only of those that were there when the deal opened.
        known = bisect_right(self._contacts, opened, key=lambda contact: contact.created_at)
        contact = self._contacts[chance.randrange(known)]
        rep = self._rep_for(contact)
        source = weighted(chance, SOURCES)
        pipeline = self._pipelines[market.template]
        cycle = market.cycle * chance.lognormvariate(0, 0.25)
        # Skill and luck may multiply to more than 1, and even the best lose some.
        win_rate = min(0.9, market.win_rate * rep.skill * LUCK.get(source, 1))
        arrivals = walk(chance, pipeline, opened=opened, until=self._midnight, win_rate=win_rate, cycle=cycle)
        last = arrivals[-1]
        is_open = last.stage.kind is Kind.OPEN
        currency = weighted(chance, CURRENCIES)
        deal = NewDeal(
            id=deal_id,
            title=f"{tr(chance.choice(market.what))} · {self._names.get(contact.company_id or 0, contact.name)}",
            pipeline_id=pipeline.id,
            stage_id=last.stage.id,
            value=self._value(market, currency) if chance.random() < 0.92 else None,
            currency=currency,
            priority=weighted(chance, PRIORITIES) or None,
            owner_id=rep.id,
            team_id=rep.team_id,
            contact_id=contact.id,
            company_id=contact.company_id,
            source=tr(source),
            expected_close=self._expected_close(opened, cycle, None if is_open else last.happened_at),
            closed_on=None if is_open else last.happened_at.date(),
            **self._why(last),
            created_at=opened,
            updated_at=last.happened_at,
            installments=chance.choice((1, 3, 6, 12)) if chance.random() < 0.4 else None,
        )
        return deal, arrivals

    def _rep_for(self, contact: NewContact) -> Rep:
        own = self._reps.get(contact.owner_id or 0)
        return own if own and self._chance.random() < 0.8 else self._chance.choice(list(self._reps.values()))

    def _value(self, market: Market, currency: str) -> Decimal:
        # Log-normal, as sums of money are: half are below the median, and a few many times above it.
        amount = self._chance.lognormvariate(0, market.spread) * market.median / PER_UNIT[currency]
        # Four in five deals have a round sum, as people price them.
        step = 1000 if amount > 100_000 else 50
        round_sum = max(step, round(amount / step) * step)
        return Decimal(round_sum) if self._chance.random() < 0.8 else Decimal(f"{amount:.2f}")

    def _expected_close(self, opened: datetime, cycle: float, closed: datetime | None) -> date | None:
        """The expected close: guessed at the opening, and mostly postponed when the day came."""
        if self._chance.random() < 0.12:
            return None
        if closed:
            return (closed + timedelta(days=self._chance.gauss(0, 12))).date()
        guess = opened + timedelta(days=cycle * self._chance.lognormvariate(0, 0.4))
        # Not always, so that boards and forecasts have deals that are overdue.
        put_off = guess < self._midnight and self._chance.random() < 0.7
        return (self._midnight + timedelta(days=self._chance.randrange(1, 75)) if put_off else guess).date()

    def _why(self, last: Arrival) -> dict[str, str | None]:
        chance = self._chance
        reason = note = None
        if last.kind == "lost":
            reason = tr(weighted(chance, LOST_FOR))
            note = tr(chance.choice(NOTES)) if chance.random() < 0.25 else None
        elif last.kind == "won" and chance.random() < 0.6:
            reason = tr(weighted(chance, WON_FOR))
        return {"close_reason": reason, "close_note": note}
