"""The history of deals in plain Python: a replay of what was done, one deal and one operation at a time.

It knows the rules and nothing of tables: a movement happens when it is recorded, a closing on its day (then, or at the
day's end), a file knows a value only from when it says so, and a closing keeps how the deal was.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Arrival:
    kind: str
    stage: int
    happened_at: datetime
    known_at: datetime
    closed_on: date | None = None
    value: Decimal | None = None
    owner: int | None = None


@dataclass(frozen=True)
class Version:
    value: Decimal | None
    owner: int | None
    happened_at: datetime
    known_at: datetime


@dataclass
class History:
    arrivals: list[Arrival] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    imported_at: datetime | None = None
    """When a file brought it; until then, or until it closed, it was known to stand in `begins`."""
    begins: int = 0


class Refused(Exception):
    """A closing on a day before the last that happened, or to come."""


@dataclass
class Oracle:
    zone: ZoneInfo
    deals: dict[int, History] = field(default_factory=dict)

    # What is done

    def create(self, deal: int, now: datetime, stage: int, value: Decimal | None, owner: int | None) -> None:
        self.deals[deal] = History([Arrival("create", stage, now, now)], [Version(value, owner, now, now)])

    def bring(
        self,
        deal: int,
        now: datetime,
        stage: int,
        value: Decimal | None,
        owner: int | None,
        *,
        begins: int,
        created: date,
        closing: tuple[str, int, date] | None = None,
    ) -> None:
        """An import makes the deal, with its past: the open stage that it is in or was last, the one where deals begin,
        and `closing`: won or lost, that stage, and the day."""
        opened = self._moment(created, now)
        history = History([Arrival("import", stage, opened, opened)], imported_at=now, begins=begins)
        last_moment = now
        if closing:
            kind, end, day = closing
            last_moment = max(self._moment(day, now), opened)
            history.arrivals.append(Arrival(kind, end, last_moment, last_moment, day, value, owner))
        if opened < last_moment:
            history.versions.append(Version(None, owner, opened, opened))
        if opened == last_moment or value is not None:
            history.versions.append(Version(value, owner, last_moment, last_moment))
        self.deals[deal] = history

    def edit(self, deal: int, now: datetime, **changes: object) -> None:
        last = self.deals[deal].versions[-1]
        after = replace(last, **changes)  # type: ignore[arg-type]
        if after != last:
            self.deals[deal].versions.append(replace(after, happened_at=now, known_at=now))

    def move(self, deal: int, now: datetime, stage: int, kind: str = "move") -> None:
        self.deals[deal].arrivals.append(Arrival(kind, stage, now, now))

    def close(self, deal: int, now: datetime, kind: str, stage: int, day: date) -> None:
        history = self.deals[deal]
        if day > self._day(now) or day < self.last_day(deal):
            raise Refused
        version = history.versions[-1]
        moment = max(self._moment(day, now), history.arrivals[-1].happened_at)
        history.arrivals.append(Arrival(kind, stage, moment, now, day, version.value, version.owner))

    def take_back(self, deal: int) -> None:
        """The last movement never happened."""
        self.deals[deal].arrivals.pop()

    # What is asked

    def last_day(self, deal: int) -> date:
        last = self.deals[deal].arrivals[-1]
        return last.closed_on or self._day(last.happened_at)

    def stage_at(self, deal: int, moment: datetime) -> int | None:
        """Where it stood, as it happened; None before it opened."""
        reached = [one.stage for one in self.deals[deal].arrivals if one.happened_at <= moment]
        return reached[-1] if reached else None

    def known(self, deal: int, moment: datetime) -> tuple[int, Decimal | None, int | None] | None:
        """Stage, value and owner as the product knew them."""
        history = self.deals[deal]
        arrivals = [one for one in history.arrivals if one.known_at <= moment]
        versions = [one for one in history.versions if one.known_at <= moment]
        if not arrivals or not versions:
            return None
        not_imported_yet = len(arrivals) == 1 and history.imported_at is not None and moment < history.imported_at
        return (history.begins if not_imported_yet else arrivals[-1].stage, versions[-1].value, versions[-1].owner)

    def closings(self, deal: int) -> list[Arrival]:
        return [one for one in self.deals[deal].arrivals if one.closed_on is not None]

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _moment(self, day: date, now: datetime) -> datetime:
        if day >= self._day(now):
            return now
        midnight = datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return midnight - timedelta(microseconds=1)
