"""Teams, and what they open under owner-based privacy."""

import pytest

from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound
from crm.platform import workspace
from crm.platform.people import teams
from crm.store import Store
from tests.people import Team


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_administrators_make_and_change_teams(store: Store, team: Team, name: str) -> None:
    with store.writing(team.ada) as tx:
        made = teams.create(tx, "South")
    with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
        teams.create(tx, "Mine")
    with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
        teams.change(tx, made.id, member_ids=[getattr(team.ids, name)])


def test_members_are_set_as_a_whole_and_people_learn_of_it_at_once(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = teams.create(tx, "South")
        teams.change(tx, made.id, member_ids=[team.ids.ana, team.ids.bob])
    assert team.ana.team_ids == (made.id,)
    with store.writing(team.ada) as tx:
        teams.change(tx, made.id, member_ids=[team.ids.bob, team.ids.vera])
    assert team.ana.team_ids == ()
    assert team.vera.team_ids == (made.id,)


def test_a_rename_keeps_the_members(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = teams.create(tx, "South")
        teams.change(tx, made.id, member_ids=[team.ids.ana])
        assert teams.change(tx, made.id, name="Sul") == teams.Team(id=made.id, name="Sul", member_ids=(team.ids.ana,))


def test_a_team_needs_a_name_of_its_own(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        teams.create(tx, "South")
    with pytest.raises(Duplicate), store.writing(team.ada) as tx:
        teams.create(tx, "south ")
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        teams.create(tx, "  ")


def test_strangers_cannot_be_members(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = teams.create(tx, "South")
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        teams.change(tx, made.id, member_ids=[999])


def test_privacy_is_for_administrators_to_switch(store: Store, team: Team) -> None:
    with pytest.raises(Forbidden), store.writing(team.marta) as tx:
        workspace.change(tx, owner_privacy=True)
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
    assert (team.ana.sees_everything, team.marta.sees_everything) == (False, True)
