"""Teams: under owner-based privacy their members see each other's records."""

from collections.abc import Collection

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.platform.people import users
from crm.store import Reading, Writing
from crm.store.events import changed
from crm.store.kept import kept


class Team(BaseModel, frozen=True):
    id: int
    name: str
    member_ids: tuple[int, ...]


@kept
def everyone(tx: Reading) -> list[Team]:
    found = tx.rows(
        """
        SELECT
            team.id,
            team.name,
            coalesce(list(member.user_id ORDER BY member.user_id) FILTER (member.user_id IS NOT NULL), []) AS member_ids
        FROM teams AS team
        LEFT JOIN team_members AS member ON member.team_id = team.id
        GROUP BY ALL
        ORDER BY team.name
        """
    )
    return [Team(**row) for row in found]


def get(tx: Reading, team_id: int) -> Team:
    found = [team for team in everyone(tx) if team.id == team_id]
    if not found:
        raise NotFound(tr("team"))
    return found[0]


def create(tx: Writing, name: str) -> Team:
    tx.require(Permission.MANAGE_SETTINGS)
    shown_name = _checked_name(tx, name)
    team_id = tx.insert("INSERT INTO base.teams (name) VALUES ($name) RETURNING id", name=shown_name)
    tx.record("team.created", "team", team_id, name=shown_name)
    return get(tx, team_id)


def change(tx: Writing, team_id: int, *, name: str | None = None, member_ids: Collection[int] | None = None) -> Team:
    """Rename a team, or set its members."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = get(tx, team_id)
    after = Team(
        id=team_id,
        name=before.name if name is None else _checked_name(tx, name, but=team_id),
        member_ids=before.member_ids
        if member_ids is None
        else tuple(sorted({users.get(tx, user_id).id for user_id in member_ids})),
    )
    tx.run("UPDATE base.teams SET name = $name WHERE id = $id", id=team_id, name=after.name)
    _set_members(tx, after)
    tx.record("team.changed", "team", team_id, changes=changed(before.model_dump(), after.model_dump()))
    return get(tx, team_id)


def _set_members(tx: Writing, team: Team) -> None:
    tx.run("DELETE FROM base.team_members WHERE team_id = $id", id=team.id)
    for user_id in team.member_ids:
        tx.run("INSERT INTO base.team_members VALUES ($id, $user_id)", id=team.id, user_id=user_id)


def _checked_name(tx: Reading, name: str, but: int | None = None) -> str:
    found = identity.text(name, later("name"), limit=80)
    if not found:
        raise Invalid(tr("A team needs a name."), "name")
    holder = tx.value(
        "SELECT id FROM teams WHERE lower(name) = lower($name) AND id IS DISTINCT FROM $but", name=found, but=but
    )
    if holder:
        raise Duplicate(
            tr("There is already a team “{name}”.", name=found), field="name", holder_kind="team", holder_id=holder
        )
    return found
