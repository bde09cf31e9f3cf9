"""The ways in and out, in a real browser over the real server."""

import re

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, expect

from crm.foundation.access import SYSTEM
from crm.platform.people import passwords, sessions, users
from crm.store import Store
from crm.ui.auth import auth_pages
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find

NUMBER_PX = 26
"""What “10.” takes in front of a code."""
PASSWORD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            for user_id in (people.ana, people.bob):
                users.set_password(tx, user_id, passwords.hashed(PASSWORD))

    return serve(seed)


def sign_in_as(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_link_leads_through_the_sign_in_to_where_it_pointed(sign_in: SignIn, server: Server) -> None:
    page = sign_in(None, server)
    page.goto("/contacts?q=ann")
    expect(page).to_have_title("Sign in · Mallard")
    sign_in_as(page, ANA, "not the password at all")
    expect(page.get_by_role("alert")).to_have_text("Wrong email or password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    idle(page)
    expect(page).to_have_url(re.compile(r"/contacts\?q=ann$"))
    expect(page.get_by_role("heading", name="Contacts")).to_be_visible()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(sign_in: SignIn, server: Server) -> None:
    page = sign_in(None, server)
    page.goto("/login?next=//evil.example.com/")
    sign_in_as(page, ANA, PASSWORD)
    idle(page)
    assert page.url.startswith(f"{server.url}/")
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "mallard")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")


def test_signing_out_ends_the_session_and_a_kept_cookie_is_worth_nothing(sign_in: SignIn, server: Server) -> None:
    page = sign_in(None, server)
    page.goto("/login")
    sign_in_as(page, ANA, PASSWORD)
    idle(page)
    kept = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "mallard")
    page.get_by_role("button", name="Ana").click()
    page.get_by_text("Sign out").click()
    expect(page).to_have_title("Sign in · Mallard")
    assert httpx.get(f"{server.url}/account", headers={"Cookie": f"mallard={kept}"}).status_code == 401


