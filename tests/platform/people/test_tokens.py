"""Tokens: shown once, kept as a hash, never worth more than their user."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm.cli import app
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Permission, Source
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Issued, Scope, TokenRefused
from crm.store import Store
from tests.people import Team


def issue(store: Store, actor: Actor, *scopes: Scope, **more: object) -> Issued:
    with store.writing(actor) as tx:
        return tokens.issue(tx, **{"name": "Sync", "scopes": scopes or tuple(Scope), "expires_at": None, **more})


def test_a_token_acts_as_its_user_through_the_api(store: Store, team: Team) -> None:
    actor = tokens.actor_of(store, issue(store, team.ana).text)
    assert actor == team.ana.through(Source.API)


def test_only_a_hash_of_the_secret_is_kept(store: Store, team: Team) -> None:
    text = issue(store, team.ana).text
    secret = text.split("_", 2)[2]
    with store.reading(SYSTEM) as tx:
        assert secret not in str(tx.rows("SELECT * FROM base.tokens"))
        assert secret not in str(tx.rows("SELECT * FROM base.events"))


def test_a_scope_narrows_what_the_user_may(store: Store, team: Team) -> None:
    actor = tokens.actor_of(store, issue(store, team.ada, Scope.READ, Scope.EXPORT).text)
    assert actor.permissions == {Permission.EXPORT}


def test_a_scope_adds_nothing_to_what_the_user_may(store: Store, team: Team) -> None:
    assert tokens.actor_of(store, issue(store, team.vera).text).permissions == frozenset()


@pytest.mark.parametrize(
    "text", ["", "crm", "crm_", "crm_1_", "crm__x", "crm_1_wrong", "crm_999_x", "crm_²_x", "crm_-1_x"]
)
def test_what_is_not_a_token_is_refused(store: Store, team: Team, text: str) -> None:
    issue(store, team.ana)
    with pytest.raises(TokenRefused):
        tokens.find(store, text)


def test_the_secret_of_another_token_does_not_fit(store: Store, team: Team) -> None:
    one, other = issue(store, team.ana), issue(store, team.ada)
    with pytest.raises(TokenRefused):
        tokens.find(store, f"crm_{other.token.id}_{one.text.split('_', 2)[2]}")


def test_an_expired_token_is_refused(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    text = issue(store, team.ana, expires_at=now + timedelta(hours=1)).text
    tokens.find(store, text)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    with pytest.raises(TokenRefused):
        tokens.find(store, text)


def test_a_revoked_token_is_refused_and_revoking_again_does_nothing(store: Store, team: Team) -> None:
    issued = issue(store, team.ana)
    for _ in range(2):
        with store.writing(team.ana) as tx:
            assert tokens.revoke(tx, issued.token.id).revoked_at
    with pytest.raises(TokenRefused):
        tokens.find(store, issued.text)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.events WHERE name = 'token.revoked'") == 1


def test_a_disabled_users_token_is_refused(store: Store, team: Team) -> None:
    text = issue(store, team.ana).text
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.users SET active = false WHERE id = $id", id=team.ids.ana)
    with pytest.raises(TokenRefused):
        tokens.actor_of(store, text)


def test_one_sees_and_revokes_ones_own_tokens_alone(store: Store, team: Team) -> None:
    anas = issue(store, team.ana)
    with store.writing(team.bob) as tx:
        assert tokens.mine(tx) == []
        with pytest.raises(NotFound):
            tokens.revoke(tx, anas.token.id)
    with store.reading(team.ana) as tx:
        assert [token.id for token in tokens.mine(tx)] == [anas.token.id]


def test_an_administrator_may_revoke_anybodys_token(store: Store, team: Team) -> None:
    issued = issue(store, team.ana)
    with store.writing(team.ada) as tx:
        tokens.revoke(tx, issued.token.id)
    with pytest.raises(TokenRefused):
        tokens.find(store, issued.text)


def test_a_manager_makes_no_token_for_somebody_else(store: Store, team: Team) -> None:
    with pytest.raises(Forbidden):
        issue(store, team.marta, user_id=team.ids.ana)
    assert issue(store, team.ada, user_id=team.ids.ana).token.user_id == team.ids.ana


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"scopes": ()}, "scopes"),
        ({"expires_at": clock.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_token_needs_a_name_a_scope_and_a_future(
    store: Store, team: Team, given: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        issue(store, team.ana, **given)
    assert refused.value.field == field


def test_the_last_use_is_written_down_when_it_is_kept(store: Store, team: Team) -> None:
    issued = issue(store, team.ana)
    tokens.find(store, issued.text)
    tokens.write_last_uses(store)
    with store.reading(team.ana) as tx:
        last = tokens.mine(tx)[0].last_used_at
    assert last
    assert last >= issued.token.created_at


def test_a_changed_role_holds_at_once(store: Store, team: Team) -> None:
    text = issue(store, team.ana).text
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.users SET role = 'viewer' WHERE id = $id", id=team.ids.ana)
    assert tokens.actor_of(store, text).permissions == frozenset()


def test_the_command_makes_a_token_for_a_user(tmp_path: Path) -> None:
    first = Store(tmp_path, threads=1)
    ana = Team(first).ids.ana
    first.close()
    ran = run_command(tmp_path, "ANA@mallard.test.example.com", "--scopes", "read,write", "--days", "7")
    reopened = Store(tmp_path, threads=1)
    actor = tokens.actor_of(reopened, ran.stdout.strip())
    with reopened.reading(users.actor(reopened, ana)) as tx:
        expires_at = tokens.mine(tx)[0].expires_at
    reopened.close()
    assert (actor.id, actor.may(Permission.EXPORT)) == (ana, False)
    assert expires_at
    assert timedelta(days=6) < expires_at - clock.now() <= timedelta(days=7)


@pytest.mark.parametrize(
    ("email", "more", "refusal"),
    [
        ("ana@mallard.test.example.com", ("--scopes", "everything"), Invalid),
        ("who@mallard.test.example.com", (), NotFound),
    ],
)
def test_the_command_says_which_scope_or_user_it_does_not_know(
    tmp_path: Path, email: str, more: tuple[str, ...], refusal: type[Exception]
) -> None:
    first = Store(tmp_path, threads=1)
    Team(first)
    first.close()
    assert isinstance(run_command(tmp_path, email, *more).exception, refusal)


def run_command(folder: Path, email: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["token", "add", email, "--name", "Nightly", "--store", str(folder), *more])
