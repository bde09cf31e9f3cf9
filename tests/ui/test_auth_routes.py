"""/login and what comes after the password: codes, the first code, waiting, and cookies."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.testclient import TestClient

from crm.foundation import clock
from crm.foundation.access import SYSTEM, Role
from crm.foundation.settings import Settings
from crm.platform import process, workspace
from crm.platform.people import passwords, presence, second_factor, sessions, throttle, users
from crm.platform.people.throttle import Throttle
from crm.store import Store
from crm.ui.auth import auth_routes
from crm.ui.auth.auth_middleware import Site
from crm.ui.auth.auth_routes import AuthRoutes
from crm.ui.auth.sso import SingleSignOn
from tests.people import Team

GOOD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"
SETTINGS = Settings(base_url=None, oidc_issuer="https://id.example.com", oidc_client_id="mallard")


@pytest.fixture
def browser(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Nobody's yet; Ana has a password, and nobody guessed before."""
    process.use(store)
    fresh = Throttle()
    for verb in ("by_password", "with_code"):
        monkeypatch.setitem(getattr(auth_routes.signing_in, verb).__kwdefaults__, "throttle", fresh)
    monkeypatch.setattr(auth_routes, "THROTTLE", fresh)
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ana, passwords.hashed(GOOD))
    return TestClient(Starlette(routes=AuthRoutes(Site.of(SETTINGS), sso=False).routes), follow_redirects=False)


def sign_in(browser: TestClient, password: str = GOOD) -> Any:
    return browser.post("/login", data={"email": ANA, "password": password, "next": "/deal?deal=7"})


