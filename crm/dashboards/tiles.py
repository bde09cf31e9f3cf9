"""The catalogue of tiles: each a report's figures, with its definition and the page and file that hold the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from crm.dashboards import customer_tile, figures, reports, velocity_tile
from crm.dashboards.content import Content
from crm.foundation.language import later
from crm.reports.query import ReportFilters
from crm.store import Reading


class Width(StrEnum):
    """Of a row."""

    THIRD = "third"
    HALF = "half"
    FULL = "full"

    @property
    def sixths(self) -> int:
        return {"third": 2, "half": 3, "full": 6}[self.value]


@dataclass(frozen=True)
class TileType:
    title: str
    about: str
    """What its figures mean."""
    icon: str
    read: Callable[[Reading, ReportFilters], Content]
    width: Width
    page: str = ""
    """The report that holds the same figures, with the same filters in its address."""
    csv: str = ""
    """Its file, see crm/reports/sheets.py."""
    drops: tuple[str, ...] = ()
    """Filters that the page takes otherwise, and that a link leaves out."""


def nothing(tx: Reading, filters: ReportFilters) -> Content:
    return Content()


TYPES: dict[str, TileType] = {
    "open_pipeline": TileType(
        later("Open pipeline"),
        later(
            "The value of all open deals today, whenever they are expected to close. Weighted: each value × its "
            "probability. Overdue and undated deals are in it, and stand apart in the table."
        ),
        "hourglass_empty",
        figures.open_pipeline,
        Width.THIRD,
        page="forecast",
        csv="forecast",
    ),
    "won_target": TileType(
        later("Won against target"),
        later(
            "The value of the deals won in the period, at the value, owner and team of their closing, against the "
            "target of the owner, team or pipeline of the filters, or everybody’s. Gap = target − won − weighted."
        ),
        "trophy",
        figures.won_against_target,
        Width.THIRD,
        page="forecast",
        csv="forecast",
    ),
    "win_rate": TileType(
        later("Win rate"),
        later(
            "Won ÷ (won + lost), by count, over the deals closed in the period, each at its last closing. Under 100 "
            "closings the 95 % interval (Wilson) stands beside it."
        ),
        "target",
        figures.win_rate,
        Width.THIRD,
        page="conversion",
        csv="win-rate",
    ),
    "cycle": TileType(
        later("Sales cycle"),
        later("Days from opening a deal to winning it, over the deals won in the period: the mean, and the median."),
        "timer",
        figures.cycle,
        Width.THIRD,
        page="conversion",
        csv="win-rate",
    ),
    "stalled": TileType(
        later("Stalled deals"),
        later(
            "Open deals that nobody has touched for longer than the limit of their stage, or than usual in it, today. "
            "The largest come first."
        ),
        "hourglass_bottom",
        figures.stalled_deals,
        Width.THIRD,
        page="day",
        drops=("pipeline", "owner", "team", "source", "period"),
    ),
    "forecast_range": TileType(
        later("Forecast range"),
        later(
            "What the deals that are open now are expected to bring by the day shown, and the range that holds four in "
            "five of 10,000 simulated futures. It is drawn only where the ranges of past months held what came: see "
            "Back-test."
        ),
        "fit_width",
        figures.forecast_range,
        Width.THIRD,
        page="backtest",
        drops=("owner", "team", "source", "period"),
    ),
    "bridge": TileType(
        later("What changed in a week"),
        later(
            "What made the open pipeline of a week ago into that of today, by cause. The causes add up to the "
            "difference exactly."
        ),
        "waterfall_chart",
        reports.bridge_of_week,
        Width.HALF,
        page="changes",
        csv="changes",
        drops=("period",),
    ),
    "leaderboard": TileType(
        later("Leaderboard"),
        later(
            "By owner: the value won in the period, with the owner of the closing; the value that is open today; the "
            "win rate over the deals closed in the period; and won of the owner’s target."
        ),
        "leaderboard",
        reports.leaders,
        Width.HALF,
        page="forecast",
        csv="leaderboard",
    ),
    "forecast": TileType(
        later("Forecast by month"),
        later(
            "Won so far by month of closing, and open deals by month of expected close: weighted, and the rest of "
            "their value. Expected = won + weighted. Lost, overdue and undated deals are in no month."
        ),
        "monitoring",
        reports.forecast_by_month,
        Width.HALF,
        page="forecast",
        csv="forecast",
    ),
    "categories": TileType(
        later("Forecast by category"),
        later(
            "The open deals expected to close in the period, by how sure they are: the deal’s own category, else its "
            "stage’s. With surer ones: the value of this category and all above it, such as the commit."
        ),
        "stacked_bar_chart",
        reports.categories_of_forecast,
        Width.HALF,
        page="forecast",
        csv="forecast-categories",
    ),
    "win_rate_trend": TileType(
        later("Win rate over time"),
        later(
            "Won ÷ (won + lost), by count, by month of closing, with the 95 % interval (Wilson) of each month; a gap "
            "where nothing was closed."
        ),
        "show_chart",
        reports.win_rate_by_month,
        Width.HALF,
        page="conversion",
        csv="win-rate",
    ),
    "loss_reasons": TileType(
        later("Why deals were lost"),
        later("The deals lost in the period by their reason, most frequent first. Values are those at closing."),
        "thumb_down",
        reports.reasons_of_losses,
        Width.HALF,
        page="conversion",
        csv="loss-reasons",
    ),
    "funnel": TileType(
        later("How far deals came"),
        later(
            "Of the deals that arrived in the pipeline in the period, how many ever reached each stage or a later one, "
            "or were won. A skipped stage counts as passed, a move back undoes nothing."
        ),
        "filter_alt",
        reports.funnel,
        Width.HALF,
        page="conversion",
        csv="conversion",
    ),
    "cohorts": TileType(
        later("Won, by month of arrival"),
        later(
            "Of the deals that arrived in the pipeline in each month: the share that was ever won, and the share that "
            "is still undecided."
        ),
        "bar_chart",
        reports.cohorts,
        Width.HALF,
        page="conversion",
        csv="cohorts",
    ),
    "velocity": TileType(
        later("Sales velocity"),
        later(
            "V = N × WR × A ÷ C: what the open deals bring per day if they are won as often, for as much and as fast "
            "as in the last 90 days. N: open deals; WR: win rate by count; A: mean value of the won deals that carry "
            "one; C: mean days from opened to won, at least 1."
        ),
        "speed",
        velocity_tile.content,
        Width.THIRD,
        page="conversion",
        csv="velocity",
        drops=("period",),
    ),
    "customers": TileType(
        later("New and returning customers"),
        later(
            "The value of the purchases of contacts, by the day they were ordered. New: the first order of a customer "
            "ever; returning: every later one; no customer: orders of nobody whom you may see. Orders that were "
            "cancelled, failed or refunded are no purchases."
        ),
        "repeat",
        customer_tile.content,
        Width.HALF,
        page="customers",
        csv="customers",
        drops=("pipeline", "source"),
    ),
    "segment": TileType(
        later("Segment"),
        later("How many records of the segment you see, and the first of them."),
        "donut_small",
        nothing,
        Width.THIRD,
        page="segments",
        drops=("pipeline", "owner", "team", "source", "period"),
    ),
    "sql": TileType(
        later("Saved query"),
        later("What the saved query finds among what you may see. The dashboard’s filters do not narrow it."),
        "database",
        nothing,
        Width.HALF,
    ),
}
"""{kind of tile: what it is}."""

OF_SOURCES = ("segment", "sql")
"""Kinds of tiles that name what they show, and are read by `sources`."""
