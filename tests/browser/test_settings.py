"""Settings as an administrator uses them, and what others see of it while they work."""

import json
import threading

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from crm import companies, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import tokens
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find
from tests.pictures import png


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, str]]:
    def seed(store: Store) -> dict[str, str]:
        people = find(store)
        with store.writing(SYSTEM) as tx:
            pipeline = pipelines.create(tx, "Sales", ["New", "Offer"])
            companies.create(tx, name="Globex", domain="globex.example.com")
            token = tokens.issue(tx, name="Test", scopes=[tokens.Scope.WRITE], expires_at=None, user_id=people.ana).text
        return {"token": token, "pipeline": str(pipeline.id)}

    return serve(seed)


@pytest.fixture
def settings(sign_in: SignIn, server: Server) -> Page:
    page = sign_in("ada", server)
    page.goto("/settings")
    idle(page)
    return page


def section(page: Page, name: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    idle(page)


def edit(page: Page, name: str) -> Locator:
    # By its row: a button whose label is still being drawn has no name yet, and the next row's would be taken for it.
    row = page.get_by_test_id("stHorizontalBlock").filter(has=page.get_by_text(name, exact=True)).last
    row.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_a_user_is_added_and_signs_in_with_the_password_shown_once(settings: Page, server: Server) -> None:
    settings.get_by_role("button", name="Add user").click()
    dialog = settings.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Zoë *Bold* <b>x</b>")
    dialog.get_by_label("Email").fill("zoe@example.com")
    dialog.get_by_role("button", name="Add", exact=True).click()
    password = dialog.get_by_test_id("stCode").inner_text().strip()
    answer = httpx.post(f"{server.url}/login", data={"email": "zoe@example.com", "password": password})
    assert answer.status_code == 303
    settings.keyboard.press("Escape")
    expect(settings.get_by_text("Zoë *Bold* <b>x</b>")).to_be_visible()
    expect(settings.get_by_test_id("stCode")).to_have_count(0)


def test_a_taken_address_is_explained_in_the_dialog(settings: Page) -> None:
    settings.get_by_role("button", name="Add user").click()
    dialog = settings.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Another Ana")
    dialog.get_by_label("Email").fill("ANA@mallard.test.example.com")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("already belongs to another user")


def test_the_last_administrator_cannot_shut_themselves_out(settings: Page) -> None:
    dialog = edit(settings, "Ada")
    dialog.get_by_role("button", name="Disable").click()
    expect(dialog.get_by_role("alert")).to_contain_text("last administrator")


def test_a_logo_is_chosen_refused_kept_and_removed(settings: Page) -> None:
    section(settings, "Letterhead")
    form = settings.get_by_test_id("stForm")
    form.get_by_label("Address").fill("Rua das Flores 12")
    file = settings.locator("input[type=file]")
    save = form.get_by_role("button", name="Save")
    file.set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    )
    expect(form.get_by_text("logo.png")).to_be_visible()
    save.click()
    expect(settings.get_by_role("alert").filter(has_text="no PNG or JPEG picture")).to_be_visible()
    expect(form.get_by_label("Address")).to_have_value("Rua das Flores 12")
    form.get_by_role("button", name="Remove logo.png").click()
    file.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": png(400, 100)})
    expect(form.get_by_text("logo.png")).to_be_visible()
    save.click()
    logo = settings.get_by_alt_text("The logo in use")
    expect(logo).to_be_visible()
    assert logo.evaluate("picture => picture.naturalWidth") == 400
    form.get_by_text("Remove the logo").click()
    save.click()
    expect(logo).to_have_count(0)
    expect(form.get_by_label("Address")).to_have_value("Rua das Flores 12")


def test_rates_are_added_corrected_deleted_and_imported_from_a_file(settings: Page) -> None:
    section(settings, "Currencies")
    main, dialog = settings.get_by_test_id("stMain"), settings.get_by_role("dialog")
    settings.get_by_role("button", name="Add a rate").click()
    dialog.get_by_role("combobox", name="Currency").fill("USD")
    settings.get_by_role("option", name="USD: US Dollar").click()
    dialog.get_by_role("textbox", name="One is worth, in BRL").fill("5,12")
    dialog.get_by_role("button", name="Save").click()
    expect(main.get_by_text("1 USD = 5.12 BRL")).to_be_visible()
    idle(settings)
    main.get_by_role("button", name="Edit").click()
    dialog.get_by_role("textbox", name="1 USD in BRL").fill("5.13")
    dialog.get_by_role("button", name="Save").click()
    expect(main.get_by_text("1 USD = 5.13 BRL")).to_be_visible()
    idle(settings)
    settings.get_by_role("button", name="Import a file").click()
    file = {"name": "rates.csv", "mimeType": "text/csv", "buffer": b"name,email\nLia,lia@example.com\n"}
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("alert")).to_contain_text("no file of rates")
    dialog.get_by_role("button", name="Remove rates.csv").click()
    bank = b"Date,USD,BRL,\n2026-03-03,1.25,6.25,\n2026-03-02,1.25,six,\n"
    dialog.locator("input[type=file]").set_input_files(file | {"buffer": bank})
    expect(dialog.get_by_text("2 new, 0 changed, 0 unchanged, 1 rejected")).to_be_visible()
    expect(main.get_by_text("1 USD = 5.00 BRL")).to_have_count(0)
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(settings.get_by_text("2 new, 0 changed, 0 unchanged, 1 rejected")).to_be_visible()
    idle(settings)
    main.get_by_role("combobox", name="Rates of").click()
    settings.get_by_role("option", name="USD: US Dollar").click()
    expect(main.get_by_text("1 USD = 5.00 BRL")).to_be_visible()
    idle(settings)
    main.get_by_role("button", name="Delete").first.click()
    dialog.get_by_role("button", name="Delete").click()
    expect(main.get_by_text("1 USD = 5.13 BRL")).to_have_count(0)
    expect(main.get_by_text("1 USD = 5.00 BRL")).to_be_visible()


