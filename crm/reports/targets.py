"""Sales targets: what one owner, team or pipeline, or everybody, is to win in a month or quarter.

The targets of a subject never overlap: a quarter has one of its own, or those of its months. A target of a quarter is
not divided into months.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel

from crm import pipelines
from crm.foundation import bounds, money
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import tr
from crm.platform.people import teams, users
from crm.reports.periods import Grain, Period, grain_start, months_after
from crm.reports.scope import require_crm
from crm.store import Reading, Writing
from crm.store.events import changed
from crm.store.kept import kept


class Subject(BaseModel, frozen=True):
    """Whose target: of one owner, one team or one pipeline; of everybody where none is given."""

    owner_id: int | None = None
    team_id: int | None = None
    pipeline_id: int | None = None

    @property
    def is_one(self) -> bool:
        return sum(each is not None for each in (self.owner_id, self.team_id, self.pipeline_id)) <= 1


class Span(BaseModel, frozen=True):
    """A whole month or quarter. As text 2026-03 or 2026-Q1."""

    first: date
    grain: Grain

    def __str__(self) -> str:
        if self.grain is Grain.QUARTER:
            return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Raises Invalid, of the field `period`, for what is neither month nor quarter."""
        month = re.fullmatch(r"(\d{4})-(\d\d)", text.strip(), re.ASCII)
        quarter = re.fullmatch(r"(\d{4})-?Q([1-4])", text.strip().upper(), re.ASCII)
        if quarter:
            first = bounds.day(f"{quarter[1]}-{int(quarter[2]) * 3 - 2:02}-01")
        else:
            first = bounds.day(f"{month[1]}-{month[2]}-01") if month else None
        if first is None:
            raise Invalid(
                tr(
                    "“{value}” is neither a month, such as 2026-03, nor a quarter, such as 2026-Q1.",
                    value=bounds.shown(text),
                ),
                "period",
            )
        return cls(first=first, grain=Grain.QUARTER if quarter else Grain.MONTH)

    @property
    def period(self) -> Period:
        return Period(first=self.first, end=months_after(self.first, self.grain.months))

    @property
    def rivals(self) -> "list[Span]":
        """The other spans that overlap with this one: the quarter of a month, the months of a quarter."""
        if self.grain is Grain.MONTH:
            return [Span(first=grain_start(self.first, Grain.QUARTER), grain=Grain.QUARTER)]
        return [Span(first=months_after(self.first, each), grain=Grain.MONTH) for each in range(3)]


class Target(BaseModel, frozen=True):
    """An amount to be won. The names are those of now; `currency` was the workspace's when it was set."""

    id: int
    subject: Subject
    owner_name: str | None
    team_name: str | None
    pipeline_name: str | None
    span: Span
    amount: Decimal
    currency: str
    set_by: int
    set_at: datetime

    @property
    def subject_name(self) -> str:
        return self.owner_name or self.team_name or self.pipeline_name or tr("Everybody")


def require_setting(tx: Reading) -> None:
    """Targets are set by whoever may shape pipelines: managers and administrators."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    if not pipelines.may_shape(tx.actor):
        raise Forbidden(tr("{name} may not set targets. A manager or an administrator can.", name=tx.actor.name))


@kept
def all_of(tx: Reading) -> list[Target]:
    """The visible targets, the latest periods first: everybody's, then those of pipelines, teams and owners."""
    require_crm(tx)
    found = tx.rows(
        """
        SELECT
            target.*,
            owner.name AS owner_name,
            team.name AS team_name,
            pipeline.name AS pipeline_name
        FROM targets AS target
        LEFT JOIN users AS owner ON owner.id = target.owner_id
        LEFT JOIN teams AS team ON team.id = target.team_id
        LEFT JOIN pipelines AS pipeline ON pipeline.id = target.pipeline_id
        ORDER BY
            target.first_day DESC,
            target.grain DESC,
            owner.name NULLS FIRST,
            team.name NULLS FIRST,
            pipeline.name NULLS FIRST,
            target.id
        """
    )
    return [
        Target(
            subject=Subject(**{name: row[name] for name in Subject.model_fields}),
            span=Span(first=row["first_day"], grain=Grain(row["grain"])),
            **{name: row[name] for name in Target.model_fields if name in row},
        )
        for row in found
    ]


