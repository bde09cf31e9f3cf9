"""The second factor: codes that count once, recovery codes, and roles that must have one."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from typer.testing import CliRunner

from crm.cli import app
from crm.foundation import clock, sealing
from crm.foundation.access import SYSTEM, Actor, Role
from crm.foundation.errors import ConfirmFirst, CrmError, Forbidden, Invalid
from crm.foundation.sealing import Unreadable
from crm.platform.people import passwords, presence, second_factor, sessions, signing_in, users
from crm.platform.people.second_factor import WrongCode
from crm.platform.people.signing_in import Entry, PendingSignIn, StartAgain
from crm.platform.people.throttle import Throttle, TooManyTries
from crm.store import Store
from tests.pages import open_page
from tests.people import Team

GOOD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"
NOON = datetime(2026, 11, 2, 12, 0, 15, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def tick(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still between ticks."""
    one = Clock()
    monkeypatch.setattr(clock, "now", lambda: one.now)
    return one


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recovery codes as they are: their slow hash is tested with the passwords."""
    monkeypatch.setattr(passwords, "hash_of_random", lambda secret: f"hash of {secret}")
    monkeypatch.setattr(passwords, "matches", lambda kept, secret: kept == f"hash of {secret}")


def enrolled(store: Store, actor: Actor) -> tuple[pyotp.TOTP, list[str]]:
    """Somebody's authenticator, and their recovery codes."""
    with store.writing(actor) as tx:
        second_factor.begin(tx)
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    totp = pyotp.TOTP(enrolment.key)
    return totp, second_factor.set_up(store, actor, totp.at(clock.now()))


def with_password(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, passwords.hash_of_random(GOOD))


def half(store: Store, browser: str | None = None) -> PendingSignIn:
    found = signing_in.by_password(store, ANA, GOOD, place="10.0.0.1", browser=browser, throttle=Throttle())
    assert isinstance(found, PendingSignIn)
    return found


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(moment: int, code: str) -> None:
    seed = base64.b32encode(b"12345678901234567890").decode()
    assert second_factor._step_of(seed, code, datetime.fromtimestamp(moment, UTC)) == moment // 30


