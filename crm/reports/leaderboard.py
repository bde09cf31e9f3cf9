"""The leaderboard: what each owner has won in a period, has open, and how often they win."""

from decimal import Decimal

from pydantic import BaseModel

from crm.platform.people import users
from crm.reports import attainment, closings, forecast
from crm.reports.amounts import Amounts
from crm.reports.closings import WinRate
from crm.reports.forecast import Figure, OfOwner
from crm.reports.periods import Period
from crm.reports.scope import NOBODY, Scope
from crm.reports.split import By, Split
from crm.store import Reading


class Standing(BaseModel, frozen=True):
    """An owner's figures, as the forecast and the closings of this owner alone have them."""

    owner_id: int
    """0: deals without an owner."""
    owner_name: str | None
    won: Figure
    open: Figure
    rate: WinRate
    target: Decimal | None
    """None also where a month of the period has none, and where the report is narrower than owners."""

    @property
    def attained(self) -> float | None:
        """Won of the target."""
        return float(self.won.value / self.target) if self.target else None


class Leaderboard(BaseModel, frozen=True):
    """The highest value won first. Amounts are in `currency`, without deals that have no rate."""

    currency: str
    standings: list[Standing]


def report(tx: Reading, *, period: Period, scope: Scope | None = None, currency: str | None = None) -> Leaderboard:
    """Of every owner with an open deal, or with one closed in the period. Raises Invalid for what is no currency."""
    scope = scope or Scope()
    placed = forecast.by_owner(tx, period=period, scope=scope, currency=currency)
    closed = closings.by_part(tx, Split(by=By.OWNER), period=period, scope=scope, currency=currency)
    rates = {int(owner): found.rate for owner, found in closed.items()}
    names = users.names(tx)
    targeted = not scope.pipeline_ids and scope.source is None and currency is None
    standings = [
        Standing(
            owner_id=owner,
            owner_name=names.get(owner),
            won=found.won,
            open=found.open,
            rate=rates.get(owner, closings.NOTHING),
            target=_target(tx, owner, period, found) if targeted else None,
        )
        for owner in placed.keys() | rates.keys()
        for found in (placed.get(owner, OfOwner()),)
    ]
    standings.sort(key=lambda each: (-each.won.value, -each.open.value, each.owner_name or "", each.owner_id))
    return Leaderboard(currency=Amounts.of(tx, currency).currency, standings=standings)


def _target(tx: Reading, owner: int, period: Period, found: OfOwner) -> Decimal | None:
    if owner == NOBODY:
        return None
    against = attainment.of_owner(tx, owner, period, found)
    return against.target if against.is_whole else None
