"""People: their roles, what they may do beyond them, and shutting the door on them."""

import pytest

from crm.foundation.access import SYSTEM, Permission, Role
from crm.foundation.errors import ConfirmFirst, Duplicate, Forbidden, Invalid, NotFound
from crm.platform.people import presence, sessions, users
from crm.store import Store
from tests.people import Team

WITHOUT_SETTINGS = ("marta", "ana", "rui", "vera")


def session_of(store: Store, user_id: int) -> str:
    with store.writing(SYSTEM) as tx:
        return sessions.hashed(sessions.begin(tx, user_id))


@pytest.mark.parametrize("name", WITHOUT_SETTINGS)
def test_only_administrators_touch_users(store: Store, team: Team, name: str) -> None:
    actor = getattr(team, name)
    for forbidden in (
        lambda tx: users.add(tx, email="new@example.com", name="New", role=Role.REP),
        lambda tx: users.change(tx, team.ids.bob, role=Role.ADMINISTRATOR),
        lambda tx: users.change(tx, actor.id, permissions=[Permission.MANAGE_SETTINGS]),
        lambda tx: users.disable(tx, team.ids.bob),
        lambda tx: users.enable(tx, team.ids.bob),
        lambda tx: users.set_password(tx, team.ids.bob, "hash"),
        lambda tx: users.grants(tx, team.ids.bob),
    ):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            forbidden(tx)
    assert team.bob.role is Role.REP


def test_a_changed_role_holds_at_once_and_is_in_the_log(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.ana, role=Role.MANAGER)
        assert '"role": ["rep", "manager"]' in tx.recorded[-1].particulars
    assert team.ana.may(Permission.IMPORT)


def test_a_grant_adds_to_the_role_and_can_be_taken_back(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.vera, permissions=[Permission.EXPORT, Permission.IMPORT])
    assert team.vera.permissions == {Permission.EXPORT, Permission.IMPORT}
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.vera, permissions=[Permission.EXPORT])
    assert team.vera.permissions == {Permission.EXPORT}


def test_a_change_of_name_leaves_role_and_grants(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.vera, permissions=[Permission.EXPORT])
        users.change(tx, team.ids.vera, name="Vera Lúcia")
    assert (team.vera.name, team.vera.role, team.vera.permissions) == ("Vera Lúcia", Role.VIEWER, {Permission.EXPORT})


@pytest.mark.parametrize("verb", ["demote", "disable"])
def test_the_last_administrator_stays(store: Store, team: Team, verb: str) -> None:
    with pytest.raises(Invalid, match="last administrator"), store.writing(team.ada) as tx:
        if verb == "demote":
            users.change(tx, team.ids.ada, role=Role.REP)
        else:
            users.disable(tx, team.ids.ada)
    assert team.ada.role is Role.ADMINISTRATOR


def test_a_disabled_administrator_does_not_count_as_another_one(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.marta, role=Role.ADMINISTRATOR)
        users.disable(tx, team.ids.marta)
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        users.disable(tx, team.ids.ada)


def test_an_administrator_may_go_once_there_is_another(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.marta, role=Role.ADMINISTRATOR)
    with store.writing(team.marta) as tx:
        assert not users.disable(tx, team.ids.ada).active


def test_disabling_ends_sessions_and_enabling_does_not_bring_them_back(store: Store, team: Team) -> None:
    ana = team.ids.ana
    id_hash = session_of(store, ana)
    assert presence.user_of(store, id_hash) == ana
    with store.writing(team.ada) as tx:
        users.disable(tx, ana)
    assert presence.user_of(store, id_hash) is None
    with pytest.raises(NotFound):
        users.actor(store, ana)
    with store.writing(team.ada) as tx:
        users.enable(tx, ana)
    assert users.actor(store, ana).name == "Ana"
    assert presence.user_of(store, id_hash) is None


def test_two_users_cannot_share_an_address(store: Store, team: Team) -> None:
    with pytest.raises(Duplicate), store.writing(team.ada) as tx:
        users.add(tx, email="ANA@Mallard.test.example.com", name="Another", role=Role.REP)


@pytest.mark.parametrize(("email", "name"), [("", "Zoe"), ("zoe@example.com", " "), ("not an address", "Zoe")])
def test_a_user_needs_an_address_and_a_name(store: Store, team: Team, email: str, name: str) -> None:
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        users.add(tx, email=email, name=name, role=Role.REP)


def test_a_new_password_ends_api_tokens_unless_it_is_ones_own_and_they_are_to_stay(store: Store, team: Team) -> None:
    from crm.platform.people import tokens
    from crm.platform.people.tokens import Scope, TokenRefused

    with store.writing(team.ana) as tx:
        text = tokens.issue(tx, name="Script", scopes=[Scope.READ], expires_at=None).text
        users.set_password(tx, team.ids.ana, "hash", end_tokens=False)
    assert tokens.find(store, text).name == "Script"
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, "another", end_tokens=False)
    with pytest.raises(TokenRefused):
        tokens.find(store, text)
    with store.writing(team.ana) as tx:
        text = tokens.issue(tx, name="Script", scopes=[Scope.READ], expires_at=None).text
        users.set_password(tx, team.ids.ana, "hash")
    with pytest.raises(TokenRefused):
        tokens.find(store, text)


def test_a_page_left_open_gives_nobody_a_way_in(store: Store, team: Team) -> None:
    left_open = users.actor(store, team.ids.ada)
    for refused in (
        lambda tx: users.add(tx, email="new@example.com", name="New", role=Role.REP, password_hash="hash"),
        lambda tx: users.change(tx, team.ids.bob, role=Role.ADMINISTRATOR),
        lambda tx: users.change(tx, team.ids.bob, permissions=[Permission.MANAGE_SETTINGS]),
        lambda tx: users.set_password(tx, team.ids.bob, "hash"),
        lambda tx: users.set_password(tx, team.ids.ada, "hash"),
    ):
        with pytest.raises(ConfirmFirst), store.writing(left_open) as tx:
            refused(tx)
    with store.writing(left_open) as tx:
        assert users.change(tx, team.ids.bob, name="Robert").name == "Robert"
        assert not users.disable(tx, team.ids.bob).active