def test_a_factor_counts_only_once_its_first_code_was_right(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    with store.writing(team.ana) as tx:
        second_factor.begin(tx)
    assert isinstance(signing_in.by_password(store, ANA, GOOD, place="", throttle=Throttle()), Entry)
    with pytest.raises(WrongCode):
        second_factor.set_up(store, team.ana, "000000")
    with store.reading(team.ana) as tx:
        assert second_factor.of_user(tx, team.ids.ana) is None
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    assert "issuer=Mallard" in enrolment.uri
    assert enrolment.picture.startswith("<svg")
    codes = second_factor.set_up(store, team.ana, pyotp.TOTP(enrolment.key).at(at.now))
    assert len(set(codes)) == 10
    half(store)


def test_the_code_is_asked_for_after_the_password_and_lets_in_once(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    totp, _ = enrolled(store, team.ana)
    with pytest.raises(WrongCode):
        signing_in.with_code(store, half(store).ticket, totp.at(at.now), throttle=Throttle())
    at.tick(30)
    ticket, other = half(store).ticket, half(store).ticket
    entry = signing_in.with_code(store, ticket, totp.at(at.now), throttle=Throttle())
    assert presence.user_of(store, sessions.hashed(entry.session_id)) == team.ids.ana
    for again in (ticket, other):
        with pytest.raises((StartAgain, WrongCode)):
            signing_in.with_code(store, again, totp.at(at.now), throttle=Throttle())


@pytest.mark.parametrize(("seconds", "good"), [(-30, True), (0, True), (30, True), (-60, False), (60, False)])
def test_a_code_is_good_for_its_half_minute_and_the_two_beside_it(
    store: Store, team: Team, at: Clock, seconds: int, good: bool
) -> None:
    totp, _ = enrolled(store, team.ana)
    at.tick(300)
    code = totp.at(at.now + timedelta(seconds=seconds))
    if good:
        second_factor.check(store, team.ids.ana, f" {code[:3]} {code[3:]}")
    else:
        with pytest.raises(WrongCode):
            second_factor.check(store, team.ids.ana, code)


def test_an_older_code_does_not_count_after_a_newer_one(store: Store, team: Team, at: Clock) -> None:
    totp, _ = enrolled(store, team.ana)
    at.tick(300)
    second_factor.check(store, team.ids.ana, totp.at(at.now))
    with pytest.raises(WrongCode):
        second_factor.check(store, team.ids.ana, totp.at(at.now - timedelta(seconds=30)))


def test_a_recovery_code_lets_in_once_and_its_owner_is_told(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    _, codes = enrolled(store, team.ana)
    assert signing_in.with_code(store, half(store).ticket, codes[3].upper(), throttle=Throttle())
    with pytest.raises(WrongCode):
        signing_in.with_code(store, half(store).ticket, codes[3], throttle=Throttle())
    with store.reading(team.ana) as tx:
        found = second_factor.of_user(tx, team.ids.ana)
        assert found is not None
        assert found.codes_left == 9
        assert "A recovery code was used to sign in as you; 9 are left." in [
            row["text"] for row in tx.rows("SELECT text FROM notices")
        ]


def test_the_database_holds_neither_seed_nor_recovery_codes(store: Store, team: Team, at: Clock) -> None:
    totp, codes = enrolled(store, team.ana)
    with store.reading(SYSTEM) as tx:
        (row,) = tx.rows("SELECT * FROM base.second_factors")
        log = str(tx.rows("SELECT * FROM base.events"))
    assert totp.secret not in str(row)
    assert sealing.unseal(store.folder, row["seed"], of=f"second factor of user {team.ids.ana}").decode() == totp.secret
    assert totp.secret not in log
    assert not [code for code in codes if code in log]


def test_without_the_key_codes_cannot_be_checked_and_recovery_codes_still_let_in(
    store: Store, team: Team, at: Clock
) -> None:
    totp, codes = enrolled(store, team.ana)
    (store.folder / sealing.KEY_FILE).unlink()
    at.tick(60)
    with pytest.raises(Unreadable, match=r"secret\.key"):
        second_factor.check(store, team.ids.ana, totp.at(at.now))
    second_factor.check(store, team.ids.ana, codes[0])


def test_guesses_of_codes_wait_and_not_in_a_browser_of_the_owners(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    anas = signing_in.by_password(store, ANA, GOOD, place="", throttle=Throttle())
    assert isinstance(anas, Entry)
    totp, _ = enrolled(store, team.ana)
    throttle = Throttle()
    at.tick(60)
    for _ in range(10):
        with pytest.raises(WrongCode):
            signing_in.with_code(store, half(store).ticket, "abcdef", throttle=throttle)
    with pytest.raises(TooManyTries):
        signing_in.with_code(store, half(store).ticket, totp.at(at.now), throttle=throttle)
    own = half(store, browser=anas.browser)
    assert signing_in.with_code(store, own.ticket, totp.at(at.now), throttle=throttle)


def test_a_ticket_is_over_after_ten_minutes_and_a_made_up_one_is_none(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    totp, _ = enrolled(store, team.ana)
    ticket = half(store).ticket
    at.tick(601)
    for wrong in (ticket, "made up", ""):
        with pytest.raises(StartAgain):
            signing_in.with_code(store, wrong, totp.at(at.now), throttle=Throttle())


@pytest.mark.parametrize("enrol", [False, True])
@pytest.mark.parametrize("ends", ["password", "disabled"])
def test_a_ticket_is_over_once_the_password_is_another_or_the_account_is_disabled(
    store: Store, team: Team, at: Clock, enrol: bool, ends: str
) -> None:
    with_password(store, team)
    if enrol:
        with store.writing(team.ada) as tx:
            second_factor.require_of(tx, [Role.REP])
    else:
        totp, _ = enrolled(store, team.ana)
        at.tick(30)
    ticket = half(store).ticket
    code = pyotp.TOTP(signing_in.enrolment(store, ticket).key).at(at.now) if enrol else totp.at(at.now)
    with store.writing(team.ada) as tx:
        if ends == "password":
            users.set_password(tx, team.ids.ana, "hash of another one")
        else:
            users.disable(tx, team.ids.ana)
    with pytest.raises(StartAgain):
        if enrol:
            signing_in.with_first_code(store, ticket, code)
        else:
            signing_in.with_code(store, ticket, code, throttle=Throttle())
    with store.reading(SYSTEM) as tx:
        assert enrol == (second_factor.of_user(tx, team.ids.ana) is None)


def test_a_role_that_must_have_one_is_led_to_it_before_anything_else(store: Store, team: Team, at: Clock) -> None:
    with_password(store, team)
    with store.writing(SYSTEM) as tx:
        anas, bobs, ruis = (
            sessions.hashed(sessions.begin(tx, user)) for user in (team.ids.ana, team.ids.bob, team.ids.rui)
        )
    enrolled(store, team.bob)
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.REP])
    assert [presence.user_of(store, one) for one in (anas, bobs, ruis)] == [None, team.ids.bob, team.ids.rui]
    found = half(store)
    assert found.enrol
    with pytest.raises(StartAgain):
        signing_in.with_code(store, found.ticket, "000000", throttle=Throttle())
    enrolment = signing_in.enrolment(store, found.ticket)
    assert signing_in.enrolment(store, found.ticket) == enrolment
    with pytest.raises(WrongCode):
        signing_in.with_first_code(store, found.ticket, "000000")
    entry = signing_in.with_first_code(store, found.ticket, pyotp.TOTP(enrolment.key).at(at.now))
    assert len(entry.recovery_codes) == 10
    assert presence.user_of(store, sessions.hashed(entry.session_id)) == team.ids.ana
    assert not half(store).enrol


def test_whoever_else_knows_the_password_has_not_seen_the_seed_that_is_set_up(
    store: Store, team: Team, at: Clock
) -> None:
    with_password(store, team)
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.REP])
    thiefs, anas = half(store), half(store)
    seen = signing_in.enrolment(store, thiefs.ticket)
    shown = signing_in.enrolment(store, anas.ticket)
    assert shown.key != seen.key
    with pytest.raises(StartAgain):
        signing_in.enrolment(store, thiefs.ticket)
    with pytest.raises(WrongCode):
        signing_in.with_first_code(store, anas.ticket, pyotp.TOTP(seen.key).at(at.now))
    assert signing_in.with_first_code(store, anas.ticket, pyotp.TOTP(shown.key).at(at.now)).session_id
    with pytest.raises(CrmError):
        signing_in.with_first_code(store, thiefs.ticket, pyotp.TOTP(seen.key).at(at.now))


def test_whoever_gives_somebody_such_a_role_signs_them_out(store: Store, team: Team, at: Clock) -> None:
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.MANAGER])
    with store.writing(SYSTEM) as tx:
        anas = sessions.hashed(sessions.begin(tx, team.ids.ana))
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.ana, role=Role.MANAGER)
    assert presence.user_of(store, anas) is None


