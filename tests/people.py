"""The people of every test: Ana and Bob, reps; Vera, viewer; Marta, manager; Rui, analyst; Ada, administrator."""

from dataclasses import dataclass

from crm.foundation.access import FOREVER, SYSTEM, Actor, Role
from crm.platform.people import users
from crm.store import Store


@dataclass(frozen=True)
class People:
    ada: int
    marta: int
    ana: int
    bob: int
    rui: int
    vera: int


ROLES = {
    "ada": Role.ADMINISTRATOR,
    "marta": Role.MANAGER,
    "ana": Role.REP,
    "bob": Role.REP,
    "rui": Role.ANALYST,
    "vera": Role.VIEWER,
}


def hire(store: Store) -> People:
    """Add all six; their ids."""
    with store.writing(SYSTEM) as tx:
        return People(
            **{
                name: users.add(tx, email=f"{name}@mallard.test.example.com", name=name.title(), role=role).id
                for name, role in ROLES.items()
            }
        )


def find(store: Store) -> People:
    """The six as they are in a store where they were hired before."""
    with store.reading(SYSTEM) as tx:
        return People(**{user.name.lower(): user.id for user in users.everyone(tx) if user.name.lower() in ROLES})


class Team:
    """The actors as they are now: looked up anew at each use, so that a changed setting holds at once. All have just
    proved who they are."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.reading(SYSTEM) as tx:
            hired = bool(users.everyone(tx))
        self.ids = find(store) if hired else hire(store)

    def __getattr__(self, name: str) -> Actor:
        return users.actor(self.store, getattr(self.ids, name), confirmed_until=FOREVER)
