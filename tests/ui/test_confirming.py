"""ListQuery again who is there, before what gives others a way in or takes everything out."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from crm import contacts, exports
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Module, Source
from crm.foundation.errors import ConfirmFirst, Invalid, NotFound
from crm.platform import backups, process, workspace
from crm.platform.people import passwords, presence, sessions, signing_in, tokens, users
from crm.platform.people.throttle import Throttle, TooManyTries
from crm.privacy import erasing, personal_export
from crm.records.listing import ListQuery
from crm.store import Store, Writing
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes import downloads, personal_data
from crm.webhooks import inbound
from tests.pages import open_page, unfold
from tests.people import Team

GOOD = "plum violin quarry lamp"
ANA = "ana@mallard.test.example.com"


@pytest.fixture
def adas(store: Store, team: Team) -> str:
    """Ada's session, of eleven minutes ago, and her password."""
    with store.writing(team.ada) as tx:
        users.set_password(tx, team.ids.ada, passwords.hashed(GOOD))
    return left_open(store, team.ids.ada)


def left_open(store: Store, user_id: int) -> str:
    with store.writing(SYSTEM) as tx:
        id_hash = sessions.hashed(sessions.begin(tx, user_id))
        tx.run(
            "UPDATE base.sessions SET confirmed_at = $then WHERE id_hash = $id_hash",
            then=tx.now - timedelta(minutes=11),
            id_hash=id_hash,
        )
    return id_hash


def actor_of(store: Store, id_hash: str) -> Actor:
    found = presence.actor_of(store, id_hash)
    assert found is not None
    return found


def issue(tx: Writing) -> tokens.Issued:
    return tokens.issue(tx, name="Sync", scopes=[tokens.Scope.READ], expires_at=None)


def test_a_sign_in_holds_for_ten_minutes_and_a_password_for_ten_more(
    store: Store, team: Team, adas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfirmFirst), store.writing(actor_of(store, adas)) as tx:
        issue(tx)
    with pytest.raises(Invalid, match="not your password"):
        signing_in.confirm(store, actor_of(store, adas), adas, password="guess", throttle=Throttle())
    then = signing_in.confirm(store, actor_of(store, adas), adas, password=GOOD, throttle=Throttle())
    with store.writing(actor_of(store, adas)) as tx:
        assert issue(tx).token.id
    monkeypatch.setattr(clock, "now", lambda: then + timedelta(minutes=10))
    with pytest.raises(ConfirmFirst), store.writing(actor_of(store, adas)) as tx:
        issue(tx)


def test_a_password_confirms_the_session_it_was_given_in_alone(store: Store, team: Team, adas: str) -> None:
    other = left_open(store, team.ids.ada)
    signing_in.confirm(store, actor_of(store, adas), adas, password=GOOD, throttle=Throttle())
    assert actor_of(store, other).confirmed_until < clock.now() < actor_of(store, adas).confirmed_until
    anas = left_open(store, team.ids.ana)
    with store.writing(actor_of(store, adas)) as tx:
        sessions.confirm(tx, anas)
    assert actor_of(store, anas).confirmed_until < clock.now()


def test_guesses_wait_in_this_session_and_nowhere_else(store: Store, team: Team, adas: str) -> None:
    throttle = Throttle()
    for _ in range(5):
        with pytest.raises(Invalid):
            signing_in.confirm(store, actor_of(store, adas), adas, password="guess", throttle=throttle)
    with pytest.raises(TooManyTries):
        signing_in.confirm(store, actor_of(store, adas), adas, password=GOOD, throttle=throttle)
    other = left_open(store, team.ids.ada)
    assert signing_in.confirm(store, actor_of(store, other), other, password=GOOD, throttle=throttle)