def test_nobody_locks_themselves_out_by_asking_it_of_their_own_role(store: Store, team: Team, at: Clock) -> None:
    with pytest.raises(Invalid, match="your own second factor first"), store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.ADMINISTRATOR])
    enrolled(store, team.ada)
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.ADMINISTRATOR])
        assert second_factor.roles(tx) == {Role.ADMINISTRATOR}


def test_turning_it_off_takes_a_code_and_a_role_that_may(store: Store, team: Team, at: Clock) -> None:
    totp, _ = enrolled(store, team.ana)
    at.tick(30)
    with pytest.raises(WrongCode), store.writing(team.ana) as tx:
        second_factor.turn_off(tx, "000000")
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [Role.REP])
    with pytest.raises(Invalid, match="has to have a second factor"), store.writing(team.ana) as tx:
        second_factor.turn_off(tx, totp.at(at.now))
    with store.writing(team.ada) as tx:
        second_factor.require_of(tx, [])
    with store.writing(team.ana) as tx:
        second_factor.turn_off(tx, totp.at(at.now))
        assert second_factor.of_user(tx, team.ids.ana) is None


def test_guesses_on_an_open_account_page_wait_whichever_way_they_go(store: Store, team: Team, at: Clock) -> None:
    totp, _ = enrolled(store, team.ana)
    at.tick(30)
    for way in (second_factor.turn_off, second_factor.begin, second_factor.turn_off, second_factor.begin):
        with pytest.raises(WrongCode), store.writing(team.ana) as tx:
            way(tx, "000000")
    with pytest.raises(WrongCode):
        second_factor.renew_codes(store, team.ana, "000000")
    with pytest.raises(TooManyTries), store.writing(team.ana) as tx:
        second_factor.turn_off(tx, totp.at(at.now))
    at.tick(61)
    with store.writing(team.ana) as tx:
        second_factor.turn_off(tx, totp.at(at.now))


def test_another_authenticator_takes_a_code_of_the_one_before_which_counts_until_then(
    store: Store, team: Team, at: Clock
) -> None:
    former, _ = enrolled(store, team.ana)
    at.tick(30)
    with pytest.raises(WrongCode), store.writing(team.ana) as tx:
        second_factor.begin(tx)
    with store.writing(team.ana) as tx:
        second_factor.begin(tx, former.at(at.now))
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    at.tick(30)
    second_factor.check(store, team.ids.ana, former.at(at.now))
    second_factor.set_up(store, team.ana, pyotp.TOTP(enrolment.key).at(at.now))
    at.tick(60)
    with pytest.raises(WrongCode):
        second_factor.check(store, team.ids.ana, former.at(at.now))
    second_factor.check(store, team.ids.ana, pyotp.TOTP(enrolment.key).at(at.now))


