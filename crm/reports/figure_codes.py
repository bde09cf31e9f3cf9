"""The figures of reports whose change can be explained, by their codes: each a sum over deals, or rates, means and
products of such sums."""

from collections.abc import Callable
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Category
from crm.reports import closings, conversion, forecast, velocity
from crm.reports.closings import Result
from crm.reports.forecast import SUREST_FIRST, State
from crm.reports.velocity import Term as Terms


class Measure(StrEnum):
    """What of each deal is summed: one; its value; its value × its probability; one where it has a value; the days from
    opened to won."""

    COUNT = "count"
    VALUE = "value"
    WEIGHTED = "weighted"
    VALUED = "valued"
    DAYS = "days"

    @property
    def unit(self) -> "Unit":
        units: dict[Measure, Unit] = {Measure.VALUE: "money", Measure.WEIGHTED: "money", Measure.DAYS: "days"}
        return units.get(self, "count")


Unit = Literal["count", "money", "share", "days"]
Report = Literal["forecast", "closings", "conversion", "velocity"]
BOARD, TARGET = "board", "target"
MEASURES = {
    "forecast": (Measure.COUNT, Measure.VALUE, Measure.WEIGHTED),
    "closings": (Measure.COUNT, Measure.VALUE),
    "conversion": (Measure.COUNT,),
    "velocity": (Measure.COUNT,),
}
"""By which a cell of each report can be asked for."""
STILL_OPEN = tuple(state.value for state in State if state is not State.WON)
EVERY_OPEN = "every_open"
"""The cell of all open deals, whenever they are expected to close."""


class Part(NamedTuple):
    """A sum: over the deals of these cells of the report. `name` is empty where the figure is this sum."""

    name: str
    cells: tuple[str, ...]
    measure: Measure


class Term(NamedTuple):
    """A factor of a figure: its one part, or the first part divided by the second."""

    name: Literal["", "open", "rate", "mean_value", "cycle"]
    parts: tuple[Part, ...]
    at_least: int | None = None
    divides: bool = False


class Figure(BaseModel, frozen=True):
    """A figure of a report by its code. `forecast:value:open:2026-12-01`, and so with `count` and `weighted`: a cell of
    the forecast, or all open deals, `every_open` · `forecast:expected:2026-12-01` (a month, or none) ·
    `forecast:at_least:commit` · `target:attained`, `target:coverage`, `target:gap` (also of a month): the forecast
    against its target · `closings:count:won`, `closings:value:lost`: a cell of the closings · `closings:rate` (or of a
    month) · `closings:cycle`: its mean · `conversion:count:reached:3` · `conversion:rate:3`: from a stage to the next ·
    `conversion:won`: won of those that arrived · `velocity:per_day`, and its terms `velocity:count:open`,
    `velocity:rate`, `velocity:mean_value`, `velocity:cycle` · `board:open`, `board:weighted`, `board:won`,
    `board:win-rate`, `board:cycle` (the deals it is of)."""

    code: str
    report: Report
    unit: Unit
    terms: tuple[Term, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for term in self.terms for part in term.parts)

    @property
    def is_sum(self) -> bool:
        """Whether its parts add up to it as they are."""
        return len(self.parts) == 1 and not self.of_target

    @property
    def of_target(self) -> bool:
        return self.code.startswith(f"{TARGET}:")

    @property
    def words(self) -> tuple[str, str, str]:
        """The code's words: the kind, what is asked, and the cell."""
        kind, how, cell = [*self.code.split(":", 2), "", ""][:3]
        return kind, how, cell

    @property
    def measures(self) -> dict[Measure, str]:
        """{measure: the code of the same cell by it}, where a cell has more than one."""
        kind, how, cell = self.words
        of = MEASURES.get(kind, ())
        return {measure: f"{kind}:{measure}:{cell}" for measure in of} if how in of and len(of) > 1 else {}

    @classmethod
    def parse(cls, code: str) -> "Figure":
        """Raises Invalid where the code is none."""
        kind, _, rest = code.partition(":")
        how, _, cell = rest.partition(":")
        try:
            report, unit, terms = _READ[kind](how, cell)
        except (KeyError, ValueError, Invalid):
            raise Invalid(tr("“{value}” is not a figure of a report.", value=bounds.shown(code)), "figure") from None
        return cls(code=code, report=report, unit=unit, terms=terms)


Read = tuple[Report, Unit, tuple[Term, ...]]


def _sum(report: Report, measure: Measure, *cells: str) -> Read:
    return report, measure.unit, (Term("", (Part("", cells, measure),)),)


def _ratio(unit: Unit, counted: tuple[str, ...], of: tuple[str, ...], report: Report = "closings") -> Read:
    """A share of deals, or the days of one set over their count."""
    measure = Measure.DAYS if unit == "days" else Measure.COUNT
    return report, unit, (Term("", (Part("counted", counted, measure), Part("of", of, Measure.COUNT))),)


