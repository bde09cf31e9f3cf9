"""People who sign in: their role, extra permissions and teams. Passwords are in crm/sessions.py."""

from datetime import datetime

from pydantic import BaseModel

from crm import identity
from crm.access import ROLE_PERMISSIONS, SEES_EVERYTHING, SYSTEM, Actor, Door, Permission, Role
from crm.errors import Duplicate, Invalid, NotFound
from crm.store import Reading, Store, Writing


class User(BaseModel, frozen=True):
    id: int
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime


def get(tx: Reading, user_id: int) -> User:
    found = tx.rows("SELECT * FROM users WHERE id = $id", id=user_id)
    if not found:
        raise NotFound("user")
    return User(**found[0])


def everyone(tx: Reading) -> list[User]:
    return [User(**row) for row in tx.rows("SELECT * FROM users ORDER BY name, id")]


def exist(tx: Reading) -> bool:
    """Whether anybody has an account yet: the first start has none."""
    return bool(tx.value("SELECT count(*) FROM users"))


def actor(store: Store, user_id: int, door: Door = Door.PAGE) -> Actor:
    """Who this is and what they may do now: asked anew on every rerun and request. NotFound if gone or disabled."""
    with store.reading(SYSTEM) as tx:
        found = tx.rows(
            """
            SELECT
                person.name,
                person.role,
                (SELECT list(permission) FROM base.grants WHERE user_id = $id) AS grants,
                (SELECT list(team_id ORDER BY team_id) FROM base.team_members WHERE user_id = $id) AS team_ids,
                (SELECT list(module) FROM base.modules WHERE enabled) AS modules,
                place.owner_privacy,
                place.time_zone,
                place.currency,
                place.region
            FROM base.users AS person, base.workspace AS place
            WHERE person.id = $id AND person.active
            """,
            id=user_id,
        )
    if not found:
        raise NotFound("user")
    row = found[0]
    role = Role(row["role"])
    return Actor(
        id=user_id,
        name=row["name"],
        role=role,
        permissions=ROLE_PERMISSIONS[role] | {Permission(grant) for grant in row["grants"] or ()},
        modules=frozenset(row["modules"] or ()),
        team_ids=tuple(row["team_ids"] or ()),
        sees_everything=role in SEES_EVERYTHING or not row["owner_privacy"],
        time_zone=row["time_zone"],
        currency=row["currency"],
        region=row["region"],
        door=door,
    )


def add(tx: Writing, *, email: str, name: str, role: Role, password_hash: str | None = None) -> User:
    tx.require(Permission.MANAGE_SETTINGS)
    normal = identity.email(email)
    shown_name = identity.text(name, "name", limit=200)
    if not normal or not shown_name:
        raise Invalid("A user needs an email and a name.", "name" if normal else "email")
    _refuse_taken(tx, normal)
    user_id = tx.insert(
        """
        INSERT INTO base.users (email, email_key, name, role, active, password_hash, created_at)
        VALUES ($email, $key, $name, $role, true, $password_hash, $now)
        RETURNING id
        """,
        email=normal,
        key=identity.email_key(normal),
        name=shown_name,
        role=role.value,
        password_hash=password_hash,
        now=tx.now,
    )
    tx.record("user.added", "user", user_id, email=normal, name=shown_name, role=role.value)
    return get(tx, user_id)


def _refuse_taken(tx: Reading, email: str) -> None:
    holder = tx.value("SELECT id FROM base.users WHERE email_key = $key", key=identity.email_key(email))
    if holder:
        raise Duplicate(
            f"{email} already belongs to another user.", field="email", holder_kind="user", holder_id=holder
        )
