"""Proving who one is, and how guesses are slowed down."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import zxcvbn
from starlette.applications import Starlette

from crm.foundation import clock
from crm.foundation.access import SYSTEM, Role
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.settings import Settings
from crm.platform import process, workspace
from crm.platform.people import known_browsers, passwords, presence, sessions, signing_in, users
from crm.platform.people.signing_in import Entry, WrongPassword
from crm.platform.people.throttle import Throttle, TooManyTries, place_of
from crm.store import Store
from crm.ui.auth.auth_middleware import Site
from crm.ui.auth.auth_routes import AuthRoutes
from tests.people import Team

GOOD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"


@pytest.fixture
def ana_has_a_password(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, passwords.hashed(GOOD))


def enter(
    store: Store,
    password: str,
    throttle: Throttle,
    email: str = ANA,
    place: str = "10.0.0.1",
    browser: str | None = None,
) -> Entry:
    entry = signing_in.by_password(store, email, password, place=place, browser=browser, throttle=throttle)
    assert isinstance(entry, Entry)
    return entry


@pytest.mark.usefixtures("ana_has_a_password")
def test_the_right_password_begins_a_session(store: Store, team: Team) -> None:
    entry = enter(store, GOOD, Throttle(), email=" ANA@mallard.test.example.com ")
    assert presence.user_of(store, sessions.hashed(entry.session_id)) == team.ids.ana


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
def test_after_five_failures_even_the_right_password_waits_and_says_how_long(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle, now = Throttle(), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    fail(store, throttle, 5)
    with pytest.raises(TooManyTries, match="Wait a minute and try again") as refused:
        enter(store, GOOD, throttle)
    assert refused.value.seconds == 60
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=61))
    assert enter(store, GOOD, throttle)


@pytest.mark.usefixtures("ana_has_a_password")
def test_each_further_failure_waits_twice_as_long_up_to_a_quarter_of_an_hour(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle, now, waits = Throttle(), clock.now(), []
    monkeypatch.setattr(clock, "now", lambda: now)
    fail(store, throttle, 4)
    for _ in range(6):
        fail(store, throttle, 1)
        with pytest.raises(TooManyTries) as refused:
            enter(store, GOOD, throttle)
        waits.append(refused.value.seconds)
        now += timedelta(seconds=refused.value.seconds)
    assert waits == [60, 120, 240, 480, 900, 900]


@pytest.mark.usefixtures("ana_has_a_password")
def test_of_fifty_guesses_at_once_five_are_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle, looked_at, together = Throttle(), [], threading.Barrier(50)
    monkeypatch.setattr(passwords, "matches", lambda _, password: looked_at.append(password) or False)

    def guess(number: int) -> type[Exception]:
        together.wait()
        with pytest.raises((WrongPassword, TooManyTries)) as refused:
            enter(store, f"guess {number}", throttle)
        return refused.type

    with ThreadPoolExecutor(50) as pool:
        kinds = Counter(pool.map(guess, range(50)))
    assert kinds == {WrongPassword: 5, TooManyTries: 45}
    assert len(looked_at) == 5


@pytest.mark.usefixtures("ana_has_a_password")
def test_guesses_of_others_never_make_the_owner_wait_in_a_browser_of_theirs(store: Store) -> None:
    throttle = Throttle()
    anas = enter(store, GOOD, throttle).browser
    for place in range(8):
        for _ in range(5):
            with pytest.raises((WrongPassword, TooManyTries)):
                enter(store, "no", throttle, place=f"203.0.113.{place}")
    with pytest.raises(TooManyTries, match="browser in which you have signed in before"):
        enter(store, GOOD, throttle, place="198.51.100.1")
    assert enter(store, GOOD, throttle, place="198.51.100.1", browser=anas)
    assert enter(store, GOOD, throttle, place="203.0.113.1", browser=anas)


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_known_browser_has_its_own_count_and_is_nobody_elses_way_in(store: Store, team: Team) -> None:
    throttle = Throttle()
    anas = enter(store, GOOD, throttle).browser
    fail(store, throttle, 5, browser=anas)
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle, browser=anas)
    assert enter(store, GOOD, throttle)
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.bob, passwords.hashed(GOOD))
    bob = "bob@mallard.test.example.com"
    fail(store, throttle, 5, email=bob)
    for browser in (anas, "made up", ""):
        with pytest.raises(TooManyTries):
            enter(store, GOOD, throttle, email=bob, browser=browser)


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_forgotten_browser_waits_like_any_other_and_only_a_hash_is_kept(store: Store, team: Team) -> None:
    throttle = Throttle()
    token = enter(store, GOOD, throttle).browser
    with store.reading(team.ana) as tx:
        (known,) = known_browsers.of_actor(tx)
    assert known.token_hash == known_browsers.hashed(token) != token
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        known_browsers.forget(tx, known.token_hash)
    with store.writing(team.ana) as tx:
        known_browsers.forget(tx, known.token_hash)
    fail(store, throttle, 5)
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle, browser=token)


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_browser_keeps_its_cookie_and_a_made_up_one_is_replaced(store: Store) -> None:
    throttle = Throttle()
    first = enter(store, GOOD, throttle, browser="made up").browser
    assert first != "made up"
    assert enter(store, GOOD, throttle, browser=first).browser == first


@pytest.mark.usefixtures("ana_has_a_password")
def test_twenty_browsers_are_known_and_a_password_that_somebody_else_gave_forgets_them(
    store: Store, team: Team
) -> None:
    with store.writing(SYSTEM) as tx:
        for _ in range(22):
            known_browsers.remember(tx, team.ids.ana, None)
    with store.reading(team.ana) as tx:
        assert len(known_browsers.of_actor(tx)) == 20
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, "another")
    with store.reading(team.ana) as tx:
        assert known_browsers.of_actor(tx) == []


@pytest.mark.usefixtures("ana_has_a_password")
def test_one_place_cannot_try_many_accounts(store: Store) -> None:
    throttle = Throttle()
    for guess in range(30):
        fail(store, throttle, 1, email=f"guess{guess}@example.com")
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle)
    assert enter(store, GOOD, throttle, place="10.0.0.2")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_a_place_is_an_address_or_the_64_of_one(address: str, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.usefixtures("ana_has_a_password")
def test_who_comes_in_clears_nothing_that_others_did(store: Store) -> None:
    throttle = Throttle()
    for guess in range(29):
        fail(store, throttle, 1, email=f"guess{guess}@example.com")
    enter(store, GOOD, throttle)
    fail(store, throttle, 1, email="guess29@example.com")
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle)


@pytest.mark.usefixtures("ana_has_a_password")
def test_made_up_addresses_do_not_push_out_what_was_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that has to wait costs its tries nothing: were they kept, the counts of others would soon be gone."""
    monkeypatch.setattr("crm.platform.people.throttle.MOST_KEYS", 100)
    throttle = Throttle()
    fail(store, throttle, 5)
    for guess in range(200):
        with pytest.raises((WrongPassword, TooManyTries)):
            enter(store, "no", throttle, email=f"guess{guess}@example.com", place="10.0.0.2")
    with pytest.raises(TooManyTries):
        enter(store, GOOD, throttle)


