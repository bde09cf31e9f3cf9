"""What a day asks of a person or of a team: steps that are due, deals about to close, and deals left alone too long."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.deals import health
from crm.deals.counted import COUNTED
from crm.deals.history import PRESENT
from crm.foundation.access import SEES_EVERYTHING
from crm.store import Reading, Row
from crm.store.kept import kept

MOST = 50
"""Of one list. What is beyond is counted."""

NEAR_DAYS = 7
"""How far ahead a day looks."""


class Scope(BaseModel, frozen=True):
    """Whose day it is: a person's, or that of the deals of some teams; of neither, everybody's whom the actor sees."""

    user_id: int | None = None
    team_ids: tuple[int, ...] = ()


class Entry(BaseModel, frozen=True):
    """An open deal."""

    deal_id: int
    title: str
    value: Decimal | None
    currency: str
    stage_name: str
    expected_close: date | None
    owner_name: str | None
    who: str | None
    """The name of the company, else of the contact, if the actor may see it."""


class Step(Entry, frozen=True):
    """An open item of a deal's checklist. Who does it is its assignee, else the deal's owner."""

    item_id: int
    text: str
    due_on: date
    by_name: str | None


class Left(Entry, frozen=True):
    """A deal that is stalled, and its next step."""

    idle_days: int
    score: int
    next_step: str | None
    """The first open item of its checklists."""


class Won(BaseModel, frozen=True):
    """The deals won in one currency, at the value that they were closed with."""

    currency: str
    count: int
    value: Decimal


def scope_of(tx: Reading, *, team: bool) -> Scope:
    """The actor's own day; or their teams', which is everybody's for someone who sees everything and is in no team."""
    return Scope(team_ids=tx.actor.team_ids) if team else Scope(user_id=tx.actor.id)


def has_team(tx: Reading) -> bool:
    """Whether there is a day beside the actor's own."""
    return bool(tx.actor.team_ids) or tx.actor.role in SEES_EVERYTHING


@kept
def steps(tx: Reading, scope: Scope, until: date) -> tuple[list[Step], int]:
    """The open steps of open deals that are due up to a day, the first due first, and how many there are in all."""
    rows = tx.rows(
        f"""
        SELECT
            {_ENTRY},
            item.id AS item_id,
            item.text,
            item.due_on,
            coalesce(assignee.name, owner.name) AS by_name,
            count(*) OVER () AS total
        FROM checklist_items AS item
        JOIN deals AS deal ON deal.id = item.deal_id
        {_JOINS}
        LEFT JOIN base.users AS assignee ON assignee.id = item.assignee_id
        WHERE item.done_at IS NULL AND item.due_on <= $until AND deal.status = 'open'
            AND {_in(scope, "coalesce(item.assignee_id, deal.owner_id)")}
        ORDER BY item.due_on, deal.expected_close NULLS LAST, item.id
        LIMIT {MOST}
        """,
        until=until,
        **_params(scope),
    )
    return [Step.model_validate(row) for row in rows], rows[0]["total"] if rows else 0


@kept
def closing(tx: Reading, scope: Scope, until: date) -> tuple[list[Entry], int]:
    """The open deals that are expected to close up to a day, those that are overdue among them, the first first; and
    how many there are in all."""
    rows = tx.rows(
        f"""
        SELECT {_ENTRY}, count(*) OVER () AS total
        FROM deals AS deal
        {_JOINS}
        WHERE deal.status = 'open' AND deal.expected_close <= $until AND {_in(scope, "deal.owner_id")}
        ORDER BY deal.expected_close, deal.value DESC NULLS LAST, deal.id
        LIMIT {MOST}
        """,
        until=until,
        **_params(scope),
    )
    return [Entry.model_validate(row) for row in rows], rows[0]["total"] if rows else 0


def stalled(tx: Reading, scope: Scope) -> tuple[list[Left], int]:
    """The open deals that nobody has touched for longer than the limit of their stage, the largest value first; and how
    many there are in all."""
    left = left_alone(tx, _open(tx, scope))
    return entries_of(tx, left), len(left)


def left_alone(tx: Reading, open_ids: Sequence[int]) -> dict[int, health.Glance]:
    """{id: health} of those of these open deals that nobody has touched for longer than the limit of their stage."""
    return {
        deal_id: glance for deal_id, glance in health.at_a_glance(tx, open_ids).items() if glance.status == "stalled"
    }


def entries_of(tx: Reading, left: Mapping[int, health.Glance]) -> list[Left]:
    """The first of `left_alone`, the largest value first."""
    return [
        Left(**row, idle_days=left[row["deal_id"]].idle_days, score=left[row["deal_id"]].score)
        for row in _entries(tx, tuple(left))
    ]


@kept
def won(tx: Reading, scope: Scope, first: date, last: date) -> list[Won]:
    """What was won in the period, by currency, the most deals first. Owner and team are those of the closing."""
    rows = tx.rows(
        f"""
        SELECT currency, count(*) AS count, coalesce(sum(value), 0) AS value
        FROM ({COUNTED}) AS deal
        WHERE status = 'won' AND closed_on BETWEEN $first AND $last AND {_in(scope, "deal.owner_id")}
        GROUP BY currency
        ORDER BY count(*) DESC, currency
        """,
        as_of=PRESENT,
        first=first,
        last=last,
        **_params(scope),
    )
    return [Won.model_validate(row) for row in rows]


@kept
def _open(tx: Reading, scope: Scope) -> Sequence[int]:
    rows = tx.rows(
        f"SELECT id FROM deals AS deal WHERE status = 'open' AND {_in(scope, 'deal.owner_id')} ORDER BY id",
        **_params(scope),
    )
    return tuple(row["id"] for row in rows)


@kept
def _entries(tx: Reading, ids: tuple[int, ...]) -> list[Row]:
    return tx.rows(
        f"""
        SELECT
            {_ENTRY},
            (
                SELECT first(item.text ORDER BY item.due_on NULLS LAST, item.position, item.id)
                FROM checklist_items AS item
                WHERE item.deal_id = deal.id AND item.done_at IS NULL
            ) AS next_step
        FROM deals AS deal
        {_JOINS}
        WHERE deal.id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY deal.value DESC NULLS LAST, deal.id
        LIMIT {MOST}
        """,
        ids=list(ids),
    )


_ENTRY = """
    deal.id AS deal_id, deal.title, deal.value, deal.currency, stage.name AS stage_name, deal.expected_close,
    owner.name AS owner_name, coalesce(company.name, contact.name, contact.email, contact.phone) AS who
"""

_JOINS = """
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    LEFT JOIN base.users AS owner ON owner.id = deal.owner_id
    LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN companies AS company ON company.id = deal.company_id
"""


def _in(scope: Scope, user: str) -> str:
    """SQL of the condition that a deal is in the scope; `user` is the SQL of whoever it is with."""
    if scope.user_id is not None:
        return f"{user} = $user_id"
    return "list_contains($team_ids, deal.team_id)" if scope.team_ids else "true"


def _params(scope: Scope) -> dict[str, object]:
    if scope.user_id is not None:
        return {"user_id": scope.user_id}
    return {"team_ids": list(scope.team_ids)} if scope.team_ids else {}
