"""The settings and account pages without a browser; their dialogs are in tests/browser/test_settings.py."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts
from crm.foundation.access import SYSTEM, Actor, Module
from crm.platform import letterhead, rates, workspace
from crm.platform.people import known_browsers, passwords, presence, sessions, tokens, users
from crm.records import audit
from crm.store import Store
from tests.pages import open_page
from tests.people import Team

SECTIONS = ("Users", "Teams", "Modules", "Workspace", "Currencies", "Letterhead", "API tokens", "Audit log")


def button(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label)


def open_section(store: Store, actor: Actor, section: str) -> AppTest:
    return open_page(store, "settings", actor, section=section)


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_settings_are_for_administrators(store: Store, team: Team, name: str) -> None:
    page = open_page(store, "settings", getattr(team, name))
    assert "may not manage settings" in page.error[0].value.replace("\\", "")
    assert not page.button


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_for_an_administrator(store: Store, team: Team, section: str) -> None:
    page = open_section(store, team.ada, section)
    assert not page.exception
    assert not page.error


def test_a_module_is_switched_off_with_its_toggle(store: Store, team: Team) -> None:
    page = open_section(store, team.ada, "Modules")
    page.toggle(key="module-companies").set_value(False).run()
    assert not team.ana.has(Module.COMPANIES)
    assert page.toggle(key="module-conversations").disabled


def test_the_workspace_is_changed_with_one_save(store: Store, team: Team) -> None:
    page = open_section(store, team.ada, "Workspace")
    next(one for one in page.text_input if one.label == "Name").set_value("Northwind")
    next(one for one in page.selectbox if one.label.startswith("Time zone")).set_value("Europe/Lisbon")
    next(one for one in page.toggle if one.label == "Owner-based privacy").set_value(True)
    button(page, "Save").click().run()
    with store.reading(team.ada) as tx:
        place = workspace.get(tx)
    assert (place.name, place.time_zone, place.owner_privacy, place.currency) == (
        "Northwind", "Europe/Lisbon", True, "BRL",
    )  # fmt: skip


def test_the_letterhead_is_typed_into_a_form_whose_boxes_take_as_much_as_is_kept(store: Store, team: Team) -> None:
    page = open_section(store, team.ada, "Letterhead")
    fields = {one.label: one for one in (*page.text_area, *page.text_input)}
    fields["Address"].set_value("Rua das Flores 12\nLisboa")
    fields["Tax id"].set_value("PT 501 442 600")
    fields["Terms"].set_value("Payable in 14 days.")
    button(page, "Save").click().run()
    assert not page.error
    with store.reading(team.ada) as tx:
        first = letterhead.in_use(tx)
    assert (first.address, first.tax_id, first.terms) == (
        "Rua das Flores 12\nLisboa", "PT 501 442 600", "Payable in 14 days.",
    )  # fmt: skip
    boxes = {one.label: one.max_chars for one in (*page.text_area, *page.text_input)}
    assert {label: boxes[label] for label in fields if label in boxes} == {
        "Address": letterhead.LIMITS["address"],
        "Tax id": letterhead.LIMITS["tax_id"],
        "Terms": letterhead.LIMITS["terms"],
    }


def test_currencies_show_their_latest_rates_and_are_fetched_once_an_address_is_saved(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 2), "5.123456789012")
        rates.set_rate(tx, "USD", date(2026, 3, 9), "5.4")
    page = open_section(store, team.ada, "Currencies")
    assert page.dataframe[0].value["One is worth, in BRL"].to_list() == ["5.40"]
    assert [one.value for one in page.warning] == ["Older than 31 days, and used for no amount of today: USD."]
    assert any("1 USD = 5\\.123456789012 BRL" in one.value for one in page.markdown)
    address = next(one for one in page.text_input if one.label == "Address")
    address.set_value("ftp://example.com")
    button(page, "Save").click().run()
    assert "no web address" in page.error[0].value
    next(one for one in page.text_input if one.label == "Address").set_value("https://example.com/rates.csv")
    button(page, "Save").click().run()
    assert any(one.value == "Not fetched yet." for one in page.caption)
    button(page, "Fetch now").click().run()
    assert not page.exception
    with store.reading(team.ada) as tx:
        assert tx.value("SELECT count(*) FROM base.jobs WHERE kind = 'rates' AND state = 'queued'") == 1


def test_the_audit_log_pages_through_all_of_it(store: Store, team: Team) -> None:
    for number in range(60):
        with store.writing(team.ada) as tx:
            workspace.change(tx, name=f"Name {number}")
    page = open_section(store, team.ada, "Audit log")
    assert page.dataframe[0].value["Details"][0] == "name: Name 58 → Name 59"
    with store.reading(team.ada) as tx:
        total = audit.find(tx).total
    assert any(caption.value.startswith(f"{total} events") for caption in page.caption)


def test_an_administrator_revokes_anybodys_token(store: Store, team: Team) -> None:
    with store.writing(team.rui) as tx:
        issued = tokens.issue(tx, name="Nightly", scopes=[tokens.Scope.READ], expires_at=None)
    page = open_section(store, team.ada, "API tokens")
    page.button(key=f"revoke-{issued.token.id}").click().run()
    with pytest.raises(tokens.TokenRefused):
        tokens.find(store, issued.text)


def test_a_token_of_ones_own_is_shown_once_and_works(store: Store, team: Team) -> None:
    page = open_page(store, "account", team.vera)
    next(one for one in page.text_input if one.label == "What is it for?").set_value("Reading")
    button(page, "Create a token").click().run()
    assert tokens.actor_of(store, page.code[0].value).id == team.ids.vera
    assert not page.run().code


def test_ones_other_sessions_can_be_ended_and_nobody_elses(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        mine, bobs = (sessions.hashed(sessions.begin(tx, user)) for user in (team.ids.ana, team.ids.bob))
    page = open_page(store, "account", team.ana)
    assert f"end-{bobs}" not in [one.key for one in page.button]
    page.button(key=f"end-{mine}").click().run()
    assert presence.user_of(store, mine) is None
    assert presence.user_of(store, bobs) == team.ids.bob


@pytest.mark.parametrize("ends", [True, False])
def test_a_new_password_of_ones_own_ends_ones_tokens_unless_unticked(store: Store, team: Team, ends: bool) -> None:
    old, new = "plum violin quarry lamp", "otter saffron ladder moss"
    with store.writing(team.ana) as tx:
        users.set_password(tx, team.ids.ana, passwords.hashed(old))
        tokens.issue(tx, name="Nightly", scopes=[tokens.Scope.READ], expires_at=None)
    page = open_page(store, "account", team.ana)
    for label, typed in (("Current password", old), ("New password", new)):
        next(one for one in page.text_input if one.label == label).set_value(typed)
    next(one for one in page.checkbox if one.label == "End my API tokens, too").set_value(ends)
    button(page, "Change password").click().run()
    ended = "sessions and API tokens are" if ends else "sessions are"
    assert [one.value for one in page.success] == [f"Changed. Your other {ended} ended."]
    with store.reading(team.ana) as tx:
        [token] = tokens.mine(tx)
    assert (token.revoked_at is not None) == ends
    assert any(one.key == f"revoke-{token.id}" for one in page.button) == (not ends)


def test_a_browser_that_one_is_known_in_is_forgotten_and_nobody_elses_offered(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        mine, bobs = (
            known_browsers.hashed(known_browsers.remember(tx, user, None)) for user in (team.ids.ana, team.ids.bob)
        )
    page = open_page(store, "account", team.ana)
    assert f"forget-{bobs}" not in [one.key for one in page.button]
    page.button(key=f"forget-{mine}").click().run()
    with store.reading(team.ana) as tx:
        assert known_browsers.of_actor(tx) == []
    with store.reading(team.bob) as tx:
        assert [one.token_hash for one in known_browsers.of_actor(tx)] == [bobs]


def test_first_steps_are_for_the_administrator(store: Store, team: Team) -> None:
    page = open_page(store, "start", team.ada)
    assert page.title[0].value == "Welcome, Ada"
    assert open_page(store, "start", team.marta).error


def test_what_viewers_see_under_owner_privacy_is_chosen_and_shows_on_their_pages(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Lia Souza")
    page = open_section(store, team.ada, "Workspace")
    next(one for one in page.toggle if one.label == "Owner-based privacy").set_value(True)
    button(page, "Save").click().run()
    assert not any("Lia Souza" in str(shown.value) for shown in open_page(store, "contacts", team.vera).dataframe)
    page = open_section(store, team.ada, "Workspace")
    next(one for one in page.radio if "viewers see" in one.label).set_value(True)
    button(page, "Save").click().run()
    assert team.vera.sees_everything
    assert any("Lia Souza" in str(shown.value) for shown in open_page(store, "contacts", team.vera).dataframe)
    assert not team.ana.sees_everything
