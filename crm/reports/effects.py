"""How much of a figure's change each of its sums makes: rates, means and products taken apart exactly.

A change knows its value at both ends, and for each sum below it a weight, such that the difference of the values is the
sum of weight × difference of the sum, without a rest. Factors of a product share its difference as Shapley values: each
gets the mean of what it changes over all orders in which the factors may change. Source: L. S. Shapley, “A value for
n-person games” (1953); for a product of two this is the usual mean of both ends.
"""

from fractions import Fraction
from itertools import combinations
from math import factorial, prod
from typing import NamedTuple


class Change(NamedTuple):
    """A figure at both ends, None where it cannot be computed; `weights` by the name of the sum, none where one of the
    ends is None."""

    before: Fraction | None
    after: Fraction | None
    weights: dict[str, Fraction]

    @property
    def difference(self) -> Fraction | None:
        return None if self.before is None or self.after is None else self.after - self.before


def of_sum(name: str, before: Fraction, after: Fraction) -> Change:
    return Change(before, after, {name: Fraction(1)})


def ratio(counted: Change, of: Change) -> Change:
    return product(counted, inverse(of))


def inverse(change: Change) -> Change:
    before, after = (1 / end if end else None for end in change[:2])
    # 1 / b − 1 / a = (a − b) × −1 / (a × b).
    return _weighed(change, before, after, None if before is None or after is None else -before * after)


def scaled(change: Change, by: Fraction, plus: Fraction = Fraction(0)) -> Change:
    """The value times `by`, and `plus`, which is the same at both ends."""
    before, after = (None if end is None else plus + by * end for end in change[:2])
    return _weighed(change, before, after, by)


def at_least(change: Change, least: int) -> Change:
    before, after = (None if end is None else max(end, Fraction(least)) for end in change[:2])
    if before is None or after is None or not change.difference:
        # What stays the same above the least still weighs its causes, which cancel each other out.
        return _weighed(change, before, after, Fraction(before == change.before))
    return _weighed(change, before, after, (after - before) / change.difference)


def product(*factors: Change) -> Change:
    before, after = _product([each.before for each in factors]), _product([each.after for each in factors])
    if before is None or after is None:
        return Change(before, after, {})
    weights: dict[str, Fraction] = {}
    for place, factor in enumerate(factors):
        share = _share([(each.before or Fraction(0), each.after or Fraction(0)) for each in _without(factors, place)])
        for name, weight in factor.weights.items():
            weights[name] = weights.get(name, Fraction(0)) + share * weight
    return Change(before, after, weights)


def _share(others: list[tuple[Fraction, Fraction]]) -> Fraction:
    """The mean of the product of the others, over all orders in which they and one more may change: those before it
    have changed, those after it have not."""
    count, found = len(others), Fraction(0)
    for size in range(count + 1):
        weight = Fraction(factorial(size) * factorial(count - size), factorial(count + 1))
        for changed in combinations(range(count), size):
            found += weight * prod((each[place in changed] for place, each in enumerate(others)), start=Fraction(1))
    return found


def _without(factors: tuple[Change, ...], place: int) -> tuple[Change, ...]:
    return factors[:place] + factors[place + 1 :]


def _product(values: list[Fraction | None]) -> Fraction | None:
    known = [value for value in values if value is not None]
    return prod(known, start=Fraction(1)) if len(known) == len(values) else None


def _weighed(change: Change, before: Fraction | None, after: Fraction | None, by: Fraction | None) -> Change:
    if before is None or after is None or by is None:
        return Change(before, after, {})
    return Change(before, after, {name: by * weight for name, weight in change.weights.items()})
