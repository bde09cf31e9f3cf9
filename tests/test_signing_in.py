"""Proving who one is, and how guesses are slowed down."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from crm import clock, passwords, process, sessions, signing_in, users
from crm.access import SYSTEM, Role
from crm.errors import Invalid
from crm.settings import Settings
from crm.signing_in import Throttle, TooManyTries, WrongPassword
from crm.store import Store
from crm.ui.doors import Doors
from crm.ui.gate import Door
from tests.people import Team

GOOD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"


@pytest.fixture
def ana_has_a_password(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, passwords.hashed(GOOD))


def enter(store: Store, password: str, throttle: Throttle, email: str = ANA, place: str = "10.0.0.1") -> str:
    return signing_in.by_password(store, email, password, place=place, throttle=throttle)


@pytest.mark.usefixtures("ana_has_a_password")
def test_the_right_password_begins_a_session(store: Store, team: Team) -> None:
    session_id = enter(store, GOOD, Throttle(), email=" ANA@mallard.test.example.com ")
    assert sessions.user_of(store, sessions.hashed(session_id)) == team.ids.ana


@pytest.mark.usefixtures("ana_has_a_password")
@pytest.mark.parametrize(
    ("email", "password"), [(ANA, "wrong password, sorry"), ("nobody@example.com", GOOD), (ANA, "")]
)
def test_a_wrong_password_and_an_unknown_address_look_the_same(store: Store, email: str, password: str) -> None:
    with pytest.raises(WrongPassword, match=r"Wrong email or password\."):
        enter(store, password, Throttle(), email=email)


def test_a_user_without_a_password_cannot_sign_in_with_any(store: Store, team: Team) -> None:
    with pytest.raises(WrongPassword):
        enter(store, "", Throttle(), email="bob@mallard.test.example.com")


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_disabled_user_is_told_no_more_than_a_stranger(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.ana)
    with pytest.raises(WrongPassword):
        enter(store, GOOD, Throttle())


@pytest.mark.usefixtures("ana_has_a_password")
def test_after_five_failures_even_the_right_password_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = Throttle()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            enter(store, "no", throttle)
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle)
    later = datetime.now(UTC) + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert enter(store, GOOD, throttle)


@pytest.mark.usefixtures("ana_has_a_password")
def test_one_place_cannot_try_many_accounts(store: Store) -> None:
    throttle = Throttle()
    for guess in range(30):
        with pytest.raises(WrongPassword):
            enter(store, "no", throttle, email=f"guess{guess}@example.com")
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle)
    assert enter(store, GOOD, throttle, place="10.0.0.2")


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (timedelta(hours=7, minutes=59), True),
        (timedelta(hours=8, minutes=1), False),
    ],
)
def test_a_session_ends_after_eight_idle_hours(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch, now: timedelta, good: bool
) -> None:
    with store.writing(SYSTEM) as tx:
        id_hash, begun = sessions.hashed(sessions.begin(tx, team.ids.ana)), tx.now
    monkeypatch.setattr(clock, "now", lambda: begun + now)
    assert (sessions.user_of(store, id_hash) == team.ids.ana) is good


def test_a_session_in_use_ends_after_seven_days(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(SYSTEM) as tx:
        id_hash, begun = sessions.hashed(sessions.begin(tx, team.ids.ana)), tx.now
    for hours in range(6, 7 * 24, 6):
        moment = begun + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert sessions.user_of(store, id_hash) == team.ids.ana
        sessions.keep(store)
    end = begun + timedelta(days=7, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: end)
    assert sessions.user_of(store, id_hash) is None
    sessions.keep(store)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.sessions") == 0


def test_waiting_for_news_does_not_keep_a_session_alive(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(SYSTEM) as tx:
        id_hash, begun = sessions.hashed(sessions.begin(tx, team.ids.ana)), tx.now
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(hours=7))
    assert sessions.user_of(store, id_hash, sighting=False)
    sessions.keep(store)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(hours=9))
    assert sessions.user_of(store, id_hash) is None


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_new_password_ends_all_sessions_but_the_one_it_was_changed_in(store: Store, team: Team) -> None:
    here, elsewhere = (sessions.hashed(enter(store, GOOD, Throttle())) for _ in range(2))
    signing_in.change_password(store, team.ana, old=GOOD, new="gravel tulip orbit cabin", session_hash=here)
    assert sessions.user_of(store, here) == team.ids.ana
    assert sessions.user_of(store, elsewhere) is None
    with pytest.raises(WrongPassword):
        enter(store, GOOD, Throttle())
    assert enter(store, "gravel tulip orbit cabin", Throttle())


@pytest.mark.usefixtures("ana_has_a_password")
def test_the_old_password_is_asked_for(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="not your password"):
        signing_in.change_password(store, team.ana, old="guess", new="gravel tulip orbit cabin", session_hash=None)


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "fourteen chars",
        "passwordpassword",
        "aaaaaaaaaaaaaaaaaaaa",
        "Ana Ana Ana Ana Ana",
        "ana@mallard.test",
        "12345123451234512345",
        "x" * 201,
        "nul \0 in the middle of it",
    ],
)
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(Invalid):
        passwords.hashed(weak, email=ANA, name="Ana")


def test_generated_passwords_are_strong_and_never_the_same() -> None:
    made = {passwords.generated() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.matches(passwords.hashed(one), one) for one in list(made)[:1])


def test_the_first_administrator_is_made_once(store: Store) -> None:
    session_id = signing_in.as_first_administrator(store, name="Ada", email="ada@example.com", password=GOOD)
    user_id = sessions.user_of(store, sessions.hashed(session_id))
    assert user_id is not None
    assert users.actor(store, user_id).role is Role.ADMINISTRATOR
    with pytest.raises(Invalid, match="already a user"):
        signing_in.as_first_administrator(store, name="Eve", email="eve@example.com", password=GOOD)


class TestAnOrganisationsSignIn:
    ISSUER = "https://id.example.com"

    def test_the_first_time_binds_the_user_with_the_verified_address(self, store: Store, team: Team) -> None:
        signing_in.by_identity(store, self.ISSUER, "sub-1", ANA, True)
        again = signing_in.by_identity(store, self.ISSUER, "sub-1", "changed@example.com", True)
        assert sessions.user_of(store, sessions.hashed(again)) == team.ids.ana

    def test_another_subject_with_the_same_address_is_refused_once_bound(self, store: Store, team: Team) -> None:
        signing_in.by_identity(store, self.ISSUER, "sub-1", ANA, True)
        with pytest.raises(WrongPassword):
            signing_in.by_identity(store, self.ISSUER, "sub-2", ANA, True)

    @pytest.mark.parametrize(("email", "verified"), [(ANA, False), (None, True), ("stranger@example.com", True)])
    def test_unverified_and_unknown_addresses_are_refused(
        self, store: Store, team: Team, email: str | None, verified: bool
    ) -> None:
        with pytest.raises(WrongPassword):
            signing_in.by_identity(store, self.ISSUER, "sub-1", email, verified)

    def test_a_disabled_user_is_refused(self, store: Store, team: Team) -> None:
        signing_in.by_identity(store, self.ISSUER, "sub-1", ANA, True)
        with store.writing(team.ada) as tx:
            users.disable(tx, team.ids.ana)
        with pytest.raises(WrongPassword):
            signing_in.by_identity(store, self.ISSUER, "sub-1", ANA, True)


@pytest.mark.parametrize("path", ["/login", "/setup"])
def test_of_a_form_that_anybody_sends_no_more_is_taken_in_than_ours_can_hold(store: Store, path: str) -> None:
    process.use(store)
    app = Starlette(routes=Doors(Door.of(Settings(base_url=None)), sso=False).routes)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"email=" + b"x" * 1024

    async def posting() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return (await client.post(path, content=pieces())).status_code

    assert asyncio.run(posting()) == 413