def test_what_takes_everything_out_asks_first(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia").id
    ada = users.actor(store, team.ids.ada)
    for refused in (
        lambda: backups.make(store, ada),
        lambda: backups.drop(store, ada, []),
        lambda: personal_export.write(store, ada, lia, io.BytesIO()),
        lambda: within(store, ada, lambda tx: erasing.begin(tx, lia, sure=erasing.SURE)),
        lambda: within(store, ada, lambda tx: exports.export(tx, "contacts", "csv", ListQuery())),
    ):
        with pytest.raises(ConfirmFirst):
            refused()
    assert within(store, ada, lambda tx: exports.export(tx, "companies", "csv", ListQuery()))


def test_what_lets_somebody_in_asks_first(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        users.disable(tx, team.ids.bob)
    ada = users.actor(store, team.ids.ada)
    for let_in in (lambda tx: users.enable(tx, team.ids.bob), lambda tx: inbound.make(tx, "commerce")):
        with pytest.raises(ConfirmFirst):
            within(store, ada, let_in)
    with pytest.raises(NotFound):
        users.actor(store, team.ids.bob)


def within(store: Store, actor: Actor, work: Callable[[Writing], object]) -> object:
    with store.writing(actor) as tx:
        return work(tx)


def test_the_machine_and_a_token_are_not_asked(store: Store, team: Team) -> None:
    with store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
        text = tokens.issue(tx, name="x", scopes=[tokens.Scope.EXPORT], expires_at=None, user_id=team.ids.ana).text
    with store.reading(tokens.actor_of(store, text)) as tx:
        assert exports.export(tx, "contacts", "csv", ListQuery())


def test_an_organisations_sign_in_counts_only_where_it_asked_anew(store: Store, team: Team) -> None:
    said = ("https://id.example.com", "sub-1", ANA, True)
    for confirmed in (True, False):
        entry = signing_in.by_identity(store, *said, confirmed=confirmed)
        assert isinstance(entry, signing_in.Entry)
        until = actor_of(store, sessions.hashed(entry.session_id)).confirmed_until
        assert (until is not None) is confirmed


@pytest.mark.parametrize("route", ["/exports/contacts.csv", "/personal-data/1.zip"])
def test_a_link_to_a_file_of_people_is_refused_until_they_confirm(
    store: Store, team: Team, adas: str, route: str
) -> None:
    process.use(store)
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Lia")
    routes = [*downloads.ROUTES, *personal_data.ROUTES]
    browser = TestClient(Starlette(routes=routes), headers={TRUSTED_HEADER.decode(): adas})
    refused = browser.get(route)
    assert (refused.status_code, "Confirm first that it is you" in refused.text) == (403, True)
    signing_in.confirm(store, actor_of(store, adas), adas, password=GOOD, throttle=Throttle())
    assert browser.get(route).status_code == 200


def opened(store: Store, name: str, actor: Actor, id_hash: str, **query: str) -> AppTest:
    page = open_page(store, name, actor, **query)
    # As in a browser that begins with this session: the one that it began with is looked up once.
    page.user = {"session": id_hash}
    del page.session_state["session-id-hash"]
    return page.run()


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def test_the_account_page_asks_before_it_makes_a_token(store: Store, team: Team, adas: str) -> None:
    """How it goes on in the dialog is in tests/browser/test_signing_in.py."""
    page = opened(store, "account", team.ada, adas)
    next(one for one in page.text_input if one.label == "What is it for?").set_value("Reading")
    press(page, "Create a token")
    assert not page.code
    assert "Your password" in [one.label for one in page.text_input]
    with store.reading(team.ada) as tx:
        assert tokens.mine(tx) == []


def test_the_webhooks_page_asks_before_it_makes_a_secret(store: Store, team: Team, adas: str) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    page = opened(store, "settings", team.ada, adas, section="Webhooks")
    page.button(key="make-commerce").click().run()
    assert "Your password" in [one.label for one in page.text_input]
    with store.reading(team.ada) as tx:
        assert inbound.live(tx) == []


def test_the_contacts_page_asks_before_it_offers_files(store: Store, team: Team, adas: str) -> None:
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Lia")
    page = unfold(opened(store, "contacts", team.ada, adas), "contacts-export")
    assert not page.get("link_button")
    next(one for one in page.text_input if one.label == "Your password").set_value(GOOD)
    press(page, "Confirm that it is you")
    assert len(page.get("link_button")) == 3


def test_who_has_neither_password_nor_code_is_told_where_to_get_one(store: Store, team: Team) -> None:
    page = opened(store, "account", team.ana, left_open(store, team.ids.ana))
    press(page, "Create a token")
    assert [warning.value for warning in page.warning] == [
        "This needs a password of yours. An administrator can give you one."
    ]