def _measure(report: str, how: str) -> Measure:
    if how not in MEASURES[report]:
        raise ValueError(how)
    return Measure(how)


def _of_forecast(how: str, cell: str) -> Read:
    if how == "expected":
        return _sum("forecast", Measure.WEIGHTED, *_of_month(cell))
    if how == "at_least":
        surer = SUREST_FIRST[: SUREST_FIRST.index(Category(cell)) + 1]
        return _sum("forecast", Measure.VALUE, "won", *(f"category:{each}" for each in surer))
    cells = STILL_OPEN if cell == EVERY_OPEN else (str(forecast.Cell.parse(cell)),)
    return _sum("forecast", _measure("forecast", how), *cells)


def _of_month(month: str) -> tuple[str, ...]:
    """The cells of what is won and open in a month or quarter, or in the whole period."""
    return tuple(str(forecast.Cell.parse(f"{state}:{month}".rstrip(":"))) for state in (State.WON, State.OPEN))


def _of_target(how: str, month: str) -> Read:
    won, still_open = _of_month(month)
    of_target: dict[str, tuple[Unit, Measure, tuple[str, ...]]] = {
        "attained": ("share", Measure.VALUE, (won,)),
        "coverage": ("share", Measure.VALUE, (won, still_open)),
        # Won deals weigh as much as they are worth.
        "gap": ("money", Measure.WEIGHTED, (won, still_open)),
    }
    unit, measure, cells = of_target[how]
    return "forecast", unit, _sum("forecast", measure, *cells)[2]


def _of_closings(how: str, cell: str) -> Read:
    if how == "rate":
        won, lost = (str(closings.Cell.parse(f"{result}:{cell}".rstrip(":"))) for result in Result)
        return _ratio("share", (won,), (won, lost))
    if how == "cycle" and not cell:
        return _ratio("days", ("won",), ("won",))
    return _sum("closings", _measure("closings", how), str(closings.Cell.parse(cell)))


def _of_conversion(how: str, cell: str) -> Read:
    if how == "won" and not cell:
        return _ratio("share", ("last",), ("first",), "conversion")
    if how == "rate":
        stage = bounds.whole(cell)
        if stage is None:
            raise ValueError(cell)
        return _ratio("share", (f"next:{stage}",), (f"reached:{stage}",), "conversion")
    return _sum("conversion", _measure("conversion", how), str(conversion.Cell.parse(cell)))


def _of_velocity(how: str, cell: str) -> Read:
    if how == "count":
        return _sum("velocity", _measure("velocity", how), str(velocity.Cell(term=Terms(cell))))
    if cell:
        raise ValueError(cell)
    if how == "per_day":
        return "velocity", "money", tuple(_named(term) for term in VELOCITY)
    term = next(each for each in VELOCITY[1:] if each.name == how) if how in TERM_UNITS else None
    if term is None:
        raise ValueError(how)
    # Alone it is a figure of its own, by which nothing is divided.
    return "velocity", TERM_UNITS[how], (Term("", term.parts, term.at_least),)


def _named(term: Term) -> Term:
    """With the term's name in the names of its parts: several terms have parts of the same name."""
    names = {part: f"{term.name}:{part.name}".rstrip(":") for part in term.parts}
    return term._replace(parts=tuple(part._replace(name=names[part]) for part in term.parts))


OPEN, WON, LOST = (str(velocity.Cell(term=term)) for term in Terms)
VELOCITY = (
    Term("open", (Part("", (OPEN,), Measure.COUNT),)),
    Term("rate", (Part("counted", (WON,), Measure.COUNT), Part("of", (WON, LOST), Measure.COUNT))),
    Term("mean_value", (Part("counted", (WON,), Measure.VALUE), Part("of", (WON,), Measure.VALUED))),
    Term(
        "cycle",
        (Part("counted", (WON,), Measure.DAYS), Part("of", (WON,), Measure.COUNT)),
        at_least=1,
        divides=True,
    ),
)
"""V = N × WR × A / C."""
TERM_UNITS: dict[str, Unit] = {"rate": "share", "mean_value": "money", "cycle": "days"}


def _of_board(how: str, cell: str) -> Read:
    if cell:
        raise ValueError(cell)
    of_board: dict[str, Read] = {
        "open": _sum("forecast", Measure.VALUE, *STILL_OPEN),
        "weighted": _sum("forecast", Measure.WEIGHTED, *STILL_OPEN),
        "won": _sum("forecast", Measure.VALUE, "won"),
        "win-rate": _ratio("share", ("won",), ("won", "lost")),
        "cycle": _sum("closings", Measure.COUNT, "won"),
    }
    return of_board[how]


_READ: dict[str, Callable[[str, str], Read]] = {
    "forecast": _of_forecast,
    TARGET: _of_target,
    "closings": _of_closings,
    "conversion": _of_conversion,
    "velocity": _of_velocity,
    BOARD: _of_board,
}