def test_guesses_are_slowed_down_and_say_so(server: Server) -> None:
    form = {"email": "bob@mallard.test.example.com", "password": "wrong", "next": "/"}
    answers = [httpx.post(f"{server.url}/login", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    last = httpx.post(f"{server.url}/login", data={**form, "password": PASSWORD})
    assert last.status_code == 429
    assert "Wait a minute and try again" in last.text


def test_what_was_typed_comes_back_as_text(server: Server) -> None:
    answer = httpx.post(f"{server.url}/login", data={"email": '"><script>alert(1)</script>', "password": "x"})
    assert "<script>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_who_is_disabled_is_out_with_their_open_page(sign_in: SignIn, server: Server) -> None:
    veras, adas = sign_in("vera", server), sign_in("ada", server)
    veras.goto("/contacts")
    idle(veras)
    adas.goto("/settings")
    idle(adas)
    adas.get_by_role("button", name="Edit").nth(5).click()
    adas.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(adas.get_by_text("disabled")).to_be_visible()
    veras.get_by_role("link", name="Forecast").click()
    expect(veras).to_have_title("Sign in · Mallard")


PATHS = [
    "/",
    "/contacts",
    "/settings",
    "/account",
    "/events",
    "/imports/templates/contacts.csv",
    "/exports/contacts.csv",
    "/reports/forecast.csv",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/bidi-components/x/y.js",
    "/media/0000.png",
    "/component/x/index.html",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_served_to_nobody(server: Server, path: str) -> None:
    assert httpx.get(f"{server.url}{path}").status_code == 401


def test_the_doors_health_and_the_products_own_files_are_open(server: Server) -> None:
    for path in ("/login", "/healthz", "/metrics", "/app/static/icon.svg", "/api/v1/openapi.json", "/_stcore/health"):
        assert httpx.get(f"{server.url}{path}").status_code == 200, path
    assert httpx.get(f"{server.url}/api/v1/contacts").status_code == 401


def test_metrics_are_for_this_machine(server: Server) -> None:
    assert "mallard_store_version" in httpx.get(f"{server.url}/metrics").text
    assert httpx.get(f"{server.url}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_a_viewer_does_not_become_an_administrator_by_a_header(server: Server) -> None:
    adas = sessions.hashed(server.cookies["ada"])
    headers = {"Cookie": f"mallard={server.cookies['marta']}", "X-Mallard-Session": adas}
    assert httpx.get(f"{server.url}/imports/templates/contacts.csv", headers=headers).status_code == 200
    headers["Cookie"] = f"mallard={server.cookies['rui']}"
    assert httpx.get(f"{server.url}/imports/templates/contacts.csv", headers=headers).status_code == 403


@pytest.fixture(scope="module")
def empty(serve: Serve) -> Server[None]:
    return serve(lambda _: None, hired=False)


def test_the_printed_link_makes_the_first_administrator_once(sign_in: SignIn, empty: Server) -> None:
    found = re.search(r"http://127\.0\.0\.1:\d+(/setup\?token=\S+)", empty.said)
    assert found
    assert httpx.get(f"{empty.url}/setup?token=guess").status_code == 404
    page = sign_in(None, empty, locale="en-GB", timezone_id="Europe/Lisbon")
    page.goto(found[1])
    expect(page.get_by_label("Currency of reports")).to_have_value("GBP")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Lisbon")
    page.get_by_label("Time zone").select_option("Europe/London")
    page.get_by_label("Your name").fill("Ada Smith")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill("passwordpassword1")
    page.get_by_role("button", name="Create the administrator").click()
    expect(page.get_by_role("alert")).to_contain_text("too easy to guess")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/London")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    idle(page)
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    page.get_by_role("link", name="Choose a pipeline").click()
    expect(page.get_by_role("heading", name="Pipeline")).to_be_visible()
    assert httpx.get(f"{empty.url}{found[1]}").status_code == 404
    data = {"token": found[1].split("=")[1], "name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    assert httpx.post(f"{empty.url}/setup", data=data).status_code == 404


@pytest.mark.parametrize("width", [390, 1440])
def test_no_recovery_code_is_covered_by_the_number_of_another(
    sign_in: SignIn, server: Server[None], width: int
) -> None:
    shown = auth_pages.recovery_codes([f"mmmm-wwww-{number:04}" for number in range(10)], "/")
    page = sign_in(None, server, viewport={"width": width, "height": 844})
    page.route("**/codes", lambda route: route.fulfill(body=bytes(shown.body), content_type="text/html"))
    page.goto("/codes")
    boxes = [code.bounding_box() for code in page.locator(".codes code").all()]
    for one in boxes:
        for other in boxes:
            assert one
            assert other
            beside = abs(one["y"] - other["y"]) < 4 and one["x"] < other["x"]
            assert not beside or other["x"] - one["x"] - one["width"] > NUMBER_PX


VERA = "vera@mallard.test.example.com"


@pytest.fixture(scope="module")
def secured(serve: Serve) -> Server[str]:
    """Vera has a password, and a page that she left open eleven minutes ago."""

    def seed(store: Store) -> str:
        vera = find(store).vera
        with store.writing(SYSTEM) as tx:
            users.set_password(tx, vera, passwords.hashed(PASSWORD))
            session_id = sessions.begin(tx, vera)
            tx.run(
                "UPDATE base.sessions SET confirmed_at = confirmed_at - INTERVAL 11 MINUTE WHERE user_id = $v", v=vera
            )
        return session_id

    return serve(seed)


def test_a_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(
    sign_in: SignIn, secured: Server[str]
) -> None:
    page = sign_in(None, secured)
    page.goto("/login?next=/account")
    sign_in_as(page, VERA, PASSWORD)
    idle(page)
    page.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_alt_text("QR code of your second factor")).to_be_visible()
    key = dialog.locator("code").inner_text().replace(" ", "").strip()
    dialog.get_by_label("Code", exact=True).fill(pyotp.TOTP(key).now())
    dialog.get_by_role("button", name="Set up").click()
    expect(dialog.get_by_text("Keep these recovery codes")).to_be_visible()
    codes = dialog.locator("code").inner_text().split()
    assert len(codes) == 10
    dialog.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    again = sign_in(None, secured)
    again.goto("/login?next=/account")
    sign_in_as(again, VERA, PASSWORD)
    expect(again).to_have_title("One more step · Mallard")
    again.get_by_label("Code").fill("000000")
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_role("alert")).to_contain_text("That code is not right")
    again.get_by_label("Code").fill(codes[0])
    again.get_by_role("button", name="Sign in").click()
    idle(again)
    expect(again.get_by_text("9 recovery codes left")).to_be_visible()


def test_a_page_left_open_asks_for_the_password_before_it_makes_a_token(sign_in: SignIn, secured: Server[str]) -> None:
    page = sign_in(None, secured)
    page.context.add_cookies([{"name": "mallard", "value": secured.seeded, "url": secured.url}])
    page.goto("/account")
    idle(page)
    page.get_by_label("What is it for?").fill("Nightly")
    page.get_by_role("button", name="Create a token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password").fill("guess")
    dialog.get_by_role("button", name="Confirm that it is you").click()
    expect(dialog.get_by_text("That is not your password.")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm that it is you").click()
    expect(dialog.get_by_text("It is shown once.")).to_be_visible()
    text = dialog.locator("code").inner_text().strip()
    answer = httpx.get(f"{secured.url}/api/v1/users/me", headers={"Authorization": f"Bearer {text}"})
    assert answer.json()["name"] == "Vera"
