"""What reaches people by mail, over a real mail server: as it happens, and together in the morning where it is much."""

import pytest

from crm import deals, notifications
from crm.foundation.access import SYSTEM
from crm.notifications import Channel, Kind
from crm.platform import notices
from crm.platform.people import users
from tests.owner_privacy import owner_privacy

MONDAY, TUESDAY = "2030-05-06", "2030-05-07"


@pytest.fixture
def monday(store, team, postbox, at):
    """It is Monday morning; the daily notices have gone out."""
    at(f"{MONDAY} 07:00")
    with store.writing(SYSTEM) as tx:
        notifications.schedule(tx)


def choose(store, actor, kind, *channels):
    with store.writing(actor) as tx:
        notifications.choose(tx, kind, frozenset(channels))


def subjects(postbox):
    return [one["Subject"] for one in postbox.taken]


def in_the_app(store, actor):
    with store.reading(actor) as tx:
        return [notice.text for notice in notices.of_actor(tx)]


def test_who_is_given_a_deal_gets_a_mail_that_leads_to_it(team, monday, postbox, deal, work):
    chairs = deal(owner_id=team.ids.ana)
    work()
    [told] = postbox.taken
    assert told["To"] == "ana@mallard.test.example.com"
    assert told["Subject"] == "“Chairs” was given to you by Marta."
    assert f"https://crm.example.com/deal?deal={chairs.id}" in told.get_content()
    assert "https://crm.example.com/account" in told.get_content()


def test_without_a_mail_server_it_is_told_in_the_app_alone(store, team, monday, deal, work, monkeypatch):
    monkeypatch.delenv("CRM_SMTP_URL")
    deal(owner_id=team.ids.ana)
    work()
    assert in_the_app(store, team.ana) == ["“Chairs” was given to you by Marta."]
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.mails") == 0


def test_a_kind_that_is_wished_in_the_app_alone_is_not_mailed(store, team, monday, postbox, deal, work):
    choose(store, team.ana, Kind.ASSIGNED, Channel.APP)
    deal(owner_id=team.ids.ana)
    work()
    assert postbox.taken == []
    assert len(in_the_app(store, team.ana)) == 1


def test_a_kind_that_is_wished_by_mail_alone_is_not_in_the_app(store, team, monday, postbox, deal, work):
    choose(store, team.ana, Kind.ASSIGNED, Channel.EMAIL)
    deal(owner_id=team.ids.ana)
    work()
    assert len(postbox.taken) == 1
    assert in_the_app(store, team.ana) == []
    with store.reading(team.ana) as tx:
        assert notices.unread(tx) == 0


def test_each_kind_is_wished_by_itself(store, team, monday, postbox, deal, work):
    choose(store, team.ana, Kind.ASSIGNED)
    chairs = deal(owner_id=team.ids.ana)
    with store.writing(team.marta) as tx:
        deals.win(tx, chairs.id)
    work()
    assert subjects(postbox) == ["“Chairs” was won by Marta."]


def test_after_the_first_few_mails_of_a_day_the_rest_comes_in_one_in_the_morning(
    store, team, monday, postbox, deal, work, at
):
    work()
    for n in range(6):
        chairs = deal(f"D{n}", by="ana", owner_id=team.ids.ana)
        with store.writing(team.marta) as tx:
            deals.win(tx, chairs.id)
        work()
    assert subjects(postbox) == [f"“D{n}” was won by Marta." for n in range(3)]
    assert len(in_the_app(store, team.ana)) == 6
    postbox.taken.clear()
    at(f"{TUESDAY} 07:00")
    work()
    [daily] = postbox.taken
    assert daily["Subject"] == "Today: 3 more notices"
    for n in range(3, 6):
        assert f"“D{n}” was won by Marta." in daily.get_content()
    at("2030-05-08 07:00")
    work()
    assert len(postbox.taken) == 1


def test_deals_given_one_after_the_other_are_one_mail_and_a_line_in_the_morning(team, monday, postbox, deal, work, at):
    work()
    for n in range(12):
        deal(f"D{n}", owner_id=team.ids.ana)
        work()
    assert subjects(postbox) == ["“D0” was given to you by Marta."]
    at(f"{TUESDAY} 07:00")
    work()
    assert subjects(postbox)[1:] == ["Today: 1 more notice"]
    assert "12 deals were given to you by Marta." in postbox.taken[1].get_content()


def test_what_is_due_is_one_mail_with_a_link_to_each(team, monday, postbox, deal, work, at):
    work()
    made = [
        deal(f"D{n}", by="ana", owner_id=team.ids.ana, expected_close=TUESDAY, value=100 + n, currency="BRL")
        for n in range(12)
    ]
    at(f"{TUESDAY} 07:00")
    work()
    [daily] = postbox.taken
    assert daily["Subject"] == "Today: 12 due today"
    text = daily.get_content()
    assert f"- “D11” should close, R$111.00: https://crm.example.com/deal?deal={made[11].id}" in text
    assert "- and 2 more: https://crm.example.com/pipeline?owner=" in text
    assert text.count("/deal?deal=") == 10


def test_who_reads_portuguese_is_mailed_and_told_in_it(store, team, monday, postbox, deal, work, at):
    with store.writing(team.ana) as tx:
        users.choose_language(tx, "pt_BR")
    for hour, title in enumerate("ABCD", 11):
        at(f"{MONDAY} {hour}:00")
        deal(title, owner_id=team.ids.ana, expected_close=TUESDAY, value=1200, currency="BRL")
        work()
    assert subjects(postbox)[0] == "Marta passou “A” para você."
    at(f"{TUESDAY} 07:00")
    work()
    told = postbox.taken[-1]
    assert told["Subject"] == "Hoje: 4 para hoje, mais 1 notificação"
    said = told.get_content()
    assert "Bom dia, Ana." in said
    assert "“A” deve fechar, R$\xa01.200,00: https://" in said
    assert "Desde o último e-mail" in said
    assert not any(english in said for english in ("Good", "today", "should", "Since", "chosen"))


def test_a_waiting_line_of_a_deal_that_was_hidden_meanwhile_is_not_mailed(store, team, monday, postbox, deal, work, at):
    work()
    made = [deal(f"D{n}") for n in range(5)]
    for one in made:
        with store.writing(team.bob) as tx:
            deals.follow(tx, one.id)
        with store.writing(team.marta) as tx:
            deals.win(tx, one.id)
        work()
    assert len(postbox.taken) == 3
    owner_privacy(store, team)
    at(f"{TUESDAY} 07:00")
    work()
    assert len(postbox.taken) == 3


def test_what_is_no_longer_wished_by_mail_is_not_in_the_daily_one(store, team, monday, postbox, deal, work, at):
    work()
    for n in range(5):
        chairs = deal(f"D{n}", by="ana", owner_id=team.ids.ana)
        with store.writing(team.marta) as tx:
            deals.win(tx, chairs.id)
        work()
    choose(store, team.ana, Kind.WON, Channel.APP)
    at(f"{TUESDAY} 07:00")
    work()
    assert len(postbox.taken) == 3


def test_a_title_cannot_forge_the_head_of_a_mail(team, monday, postbox, deal, work):
    deal("Chairs\r\nBcc: eve@x.com", owner_id=team.ids.ana)
    work()
    [told] = postbox.taken
    assert told["Bcc"] is None
