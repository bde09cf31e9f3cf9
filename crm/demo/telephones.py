"""Generates telephone numbers that are valid but reach nobody.

- United States: area + 555-0100 to 0199, kept for fiction by the numbering plan.
- United Kingdom, Germany, France: the ranges that Ofcom, Bundesnetzagentur and ARCEP keep for films.
- Brazil keeps none: a mobile number never begins with 90, since 90 is how a collect call is dialled.
- Elsewhere: none is given.
"""

import random
from collections.abc import Iterator

RANGES = {
    "US": {area: (f"+1{area}55501", 2) for area in ("212", "312", "415", "713", "206", "617", "305", "512")},
    "GB": {"20": ("+442079460", 3)}
    | {area: (f"+44{area}4960", 3) for area in ("113", "116", "117", "121", "131", "141", "161")},
    "DE": {
        "30": ("+493023125", 3),
        "69": ("+496990009", 3),
        "40": ("+494066969", 3),
        "221": ("+492214710", 3),
        "89": ("+498999998", 3),
    },
    "FR": {
        "1": ("+3319900", 4),
        "2": ("+3326191", 4),
        "3": ("+3335301", 4),
        "4": ("+3346571", 4),
        "5": ("+3353649", 4),
    },
}
"""{country: {area: (prefix, number of digits that follow)}}."""


STRIDE = 7_654_321
"""Prime to 10, so that steps of it visit every number of a range once, in no order that shows."""


class Telephones:
    """Returns each number once; None where a range is used up or a country has none."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._left: dict[str, Iterator[int]] = {}

    def next(self, country: str, area: str) -> str | None:
        begins, digits = (f"+55{area}90", 7) if country == "BR" else RANGES.get(country, {}).get(area, ("", 0))
        if not begins:
            return None
        if begins not in self._left:
            self._left[begins] = _visit(self._chance.randrange(10**digits), 10**digits)
        number = next(self._left[begins], None)
        return None if number is None else f"{begins}{number:0{digits}d}"


def _visit(start: int, size: int) -> Iterator[int]:
    return ((start + STRIDE * step) % size for step in range(size))
