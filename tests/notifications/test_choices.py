"""What one wants to be told of is chosen on the account page, a kind and a way at a time."""

import pytest

from crm import deals, notifications
from crm.foundation.access import SYSTEM, Role
from crm.notifications import KINDS, Channel, Kind
from tests.pages import open_page

BOTH = frozenset(Channel)


def choices(store, actor):
    with store.reading(actor) as tx:
        return dict(notifications.mine(tx))


def test_who_chose_nothing_hears_of_all_that_concerns_them_and_of_no_win_of_others(store, team):
    assert choices(store, team.marta) == {**dict.fromkeys(KINDS, BOTH), Kind.EVERY_WIN: frozenset()}


@pytest.mark.parametrize("name", ["ada", "marta", "ana", "rui", "vera"])
def test_every_win_is_offered_to_managers_and_administrators(store, team, name):
    actor = getattr(team, name)
    page = open_page(store, "account", actor)
    offered = {box.key for box in page.checkbox}
    manages = actor.role in (Role.ADMINISTRATOR, Role.MANAGER)
    assert ("told-every_win-app" in offered) == manages
    assert "told-assigned-email" in offered


def test_a_kind_is_switched_off_on_one_way(store, team):
    page = open_page(store, "account", team.ana)
    page.checkbox(key="told-assigned-email").uncheck().run()
    assert choices(store, team.ana)[Kind.ASSIGNED] == {Channel.APP}
    assert choices(store, team.ana)[Kind.WON] == BOTH
    assert choices(store, team.bob)[Kind.ASSIGNED] == BOTH
    again = open_page(store, "account", team.ana)
    assert not again.checkbox(key="told-assigned-email").value
    assert again.checkbox(key="told-assigned-app").value


def test_the_page_says_where_nothing_goes_by_mail(store, team, monkeypatch):
    monkeypatch.delenv("CRM_SMTP_URL", raising=False)
    said = " ".join(one.value for one in open_page(store, "account", team.ana).caption)
    assert "no mail server is set up" in said
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:25")
    said = " ".join(one.value for one in open_page(store, "account", team.ana).caption)
    assert "no mail server is set up" not in said


@pytest.mark.parametrize("name", ["ada", "marta", "bob", "rui", "vera"])
def test_whoever_sees_a_deal_follows_it_from_its_page(store, team, deal, name):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    actor = getattr(team, name)
    page = open_page(store, "deal", actor, deal=str(chairs.id))
    page.button(key="follow").click().run()
    assert page.button(key="follow").label == "Following"
    with store.reading(actor) as tx:
        assert deals.follows(tx, chairs.id)
    page.button(key="follow").click().run()
    assert page.button(key="follow").label == "Follow"
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.deal_followers") == 0


def test_an_owner_has_nothing_to_follow(store, team, deal):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    page = open_page(store, "deal", team.ana, deal=str(chairs.id))
    assert "follow" not in {button.key for button in page.button}
