"""Users: their role, the permissions beyond it, and whether their account is active."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType

from pydantic import BaseModel

from crm.foundation import bounds, identity, language
from crm.foundation.access import ROLE_PERMISSIONS, SYSTEM, Actor, Permission, Role, Source, sees_all
from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.platform import workspace
from crm.platform.people import known_browsers, sessions
from crm.store import Reading, Store, Writing
from crm.store.events import changed
from crm.store.kept import kept


class User(BaseModel, frozen=True):
    id: int
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime


@kept
def get(tx: Reading, user_id: int) -> User:
    found = tx.rows("SELECT * FROM users WHERE id = $id", id=user_id)
    if not found:
        raise NotFound(tr("user"))
    return User(**found[0])


def everyone(tx: Reading) -> list[User]:
    return sorted((person.user for person in people(tx).values()), key=attrgetter("name", "id"))


def names(tx: Reading) -> dict[int, str]:
    """{id: name} of everyone."""
    return {user_id: person.user.name for user_id, person in people(tx).items()}


def with_email(tx: Reading, email: str) -> User:
    """The user with this address. Raises NotFound where there is none."""
    found = tx.rows("SELECT id FROM base.users WHERE email_key = $key", key=identity.email_key(identity.email(email)))
    if not found:
        raise NotFound(tr("user"))
    return get(tx, found[0]["id"])


def exist(tx: Reading) -> bool:
    """Whether there is any user yet: at the first start there is none."""
    return bool(tx.value("SELECT count(*) FROM users"))


def actor(
    store: Store, user_id: int, source: Source = Source.PAGE, *, confirmed_until: datetime | None = None
) -> Actor:
    """The user as an actor with their current permissions, looked up on every rerun and request. Raises NotFound if
    disabled."""
    with store.reading(SYSTEM) as tx:
        found = active_actor(tx, user_id)
    if found is None:
        raise NotFound(tr("user"))
    return replace(found, source=source, confirmed_until=confirmed_until)


@dataclass(frozen=True)
class Person:
    """A user with what makes an actor of them."""

    user: User
    language: str | None
    permissions: frozenset[Permission]
    """Beyond those of their role."""
    team_ids: tuple[int, ...]


@kept
def people(tx: Reading) -> Mapping[int, Person]:
    """{id: person} of everyone, the disabled ones included."""
    # All of them at once, though most ask for one: they are few, nearly every page shows names, and three narrow tables
    # one after the other are read in less time than one person's joins are planned.
    rows = tx.rows(
        """
        SELECT id, email, name, role, active, created_at, language FROM base.users
        UNION ALL BY NAME
        SELECT user_id AS id, permission FROM base.grants
        UNION ALL BY NAME
        SELECT user_id AS id, team_id FROM base.team_members
        """
    )
    granted: dict[int, set[Permission]] = {}
    teams: dict[int, set[int]] = {}
    for row in rows:
        if row["permission"] is not None:
            granted.setdefault(row["id"], set()).add(Permission(row["permission"]))
        if row["team_id"] is not None:
            teams.setdefault(row["id"], set()).add(row["team_id"])
    found = {
        row["id"]: Person(
            User(**{name: row[name] for name in User.model_fields}),
            row["language"],
            frozenset(granted.get(row["id"], ())),
            tuple(sorted(teams.get(row["id"], ()))),
        )
        for row in rows
        if row["email"] is not None
    }
    return MappingProxyType(found)


@kept
def active_actor(tx: Reading, user_id: int) -> Actor | None:
    """The user as an actor; None where there is no such user, or a disabled one."""
    person = people(tx).get(user_id)
    if person is None or not person.user.active:
        return None
    place, role = workspace.get(tx), person.user.role
    return Actor(
        id=user_id,
        name=person.user.name,
        role=role,
        permissions=ROLE_PERMISSIONS[role] | person.permissions,
        modules=place.modules,
        team_ids=person.team_ids,
        sees_everything=not place.owner_privacy or sees_all(role, viewers=place.viewers_see_all),
        time_zone=place.time_zone,
        currency=place.currency,
        region=place.region,
        language=person.language or place.locale,
    )


def add(tx: Writing, *, email: str, name: str, role: Role, password_hash: str | None = None) -> User:
    tx.require(Permission.MANAGE_SETTINGS)
    if password_hash is not None:
        tx.require_confirmed()
    shown_name, normal = _checked_name(name), identity.email(email)
    if not normal:
        raise Invalid(tr("A user needs an email."), "email")
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


def change(
    tx: Writing,
    user_id: int,
    *,
    name: str | None = None,
    role: Role | None = None,
    permissions: Collection[Permission] | None = None,
) -> User:
    """Change a user's name, role, or the permissions beyond their role.

    The last administrator keeps their role.
    """
    tx.require(Permission.MANAGE_SETTINGS)
    user = get(tx, user_id)
    before = {"name": user.name, "role": user.role.value, "permissions": sorted(grants(tx, user_id))}
    after = before | {
        "name": before["name"] if name is None else _checked_name(name),
        "role": before["role"] if role is None else role.value,
        "permissions": before["permissions"] if permissions is None else sorted(set(permissions)),
    }
    if (before["role"], before["permissions"]) != (after["role"], after["permissions"]):
        tx.require_confirmed()  # a new name opens nothing to anybody
    if user.role is Role.ADMINISTRATOR and after["role"] != Role.ADMINISTRATOR:
        _refuse_last_administrator(tx, user)
    tx.run(
        "UPDATE base.users SET name = $name, role = $role WHERE id = $id",
        id=user_id,
        name=after["name"],
        role=after["role"],
    )
    _grant(tx, user_id, after["permissions"])
    # They signed in without the factor that the new role requires.
    if before["role"] != after["role"] and misses_second_factor(tx, user_id):
        sessions.end_all(tx, user_id)
    tx.record("user.changed", "user", user_id, changes=changed(before, after))
    return get(tx, user_id)


def choose_language(tx: Writing, code: str | None) -> None:
    """Set the language that the actor reads; None for the workspace's. Raises Invalid where there is no such one."""
    if code is not None and code not in language.LANGUAGES:
        raise Invalid(
            tr(
                "“{code}” is not a language of this product: {languages}.",
                code=bounds.shown(code),
                languages=", ".join(language.LANGUAGES),
            ),
            "language",
        )
    tx.run("UPDATE base.users SET language = $code WHERE id = $me", code=code, me=tx.actor.id)
    tx.record("user.language_chosen", "user", tx.actor.id, language=code)