def test_a_team_is_made_and_filled(settings: Page) -> None:
    section(settings, "Teams")
    settings.get_by_role("button", name="New team").click()
    settings.get_by_role("dialog").get_by_label("Name").fill("South")
    settings.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(settings.get_by_text("Nobody yet")).to_be_visible()
    idle(settings)
    dialog = edit(settings, "South")
    dialog.get_by_role("combobox", name="Members").click()
    settings.get_by_role("option", name="Bob").click()
    settings.keyboard.press("Tab")
    dialog.get_by_role("button", name="Save").click()
    expect(settings.get_by_text("Nobody yet")).to_have_count(0)
    expect(settings.get_by_test_id("stMain").get_by_text("Bob")).to_be_visible()


def test_a_module_that_is_off_is_gone_from_the_sidebar_and_from_its_address(
    settings: Page, sign_in: SignIn, server: Server
) -> None:
    anas = sign_in("ana", server)
    anas.goto("/companies")
    idle(anas)
    expect(anas.get_by_text("Globex", exact=True)).to_be_attached()
    section(settings, "Modules")
    switch = settings.get_by_role("switch", name="Companies")
    switch.locator("xpath=ancestor-or-self::label").click()
    expect(settings.get_by_role("link", name="Companies")).to_have_count(0)
    anas.get_by_role("link", name="Contacts").click()
    idle(anas)
    expect(anas.get_by_role("link", name="Companies")).to_have_count(0)
    anas.goto("/companies")
    idle(anas)
    expect(anas.get_by_text("This page is switched off, or not for your role.")).to_be_visible()
    expect(anas.get_by_text("Globex")).to_have_count(0)
    adas = sign_in("ada", server)
    adas.goto("/companies")
    expect(adas.get_by_role("link", name="Settings › Modules")).to_be_visible()
    switch.locator("xpath=ancestor-or-self::label").click()
    expect(settings.get_by_role("link", name="Companies")).to_be_visible()


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_settings_are_not_there_for_others(sign_in: SignIn, server: Server, name: str) -> None:
    page = sign_in(name, server)
    page.goto("/settings")
    idle(page)
    expect(page.get_by_text("This page is switched off, or not for your role.")).to_be_visible()
    expect(page).to_have_title("Settings · Mallard")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    expect(page.get_by_role("button", name="Add user")).to_have_count(0)
    imports = page.get_by_role("link", name="Imports")
    expect(imports).to_have_count(1 if name == "marta" else 0)


def test_a_change_elsewhere_reaches_open_pages_by_itself(sign_in: SignIn, server: Server) -> None:
    anas, martas = sign_in("ana", server), sign_in("marta", server)
    for page in (anas, martas):
        page.goto("/pipeline")
        idle(page)
    headers = {"Authorization": f"Bearer {server.seeded['token']}"}
    deal = {"title": "Out of nowhere", "pipeline_id": int(server.seeded["pipeline"])}
    made = httpx.post(f"{server.url}/api/v1/deals", json=deal, headers=headers)
    assert made.status_code == 201, made.text
    for page in (anas, martas):
        expect(page.get_by_text("Out of nowhere")).to_be_visible()


def test_the_stream_tells_kinds_and_places_in_the_log_and_ends_with_the_session(server: Server) -> None:
    lines: list[str] = []
    opened = threading.Event()
    headers = {"Cookie": f"mallard={server.cookies['bob']}"}

    def listen() -> None:
        with httpx.stream("GET", f"{server.url}/events", headers=headers, timeout=30) as answer:
            for line in answer.iter_lines():
                lines.append(line)
                if line.startswith("data: "):
                    opened.set()

    listening = threading.Thread(target=listen)
    listening.start()
    assert opened.wait(10)
    token = {"Authorization": f"Bearer {server.seeded['token']}"}
    made = httpx.post(f"{server.url}/api/v1/companies", json={"name": "Secret name Ltd"}, headers=token)
    assert made.status_code == 201, made.text
    httpx.post(f"{server.url}/logout", headers=headers)
    listening.join(30)
    assert not listening.is_alive()
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert told
    assert [list(message["kinds"]) for message in told[:2]] == [[], ["company"]]
    assert all(set(message) == {"seq", "kinds"} for message in told)
    assert "Secret" not in "".join(lines)
