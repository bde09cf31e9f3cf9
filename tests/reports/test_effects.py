"""Effects: whatever a figure is made of, its difference is the sum of what each of its sums makes of it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm.reports import effects
from crm.reports.effects import Change

ENDS = some.tuples(some.integers(-50, 50), some.integers(-50, 50))


def sum_of(name: str, ends: tuple[int, int]) -> Change:
    return effects.of_sum(name, Fraction(ends[0]), Fraction(ends[1]))


@given(some.lists(ENDS, min_size=6, max_size=6), some.integers(-3, 3), some.integers(-3, 3))
def test_the_weights_make_the_difference(ends: list[tuple[int, int]], by: int, plus: int) -> None:
    sums = {str(place): sum_of(str(place), each) for place, each in enumerate(ends)}
    one, two, three, four, five, six = sums.values()
    cycle = effects.at_least(effects.ratio(five, six), 1)
    whole = effects.product(effects.ratio(one, two), effects.scaled(three, Fraction(by), Fraction(plus)), four, cycle)
    if whole.difference is not None:
        assert whole.difference == sum(
            (whole.weights[name] * (each.difference or 0) for name, each in sums.items()), Fraction(0)
        )
    else:
        assert whole.weights == {}


def test_the_factors_of_a_product_share_alike() -> None:
    area = effects.product(sum_of("width", (2, 4)), sum_of("height", (3, 5)))
    assert area == Change(Fraction(6), Fraction(20), {"width": Fraction(4), "height": Fraction(3)})


def test_a_rate_weighs_what_is_counted_and_of_what() -> None:
    rate = effects.ratio(sum_of("won", (1, 3)), sum_of("closed", (2, 4)))
    assert (rate.before, rate.after) == (Fraction(1, 2), Fraction(3, 4))
    assert rate.weights == {"won": Fraction(3, 8), "closed": Fraction(-1, 4)}


def test_nothing_is_divided_by_nothing() -> None:
    none = effects.ratio(sum_of("won", (0, 1)), sum_of("closed", (0, 2)))
    assert none == Change(None, Fraction(1, 2), {})


@pytest.mark.parametrize(("ends", "weight"), [((2, 5), 1), ((-1, 0), 0), ((0, 3), Fraction(2, 3)), ((4, 4), 1)])
def test_below_the_least_nothing_has_an_effect(ends: tuple[int, int], weight: Fraction) -> None:
    assert effects.at_least(sum_of("days", ends), 1).weights == {"days": weight}