def ticket_in(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_sign_in_leaves_a_session_and_a_browser_that_is_known_again(
    browser: TestClient, store: Store, team: Team
) -> None:
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/deal?deal=7")
    assert presence.user_of(store, sessions.hashed(browser.cookies["mallard"])) == team.ids.ana
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    known = browser.cookies["mallard-browser"]
    browser.post("/logout")
    assert browser.cookies.get("mallard") is None
    sign_in(browser)
    assert browser.cookies["mallard-browser"] == known


def test_too_many_guesses_are_told_how_long_to_wait(browser: TestClient) -> None:
    answers = [sign_in(browser, "guess") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "Wait a minute and try again" in answers[-1].text
    assert 55 <= int(answers[-1].headers["retry-after"]) <= 60


def test_the_code_is_asked_for_and_lets_in(
    browser: TestClient, store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        second_factor.begin(tx)
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    totp = pyotp.TOTP(enrolment.key)
    second_factor.set_up(store, team.ana, totp.at(clock.now()))
    page = sign_in(browser)
    assert (page.status_code, browser.cookies.get("mallard")) == (200, None)
    form = {"ticket": ticket_in(page.text), "next": "/deal?deal=7"}
    wrong = browser.post("/login/code", data={**form, "code": "000000"})
    assert (wrong.status_code, ticket_in(wrong.text)) == (401, form["ticket"])
    assert "That code is not right" in wrong.text
    later = clock.now() + timedelta(seconds=60)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = browser.post("/login/code", data={**form, "code": totp.at(later)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/deal?deal=7")
    assert presence.user_of(store, sessions.hashed(browser.cookies["mallard"])) == team.ids.ana
    again = browser.post("/login/code", data={**form, "code": totp.at(later)})
    assert (again.status_code, "Begin it again" in again.text) == (401, True)


def test_who_has_to_have_one_sets_it_up_on_the_way_in_and_sees_the_recovery_codes_once(
    browser: TestClient, store: Store, team: Team
) -> None:
    with store.writing(SYSTEM) as tx:
        second_factor.require_of(tx, [Role.REP])
    page = sign_in(browser)
    assert "<svg" in page.text
    form = {"ticket": ticket_in(page.text), "next": "//evil.example.com"}
    assert browser.post("/login/code", data={**form, "code": "000000"}).status_code == 401
    assert browser.post("/login/second-factor", data={**form, "code": "000000"}).status_code == 401
    assert browser.cookies.get("mallard") is None
    with store.reading(team.ana) as tx:
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    answer = browser.post("/login/second-factor", data={**form, "code": pyotp.TOTP(enrolment.key).at(clock.now())})
    assert (answer.status_code, answer.text.count("<li><code>")) == (200, 10)
    assert 'href="/"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert presence.user_of(store, sessions.hashed(browser.cookies["mallard"])) == team.ids.ana


@pytest.mark.parametrize("path", ["/login/code", "/login/second-factor"])
def test_a_made_up_ticket_leads_back_to_the_beginning(browser: TestClient, path: str) -> None:
    answer = browser.post(path, data={"ticket": '"><script>', "code": "000000"})
    assert answer.status_code == 401
    assert 'action="/login"' in answer.text
    assert "<script>" not in answer.text


def test_guesses_of_the_set_up_link_are_told_to_wait(browser: TestClient) -> None:
    answers = [browser.get(f"/setup?token=guess{number}").status_code for number in range(throttle.PLACE.free + 1)]
    assert set(answers[:-1]) == {404}
    assert answers[-1] == 429


FORM = {
    "name": "Ada",
    "email": "ada@example.com",
    "password": GOOD,
    "currency": "EUR",
    "time_zone": "Europe/Lisbon",
    "region": "PT",
    "locale": "pt_BR",
}


@pytest.fixture
def first(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[TestClient, str]:
    """A browser on this machine at a store without users, and the path of its set-up link."""
    process.use(store)
    monkeypatch.setattr(auth_routes, "THROTTLE", Throttle())
    monkeypatch.setattr(auth_routes.regional, "zone_of_machine", lambda: None)
    routes = AuthRoutes(Site.of(SETTINGS), sso=False)
    app = Starlette(routes=routes.routes)
    return TestClient(app, follow_redirects=False, client=("127.0.0.1", 1)), routes.open_set_up()


def chosen(page: str) -> dict[str, str]:
    """The value chosen in each list of choices."""
    found = {}
    for name, options in re.findall(r"<select name=\"(\w+)\".*?>(.*?)</select>", page, re.DOTALL):
        if now := re.search(r"value=\"([^\"]*)\" selected", options):
            found[name] = now[1]
    return found


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ("pt-PT,pt;q=0.9,en;q=0.8", ("EUR", "Europe/Lisbon", "PT", "pt_BR")),
        ("en-GB,en;q=0.9", ("GBP", "Europe/London", "GB", "en")),
        ("pt", ("BRL", "America/Sao_Paulo", "BR", "pt_BR")),
        ("", ("BRL", "America/Sao_Paulo", "BR", "en")),
        ("*;q=x,,zz-QQ", ("BRL", "America/Sao_Paulo", "BR", "en")),
    ],
)
def test_the_set_up_begins_with_what_the_browser_says(
    first: tuple[TestClient, str], languages: str, expected: tuple[str, ...]
) -> None:
    browser, link = first
    page = browser.get(link, headers={"Accept-Language": languages})
    assert tuple(chosen(page.text)[name] for name in ("currency", "time_zone", "region", "locale")) == expected
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_the_set_up_sets_the_workspace_and_a_second_look_at_its_link_leads_in(
    first: tuple[TestClient, str], store: Store
) -> None:
    browser, link = first
    form = {**FORM, "token": link.partition("=")[2]}
    answer = browser.post("/setup", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    with store.reading(SYSTEM) as tx:
        place = workspace.get(tx)
    assert (place.currency, place.time_zone, place.region, place.locale) == ("EUR", "Europe/Lisbon", "PT", "pt_BR")
    for again in (browser.get(link), browser.post("/setup", data=form)):
        assert (again.status_code, again.headers["location"]) == (303, "/")
    browser.cookies.clear()
    assert browser.get(link).status_code == 404
    assert browser.post("/setup", data={**form, "email": "eve@example.com"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "passwordpassword1"}, "too easy to guess"),
        ({"currency": "XXZ"}, "is not a currency"),
        ({"time_zone": "<b>Mars"}, "is not a time zone"),
        ({"region": ""}, "is not a country code"),
        ({"email": "ada"}, "email"),
    ],
)
def test_a_refused_set_up_keeps_what_was_typed_and_leads_to_what_is_wrong(
    first: tuple[TestClient, str], store: Store, wrong: dict[str, str], said: str
) -> None:
    browser, link = first
    page = browser.post("/setup", data={**FORM, **wrong, "token": link.partition("=")[2]})
    assert page.status_code == 422
    assert said in page.text
    assert "<b>Mars" not in page.text
    assert re.findall(r'<(?:input|select) name="(\w+)"[^>]*autofocus', page.text) == list(wrong)
    kept = {name: FORM[name] for name in ("currency", "time_zone", "region", "locale") if name not in wrong}
    assert kept.items() <= chosen(page.text).items()
    assert GOOD not in page.text
    # What was chosen stands, whatever the browser's clock says.
    assert "data-of-browser" not in page.text
    with store.reading(SYSTEM) as tx:
        assert (users.exist(tx), workspace.get(tx).currency) == (False, "BRL")
    assert browser.post("/setup", data={**FORM, "token": link.partition("=")[2]}).status_code == 303


class Provider:
    """In place of Authlib's client: what it was asked, and what the organisation says of the person."""

    def __init__(self, **said: Any) -> None:
        self.said = {"iss": "https://id.example.com", "sub": "1", "email": ANA, "email_verified": True, **said}
        self.asked: dict[str, Any] = {}

    async def authorize_redirect(self, _: Any, to: str, **more: Any) -> RedirectResponse:
        self.asked = more
        return RedirectResponse(to, 303)

    async def authorize_access_token(self, _: Any) -> dict[str, Any]:
        return {"userinfo": self.said}


def by_organisation(settings: Settings, provider: Provider) -> TestClient:
    sso = SingleSignOn(settings, AuthRoutes(Site.of(settings), sso=True))
    sso._client = provider
    return TestClient(Starlette(routes=sso.routes), follow_redirects=False)


@pytest.mark.parametrize(("ago", "fresh"), [(0, True), (3600, False), (None, False)])
def test_an_organisation_that_asked_just_now_confirms_and_one_that_remembers_does_not(
    store: Store, team: Team, ago: int | None, fresh: bool
) -> None:
    process.use(store)
    provider = Provider(**({} if ago is None else {"auth_time": int(clock.now().timestamp()) - ago}))
    browser = by_organisation(SETTINGS, provider)
    browser.get("/sso/start")
    assert provider.asked == {}
    browser.get("/sso/start?again=1&next=/account")
    assert provider.asked == {"prompt": "login", "max_age": 0}
    answer = browser.get("/sso/callback?code=x&state=y")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    held = presence.actor_of(store, sessions.hashed(browser.cookies["mallard"]))
    assert held is not None
    assert (held.confirmed_until is not None) is fresh


@pytest.mark.parametrize("wanted", [False, True])
def test_our_code_is_asked_for_after_an_organisations_sign_in_where_the_setting_says_so(
    store: Store, team: Team, wanted: bool
) -> None:
    process.use(store)
    with store.writing(team.ana) as tx:
        second_factor.begin(tx)
        enrolment = second_factor.waiting(tx)
    assert enrolment is not None
    second_factor.set_up(store, team.ana, pyotp.TOTP(enrolment.key).at(clock.now()))
    browser = by_organisation(SETTINGS.model_copy(update={"oidc_second_factor": wanted}), Provider())
    browser.get("/sso/start")
    answer = browser.get("/sso/callback?code=x&state=y")
    assert answer.status_code == (200 if wanted else 303)
    assert ('action="/login/code"' in answer.text) is wanted


@pytest.mark.parametrize(("wished", "spoken"), [("pt-BR,pt;q=0.9", "pt_BR"), ("en-GB", "en"), ("de", None), ("", None)])
def test_the_first_sign_in_takes_the_browsers_language_and_no_later_one_does(
    browser: TestClient, store: Store, wished: str, spoken: str | None
) -> None:
    browser.headers["accept-language"] = wished
    sign_in(browser)
    assert language_of(store) == spoken
    browser.headers["accept-language"] = "en" if spoken == "pt_BR" else "pt-BR"
    sign_in(browser)
    assert language_of(store) == (spoken or "pt_BR")


def language_of(store: Store) -> str | None:
    with store.reading(SYSTEM) as tx:
        found: str | None = tx.value("SELECT language FROM base.users WHERE email_key = $email", email=ANA)
        return found