def test_an_unknown_address_counts_and_waits_like_a_known_one(store: Store, team: Team) -> None:
    throttle = Throttle()
    fail(store, throttle, 5, email="nobody@example.com")
    with pytest.raises(TooManyTries):
        enter(store, "no", throttle, email="NOBODY@example.com")


def fail(store: Store, throttle: Throttle, times: int, **how: str) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            enter(store, "no", throttle, **how)


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
    assert (presence.user_of(store, id_hash) == team.ids.ana) is good


def test_a_session_in_use_ends_after_seven_days(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(SYSTEM) as tx:
        id_hash, begun = sessions.hashed(sessions.begin(tx, team.ids.ana)), tx.now
    for hours in range(6, 7 * 24, 6):
        moment = begun + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert presence.user_of(store, id_hash) == team.ids.ana
        sessions.write_last_uses(store)
    end = begun + timedelta(days=7, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: end)
    assert presence.user_of(store, id_hash) is None
    sessions.write_last_uses(store)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.sessions") == 0


def test_waiting_for_news_does_not_keep_a_session_alive(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(SYSTEM) as tx:
        id_hash, begun = sessions.hashed(sessions.begin(tx, team.ids.ana)), tx.now
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(hours=7))
    assert presence.user_of(store, id_hash, counts_as_use=False)
    sessions.write_last_uses(store)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(hours=9))
    assert presence.user_of(store, id_hash) is None