def language_of(tx: Reading, user_id: int) -> str:
    """The language that a person reads; the workspace's for one who has not chosen, and for nobody."""
    found = tx.rows("SELECT language FROM base.users WHERE id = $id", id=user_id)
    chosen: str | None = found[0]["language"] if found else None
    return chosen or workspace.get(tx).locale


def disable(tx: Writing, user_id: int) -> User:
    """Disable a user; their sessions end at once, and they stay the owner of their records."""
    tx.require(Permission.MANAGE_SETTINGS)
    user = get(tx, user_id)
    if user.role is Role.ADMINISTRATOR:
        _refuse_last_administrator(tx, user)
    tx.run("UPDATE base.users SET active = false WHERE id = $id", id=user_id)
    sessions.end_all(tx, user_id)
    tx.record("user.disabled", "user", user_id)
    return get(tx, user_id)


def enable(tx: Writing, user_id: int) -> User:
    """Enable a user again, with their former password and API tokens."""
    tx.require(Permission.MANAGE_SETTINGS)
    tx.require_confirmed()
    get(tx, user_id)
    tx.run("UPDATE base.users SET active = true WHERE id = $id", id=user_id)
    tx.record("user.enabled", "user", user_id)
    return get(tx, user_id)


def set_password(
    tx: Writing, user_id: int, password_hash: str, *, but: str | None = None, end_tokens: bool = True
) -> User:
    """Set a user's password. It ends their sessions, except the one with the hash `but`, and revokes their API tokens,
    which somebody else who knew the old password may have made; only for the actor's own may these be kept.

    Set for another user, it also forgets their known browsers.
    """
    if user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.require_confirmed()
    user = get(tx, user_id)
    tx.run("UPDATE base.users SET password_hash = $hash WHERE id = $id", id=user_id, hash=password_hash)
    sessions.end_all(tx, user_id, but=but)
    if user_id != tx.actor.id:
        known_browsers.forget_all(tx, user_id)
    ended = _revoke_tokens(tx, user_id) if end_tokens or user_id != tx.actor.id else 0
    tx.record("user.password_changed", "user", user_id, tokens_revoked=ended)
    return user


def misses_second_factor(tx: Reading, user_id: int) -> bool:
    """Whether the person's role needs a second factor and they have none."""
    return bool(
        tx.value(
            """
            SELECT list_contains(string_split(coalesce(place.second_factor_roles, ''), ' '), person.role)
                AND NOT EXISTS (FROM base.second_factors WHERE user_id = $id AND set_up_at IS NOT NULL)
            FROM base.users AS person, base.workspace AS place
            WHERE person.id = $id
            """,
            id=user_id,
        )
    )


def grants(tx: Reading, user_id: int) -> frozenset[Permission]:
    """A user's permissions beyond their role."""
    tx.require(Permission.MANAGE_SETTINGS)
    found = tx.rows("SELECT permission FROM base.grants WHERE user_id = $id", id=user_id)
    return frozenset(Permission(row["permission"]) for row in found)


def _refuse_last_administrator(tx: Reading, user: User) -> None:
    others = tx.value(
        "SELECT count(*) FROM users WHERE role = 'administrator' AND active AND id <> $id",
        id=user.id,
    )
    if not others:
        raise Invalid(tr("{name} is the last administrator. Make somebody else one first.", name=user.name), "role")


def _revoke_tokens(tx: Writing, user_id: int) -> int:
    return tx.run(
        "UPDATE base.tokens SET revoked_at = $now WHERE user_id = $id AND revoked_at IS NULL", now=tx.now, id=user_id
    )


def _grant(tx: Writing, user_id: int, permissions: Iterable[str]) -> None:
    tx.run("DELETE FROM base.grants WHERE user_id = $id", id=user_id)
    for permission in permissions:
        tx.run("INSERT INTO base.grants VALUES ($id, $permission)", id=user_id, permission=permission)


def _checked_name(name: str) -> str:
    found = identity.text(name, later("name"), limit=200)
    if not found:
        raise Invalid(tr("A user needs a name."), "name")
    return found


def _refuse_taken(tx: Reading, email: str) -> None:
    holder = tx.value("SELECT id FROM base.users WHERE email_key = $key", key=identity.email_key(email))
    if holder:
        raise Duplicate(
            tr("{email} already belongs to another user.", email=email),
            field="email",
            holder_kind="user",
            holder_id=holder,
        )