@pytest.mark.parametrize("action", ["Replace the authenticator", "New recovery codes", "Turn off"])
def test_who_lost_the_authenticator_is_told_the_way_out(store: Store, team: Team, at: Clock, action: str) -> None:
    at.now = datetime.now(UTC)  # sessions of pages are held against the true time
    enrolled(store, team.ana)
    page = open_page(store, "account", team.ana)
    assert not any("Lost it?" in one.value for one in page.caption)
    next(one for one in page.button if one.label == action).click().run()
    assert not page.exception
    assert any("Lost it? An administrator can reset" in one.value for one in page.caption)


def test_new_recovery_codes_replace_the_old_ones(store: Store, team: Team, at: Clock) -> None:
    totp, old = enrolled(store, team.ana)
    at.tick(30)
    new = second_factor.renew_codes(store, team.ana, totp.at(at.now))
    with pytest.raises(WrongCode):
        second_factor.check(store, team.ids.ana, old[0])
    second_factor.check(store, team.ids.ana, new[0])


def test_an_administrator_resets_somebodys_and_the_person_is_told(store: Store, team: Team, at: Clock) -> None:
    enrolled(store, team.ana)
    with store.writing(SYSTEM) as tx:
        anas = sessions.hashed(sessions.begin(tx, team.ids.ana))
    with store.writing(team.ada) as tx:
        second_factor.reset(tx, team.ids.ana)
        assert "user.second_factor_reset" in [link.name for link in tx.recorded]
    assert presence.user_of(store, anas) is None
    with store.reading(team.ana) as tx:
        assert second_factor.of_user(tx, team.ids.ana) is None
        assert "Ada took away the second factor of your sign-in." in [
            row["text"] for row in tx.rows("SELECT text FROM notices")
        ]
    with pytest.raises(Invalid, match="no second factor"), store.writing(team.ada) as tx:
        second_factor.reset(tx, team.ids.ana)
    with pytest.raises(Invalid, match="under Account"), store.writing(team.ada) as tx:
        second_factor.reset(tx, team.ids.ada)


def test_the_command_resets_that_of_the_last_administrator(store: Store, team: Team, at: Clock) -> None:
    enrolled(store, team.ada)
    folder = store.folder
    store.close()
    ran = CliRunner().invoke(
        app, ["user", "reset-second-factor", "ADA@mallard.test.example.com", "--store", str(folder)]
    )
    assert (ran.exit_code, "Ada signs in without" in ran.stdout) == (0, True)
    opened = Store(folder, threads=1)
    with opened.reading(SYSTEM) as tx:
        assert second_factor.of_user(tx, team.ids.ada) is None
    opened.close()


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_administrators_reset_require_and_see_those_of_others(
    store: Store, team: Team, at: Clock, name: str
) -> None:
    actor = getattr(team, name)
    for forbidden in (
        lambda tx: second_factor.reset(tx, team.ids.bob),
        lambda tx: second_factor.require_of(tx, [Role.REP]),
        lambda tx: second_factor.of_user(tx, team.ids.bob),
        second_factor.owners,
    ):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            forbidden(tx)


def test_each_change_of_it_asks_first_who_is_there(store: Store, team: Team, at: Clock) -> None:
    totp, _ = enrolled(store, team.ada)
    at.tick(30)
    left_open = users.actor(store, team.ids.ada)
    for refused in (
        lambda tx: second_factor.begin(tx, totp.at(at.now)),
        lambda tx: second_factor.turn_off(tx, totp.at(at.now)),
        lambda tx: second_factor.reset(tx, team.ids.ana),
        lambda tx: second_factor.require_of(tx, [Role.REP]),
    ):
        with pytest.raises(ConfirmFirst), store.writing(left_open) as tx:
            refused(tx)
    with pytest.raises(ConfirmFirst):
        second_factor.renew_codes(store, left_open, totp.at(at.now))


def test_an_organisations_second_factor_is_trusted_unless_ours_is_wanted_too(
    store: Store, team: Team, at: Clock
) -> None:
    enrolled(store, team.ana)
    said = ("https://id.example.com", "sub-1", ANA, True)
    assert isinstance(signing_in.by_identity(store, *said), Entry)
    assert isinstance(signing_in.by_identity(store, *said, with_second_factor=True), PendingSignIn)
