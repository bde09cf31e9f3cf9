"""The people of the demo: three teams of reps, and one person for each other role."""

import random

from pydantic import BaseModel

from crm.demo.vocabulary import vocabulary
from crm.foundation import identity
from crm.foundation.access import Role
from crm.foundation.language import tr
from crm.platform.people import sessions, users
from crm.store import Reading, Writing

HOST = "mallard.example"


class Rep(BaseModel, frozen=True):
    id: int
    team_id: int
    skill: float
    """Multiplies the chance of winning."""


class Account(BaseModel, frozen=True):
    user_id: int
    name: str
    email: str
    role: Role


def hire(tx: Writing, chance: random.Random) -> list[Rep]:
    """Everybody who works here, without passwords; the reps among them."""
    for role, name in vocabulary().others.items():
        _join(tx, name, role)
    reps = []
    for team, names in vocabulary().teams.items():
        team_id = tx.insert("INSERT INTO base.teams (name) VALUES ($name) RETURNING id", name=tr(team))
        for name in names:
            user_id = _join(tx, name, Role.REP)
            tx.run("INSERT INTO base.team_members VALUES ($team_id, $user_id)", team_id=team_id, user_id=user_id)
            reps.append(Rep(id=user_id, team_id=team_id, skill=chance.uniform(0.7, 1.35)))
    return reps


def one_of_each_role(tx: Reading) -> list[Account]:
    """The first of each role among the people of the demo."""
    rows = tx.rows(
        """
        SELECT id AS user_id, name, email, role
        FROM base.users
        WHERE email_key LIKE '%@' || $host
        QUALIFY row_number() OVER (PARTITION BY role ORDER BY id) = 1
        ORDER BY id
        """,
        host=HOST,
    )
    return [Account(**row) for row in rows]


def give_password(tx: Writing, account: Account, password_hash: str) -> None:
    """Set the password; whoever was signed in with the one before is signed out."""
    tx.run("UPDATE base.users SET password_hash = $hash WHERE id = $id", id=account.user_id, hash=password_hash)
    sessions.end_all(tx, account.user_id)
    tx.record("user.password_set", "user", account.user_id)


def _join(tx: Writing, name: str, role: Role) -> int:
    first, *_, last = identity.folded(name).split()
    return users.add(tx, email=f"{first}.{last}@{HOST}", name=name, role=role).id
