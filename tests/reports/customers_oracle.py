"""The customers report, an order at a time in plain Python: slow, and plain to check against DEFINITIONS.md."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

BOUGHT = {"pending", "paid", "partially_paid", "overdue"}


@dataclass(frozen=True)
class Bought:
    """An order; `customer` is None for nobody. `value` is in the report's currency, None without a rate."""

    id: int
    customer: int | None
    day: date
    value: Decimal | None
    status: str


@dataclass(frozen=True)
class Score:
    recency: int
    frequency: int
    monetary: int


class Oracle:
    def __init__(self, orders: Iterable[Bought], first: date, end: date, today: date) -> None:
        self.first, self.end, self.today = first, end, today
        self.purchases = sorted(
            (order for order in orders if order.status in BOUGHT and order.day <= today),
            key=lambda order: (order.day, order.id),
        )
        self.by_customer: dict[int, list[Bought]] = defaultdict(list)
        for order in self.purchases:
            if order.customer is not None:
                self.by_customer[order.customer].append(order)

    def within(self, day: date) -> bool:
        return self.first <= day < self.end

    def revenue(self, month: date) -> dict[str, tuple[int, Decimal]]:
        """{new, returning, nobody: (orders, revenue)} of a month."""
        found = {name: (0, Decimal(0)) for name in ("new", "returning", "nobody")}
        for order in self.purchases:
            if self.within(order.day) and order.day.replace(day=1) == month:
                if order.customer is None:
                    name = "nobody"
                else:
                    name = "new" if order is self.by_customer[order.customer][0] else "returning"
                count, value = found[name]
                found[name] = count + 1, value + (order.value or 0)
        return found

    def orders_in_period(self) -> list[int]:
        """How many each customer with any has."""
        counts = [sum(self.within(order.day) for order in theirs) for theirs in self.by_customer.values()]
        return [count for count in counts if count]

    def cohort(self, month: date) -> list[list[Bought]]:
        return [
            theirs
            for theirs in self.by_customer.values()
            if self.within(theirs[0].day) and theirs[0].day.replace(day=1) == month
        ]

    def cell(self, month: date, later: date) -> tuple[int, Decimal]:
        """Of a cohort, the customers that bought in a later month, and what they spent in it."""
        bought = [[order for order in theirs if order.day.replace(day=1) == later] for theirs in self.cohort(month)]
        return sum(bool(theirs) for theirs in bought), sum(
            (order.value or Decimal(0) for theirs in bought for order in theirs), Decimal(0)
        )

    def median_to_second(self) -> int | None:
        """Kaplan–Meier: the first day at which at most half are known to go on without a second order."""
        ended: list[int] = []
        censored: list[int] = []
        for theirs in self.by_customer.values():
            if self.within(theirs[0].day):
                until = theirs[1].day if len(theirs) > 1 else self.today
                (ended if len(theirs) > 1 else censored).append((until - theirs[0].day).days)
        left = Fraction(1)
        for day in sorted(set(ended)):
            at_risk = sum(each >= day for each in ended + censored)
            left *= 1 - Fraction(ended.count(day), at_risk)
            if left <= Fraction(1, 2):
                return day
        return None

    def scores(self) -> dict[int, Score]:
        def groups(measure: Callable[[list[Bought]], date | int | Decimal]) -> dict[int, int]:
            values = {customer: measure(theirs) for customer, theirs in self.by_customer.items()}
            return {
                customer: 1 + 5 * sum(other < value for other in values.values()) // len(values)  # type: ignore[operator]
                for customer, value in values.items()
            }

        recency = groups(lambda theirs: max(order.day for order in theirs))
        frequency = groups(len)
        monetary = groups(lambda theirs: sum((order.value or Decimal(0) for order in theirs), Decimal(0)))
        return {each: Score(recency[each], frequency[each], monetary[each]) for each in self.by_customer}