@pytest.mark.usefixtures("ana_has_a_password")
def test_a_new_password_ends_all_sessions_but_the_one_it_was_changed_in(store: Store, team: Team) -> None:
    here, elsewhere = (sessions.hashed(enter(store, GOOD, Throttle()).session_id) for _ in range(2))
    signing_in.change_password(store, team.ana, old=GOOD, new="gravel tulip orbit cabin", session_hash=here)
    assert presence.user_of(store, here) == team.ids.ana
    assert presence.user_of(store, elsewhere) is None
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
        "a line of years\n02026",
        "half a \ud83d plum violin quarry",
        "Summer2026Summer2026",
        "qwertyuiopasdfgh",
        "iloveyouforever1",
        "abcdefghijklmnopqrst",
        "Mallard-CRM-2026",
        "northwind2026northwind",
        "P@ssw0rd12345678",
    ],
)
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(Invalid):
        passwords.hashed(weak, email=ANA, name="Ana", workspace="Northwind Traders")


@pytest.mark.parametrize(
    "good",
    [
        GOOD,
        "gravel tulip orbit cabin",
        "gatos e cachorros felizes",
        pytest.param(passwords.generated(), id="generated"),
    ],
)
def test_a_few_words_that_do_not_belong_together_will_do(good: str) -> None:
    assert passwords.matches(passwords.hashed(good, email=ANA, name="Ana", workspace="Northwind Traders"), good)


def test_of_a_long_password_no_more_is_estimated_than_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    monkeypatch.setattr(
        zxcvbn, "zxcvbn", lambda text: looked_at.append(len(text)) or {"guesses": 10**20, "feedback": {}}
    )
    monkeypatch.setattr(passwords, "hash_of_random", lambda _: "")
    passwords.hashed("4@({<63!|1l70$5+72z%" * 10)
    assert looked_at == [passwords.ESTIMATED]


@pytest.mark.usefixtures("ana_has_a_password")
def test_the_workspaces_name_is_no_password_of_its_people(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, name="Zebulon Quarry")
    with pytest.raises(Invalid, match="too easy to guess"):
        signing_in.change_password(store, team.ana, old=GOOD, new="zebulon quarry zebulon", session_hash=None)


def test_generated_passwords_are_strong_and_never_the_same() -> None:
    made = {passwords.generated() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.matches(passwords.hashed(one), one) for one in list(made)[:1])


LISBON = {"currency": "EUR", "time_zone": "Europe/Lisbon", "region": "PT", "locale": "pt_BR"}


def test_the_first_administrator_is_made_once_with_the_workspaces_regional_settings(store: Store) -> None:
    entry = signing_in.as_first_administrator(store, name="Ada", email="ada@example.com", password=GOOD, **LISBON)
    user_id = presence.user_of(store, sessions.hashed(entry.session_id))
    assert user_id is not None
    actor = users.actor(store, user_id)
    assert (actor.role, actor.currency, actor.time_zone) == (Role.ADMINISTRATOR, "EUR", "Europe/Lisbon")
    with store.reading(SYSTEM) as tx:
        assert workspace.get(tx).regional.model_dump() == LISBON
    with pytest.raises(Invalid, match="already a user"):
        signing_in.as_first_administrator(store, name="Eve", email="eve@example.com", password=GOOD, **LISBON)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "XXZ"),
        ("time_zone", "Mars/Base"),
        ("region", ""),
        ("locale", "tlh"),
        ("email", "ada"),
        ("name", " "),
    ],
)
def test_a_set_up_with_a_wrong_value_changes_nothing(store: Store, field: str, value: str) -> None:
    with store.reading(SYSTEM) as tx:
        before = workspace.get(tx)
    values = {"name": "Ada", "email": "ada@example.com", "password": GOOD, **LISBON, field: value}
    with pytest.raises(Invalid) as refusal:
        signing_in.as_first_administrator(store, **values)
    assert refusal.value.field == field
    with store.reading(SYSTEM) as tx:
        assert (workspace.get(tx), users.exist(tx)) == (before, False)


class TestAnOrganisationsSignIn:
    ISSUER = "https://id.example.com"

    def test_the_first_time_binds_the_user_with_the_verified_address(self, store: Store, team: Team) -> None:
        signing_in.by_identity(store, self.ISSUER, "sub-1", ANA, True)
        again = signing_in.by_identity(store, self.ISSUER, "sub-1", "changed@example.com", True)
        assert isinstance(again, Entry)
        assert presence.user_of(store, sessions.hashed(again.session_id)) == team.ids.ana

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
    app = Starlette(routes=AuthRoutes(Site.of(Settings(base_url=None)), sso=False).routes)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"email=" + b"x" * 1024

    async def posting() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return (await client.post(path, content=pieces())).status_code

    assert asyncio.run(posting()) == 413