def get(tx: Reading, target_id: int) -> Target:
    found = next((target for target in all_of(tx) if target.id == target_id), None)
    if found is None:
        raise NotFound(tr("target"))
    return found


def set_target(tx: Writing, subject: Subject, span: Span, amount: str | int | Decimal) -> Target:
    """Set what is to be won, in the workspace's currency; it takes the place of the target that the period had.

    Raises Invalid for a negative amount, for more than one of owner, team and pipeline, and where a target of the same
    subject overlaps with this one.
    """
    require_setting(tx)
    _check_subject(tx, subject)
    value = checked_amount(amount, tx.actor.currency)
    mine = {target.span: target for target in all_of(tx) if target.subject == subject}
    refuse_overlap(span, mine)
    before = mine.get(span)
    if before and (before.amount, before.currency) == (value, tx.actor.currency):
        return before
    return get(tx, write(tx, subject, span, value, before))


def write(tx: Writing, subject: Subject, span: Span, value: Decimal, before: Target | None) -> int:
    """Write a target that was checked, in place of the one `before`; its id."""
    given = {"amount": value, "currency": tx.actor.currency, "me": tx.actor.id, "now": tx.now}
    if before:
        target_id = before.id
        tx.run(
            """
            UPDATE base.targets
            SET amount = $amount, currency = $currency, set_by = $me, set_at = $now
            WHERE id = $id
            """,
            **given,
            id=target_id,
        )
    else:
        target_id = tx.insert(
            """
            INSERT INTO base.targets
                (owner_id, team_id, pipeline_id, first_day, grain, amount, currency, set_by, set_at)
            VALUES ($owner_id, $team_id, $pipeline_id, $first, $grain, $amount, $currency, $me, $now)
            RETURNING id
            """,
            **subject.model_dump(),
            **given,
            first=span.first,
            grain=span.grain.value,
        )
    tx.record(
        "target.set",
        "target",
        target_id,
        **subject.model_dump(),
        period=str(span),
        changes=changed(_logged(before), {"amount": f"{value:f}", "currency": tx.actor.currency}),
    )
    return target_id


def delete(tx: Writing, target_id: int) -> Target:
    """Delete a target. Returns it as it was."""
    require_setting(tx)
    target = get(tx, target_id)
    tx.run("DELETE FROM base.targets WHERE id = $id", id=target_id)
    tx.record(
        "target.deleted",
        "target",
        target_id,
        **target.subject.model_dump(),
        period=str(target.span),
        amount=f"{target.amount:f}",
        currency=target.currency,
    )
    return target


def checked_amount(given: str | int | Decimal, currency: str) -> Decimal:
    """The amount, rounded to the currency's minor unit. Raises Invalid for what is no amount, or negative."""
    try:
        return money.amount(given, currency)
    except Invalid as fault:
        raise Invalid(str(fault), "amount") from None


def refuse_overlap(span: Span, known: Iterable[Span]) -> None:
    """`known` are those of the same subject."""
    taken = set(known)
    for rival in span.rivals:
        if rival in taken:
            raise Invalid(
                tr(
                    "{period} overlaps with the target of {other}: delete that one first. A quarter has a target of "
                    "its own, or those of its months.",
                    period=str(span),
                    other=str(rival),
                ),
                "period",
            )


def _check_subject(tx: Reading, subject: Subject) -> None:
    if not subject.is_one:
        raise Invalid(tr("A target is of one owner, one team or one pipeline: give one of them, or none."), "owner_id")
    if subject.owner_id is not None:
        users.get(tx, subject.owner_id)
    if subject.team_id is not None:
        teams.get(tx, subject.team_id)
    if subject.pipeline_id is not None:
        pipelines.get(tx, subject.pipeline_id)


def _logged(before: Target | None) -> dict[str, str | None]:
    if before is None:
        return {"amount": None, "currency": None}
    return {"amount": f"{before.amount:f}", "currency": before.currency}
