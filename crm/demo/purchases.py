"""Made-up orders: a few customers buy often, most now and then; every won deal with a value was ordered."""

import random
from bisect import bisect_right
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from pydantic import BaseModel

from crm.demo.calendar import openings
from crm.demo.customers import NewContact
from crm.demo.histories import Arrival
from crm.demo.opportunities import CURRENCIES, PER_UNIT, NewDeal
from crm.demo.vocabulary import weighted
from crm.foundation.language import later, tr

GOODS = (
    later("Support hours"),
    later("Training day"),
    later("Extra seats"),
    later("Onboarding"),
    later("Reading lamp"),
    later("Desk"),
    later("Office chair"),
    later("Data export"),
    later("Custom report"),
    later("Storage pack"),
    later("Site visit"),
    later("Spare parts"),
)
MEDIAN, SPREAD = 640.0, 0.9
"""The median value in BRL, and the sigma of its logarithm."""

STATUS_PATHS = {
    "paid": 70,
    "pending paid": 30,
    "pending overdue paid": 8,
    "pending partially_paid paid": 5,
    "pending partially_paid": 3,
    "pending overdue": 5,
    "pending cancelled": 6,
    "pending failed": 3,
    "paid refunded": 4,
    "pending refunded": 1,  # contradictory, as in real data
}
"""{the statuses that an order goes through: how many in 135 do}."""
PLACES = {"commerce": 60, "payments": 25, "manual": 15}


class NewOrder(BaseModel, frozen=True):
    id: int
    title: str
    contact_id: int
    deal_id: int | None
    value: Decimal
    currency: str
    statuses: tuple[tuple[str, datetime], ...]
    source: str
    external_id: str | None
    ordered_at: datetime
    paid_on: date | None


class Purchases:
    """Generates orders of these contacts and of won deals."""

    def __init__(self, chance: random.Random, contacts: list[NewContact], midnight: datetime) -> None:
        self._chance = chance
        self._midnight = midnight
        self._contacts = sorted(
            (contact for contact in contacts if not contact.blocked), key=lambda contact: contact.created_at
        )
        self._appetite = list(accumulate(chance.paretovariate(1.1) for _ in self._contacts))

    def orders(self, ids: list[int], deals: list[tuple[NewDeal, list[Arrival]]]) -> list[NewOrder]:
        """The orders, in the order of their dates."""
        won = [
            (arrivals[-1].happened_at, deal) for deal, arrivals in deals if arrivals[-1].kind == "won" and deal.value
        ]
        others = openings(self._chance, self._midnight, max(len(ids) - len(won), 0))
        purchases: list[tuple[datetime, NewDeal | None]] = [*won, *((moment, None) for moment in others)]
        purchases.sort(key=lambda purchase: purchase[0])
        # Not strict: where more deals were won than orders are wanted, the latest have none.
        return [self._order(order_id, *purchase) for order_id, purchase in zip(ids, purchases, strict=False)]

    def _order(self, order_id: int, moment: datetime, deal: NewDeal | None) -> NewOrder:
        chance = self._chance
        currency = deal.currency if deal else weighted(chance, CURRENCIES)
        source = "manual" if deal else weighted(chance, PLACES)
        steps = self._steps(moment)
        return NewOrder(
            id=order_id,
            title=deal.title if deal else tr(chance.choice(GOODS)),
            contact_id=deal.contact_id if deal else self._buyer(moment).id,
            deal_id=deal.id if deal else None,
            value=(deal and deal.value) or self._value(currency),
            currency=currency,
            statuses=tuple(steps),
            source=source,
            external_id=f"{source[0].upper()}-{10_000 + order_id}" if source != "manual" else None,
            ordered_at=moment,
            paid_on=next((at.date() for status, at in steps if status == "paid"), None),
        )

    def _buyer(self, moment: datetime) -> NewContact:
        known = bisect_right(self._contacts, moment, key=lambda contact: contact.created_at)
        # A weighted choice among the first `known` by cumulated weights: `choices` would add them up for each order.
        return self._contacts[bisect_right(self._appetite, self._chance.random() * self._appetite[known - 1])]

    def _steps(self, moment: datetime) -> list[tuple[str, datetime]]:
        path = weighted(self._chance, STATUS_PATHS).split()
        steps = [(path[0], moment)]
        for status in path[1:]:
            after = steps[-1][1] + timedelta(days=1 + self._chance.expovariate(1 / 9))
            if after >= self._midnight:
                break
            steps.append((status, after))
        return steps

    def _value(self, currency: str) -> Decimal:
        amount = self._chance.lognormvariate(0, SPREAD) * MEDIAN / PER_UNIT[currency]
        return Decimal(f"{amount:.2f}")
