"""A deal is given to somebody by somebody else: in whatever way, they hear of it, once."""

import pytest

from crm import deals, notifications
from crm.foundation.access import SYSTEM, Module
from crm.notifications import log
from crm.platform import notices, workspace
from crm.platform.people import users
from crm.records import feed
from tests.imports.conftest import begin, bring
from tests.owner_privacy import owner_privacy

__all__ = ["begin", "bring"]


def give(store, actor, deal_id, owner_id):
    with store.writing(actor) as tx:
        return deals.edit(tx, deal_id, owner_id=owner_id)


def test_who_is_given_a_deal_hears_by_whom_with_a_link_to_it(store, team, deal, notices_of):
    chairs = deal()
    give(store, team.marta, chairs.id, team.ids.ana)
    assert notices_of("ana") == ["“Chairs” was given to you by Marta."]
    with store.reading(team.ana) as tx:
        [notice] = notices.of_actor(tx)
    assert notice.link == f"/deal?deal={chairs.id}"
    assert notice.read_at is None


def test_who_is_given_a_new_deal_hears_of_it(team, deal, notices_of):
    deal(owner_id=team.ids.ana)
    assert notices_of("ana") == ["“Chairs” was given to you by Marta."]


def test_nobody_hears_of_what_they_did_themselves(store, team, deal, notices_of):
    deal(owner_id=team.ids.marta)
    give(store, team.ana, deal("Tables").id, team.ids.ana)
    assert notices_of("marta") == notices_of("ana") == []


def test_a_change_of_something_else_is_no_news(store, team, deal, notices_of):
    chairs = deal(owner_id=team.ids.ana)
    notices_of("ana")
    with store.writing(team.marta) as tx:
        deals.edit(tx, chairs.id, title="Red chairs")
    assert len(notices_of("ana")) == 1


def test_nobody_is_told_twice(store, team, deal, notices_of):
    deal(owner_id=team.ids.ana)
    assert notices_of("ana") == notices_of("ana")


def test_who_had_it_for_a_moment_in_between_hears_of_nothing(store, team, deal, notices_of):
    chairs = deal(owner_id=team.ids.ana)
    give(store, team.marta, chairs.id, team.ids.bob)
    assert notices_of("ana") == []
    assert notices_of("bob") == ["“Chairs” was given to you by Marta."]


def test_one_after_the_other_is_one_notice_with_their_number(store, team, deal, notices_of):
    deal("Chairs", owner_id=team.ids.ana)
    assert len(notices_of("ana")) == 1
    for title in ("Tables", "Lamps"):
        deal(title, owner_id=team.ids.ana)
        notices_of("ana")
    assert notices_of("ana") == ["3 deals were given to you by Marta."]
    with store.reading(team.ana) as tx:
        [notice] = notices.of_actor(tx)
    assert notice.link == f"/pipeline?owner={team.ids.ana}"


def test_what_was_read_is_told_of_no_more(store, team, deal, notices_of):
    deal("Chairs", owner_id=team.ids.ana)
    notices_of("ana")
    with store.writing(team.ana) as tx:
        notices.mark_read(tx)
    deal("Tables", owner_id=team.ids.ana)
    assert notices_of("ana") == ["“Chairs” was given to you by Marta.", "“Tables” was given to you by Marta."]


def test_what_two_people_give_is_two_notices(store, team, deal, notices_of):
    deal("Chairs", owner_id=team.ids.ana)
    deal("Tables", by="ada", owner_id=team.ids.ana)
    assert sorted(notices_of("ana")) == ["“Chairs” was given to you by Marta.", "“Tables” was given to you by Ada."]


def test_after_a_while_it_is_another_notice(team, deal, notices_of, at):
    at("2030-05-06 08:00")
    deal("Chairs", owner_id=team.ids.ana)
    notices_of("ana")
    at("2030-05-06 08:11")
    deal("Tables", owner_id=team.ids.ana)
    assert len(notices_of("ana")) == 2


def test_an_import_of_many_is_one_notice_for_each_owner(store, team, sales, bring, notices_of):
    rows = "".join(f"D{n},{owner}@mallard.test.example.com\n" for n, owner in enumerate(["ana", "bob", "ana"]))
    bring(team.marta, "deals", "title,owner\n" + rows)
    assert notices_of("ana") == ["2 deals were given to you by Marta."]
    assert notices_of("bob") == ["“D1” was given to you by Marta."]


def test_an_import_that_gives_known_deals_to_another_tells_the_new_owner_alone(store, team, sales, bring, notices_of):
    bring(team.marta, "deals", "identifier,title,owner\nX1,Chairs,ana@mallard.test.example.com\n")
    notices_of("ana")
    bring(
        team.marta,
        "deals",
        "identifier,title,owner\nX1,Chairs,bob@mallard.test.example.com\n",
        on_duplicate="overwrite",
    )
    assert len(notices_of("ana")) == 1
    assert notices_of("bob") == ["“Chairs” was given to you by Marta."]


def test_an_import_that_changes_something_else_of_a_deal_tells_nobody(store, team, sales, bring, notices_of):
    bring(team.marta, "deals", "identifier,title,owner\nX1,Chairs,ana@mallard.test.example.com\n")
    notices_of("ana")
    bring(team.marta, "deals", "identifier,title\nX1,Red chairs\n", on_duplicate="overwrite")
    assert len(notices_of("ana")) == 1


def test_one_who_was_disabled_hears_of_nothing(store, team, deal, notices_of):
    deal(owner_id=team.ids.ana)
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.ana)
    while notifications.catch_up(store):
        pass
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.notices") == 0


def test_with_the_module_off_nobody_hears_of_deals(store, team, deal, notices_of):
    deal(owner_id=team.ids.ana)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    assert notices_of("ana") == []


def test_a_deal_that_went_to_the_bin_meanwhile_is_no_news(store, team, deal, notices_of):
    chairs = deal(owner_id=team.ids.ana)
    with store.writing(team.marta) as tx:
        deals.delete(tx, chairs.id)
    assert notices_of("ana") == []


def test_what_cannot_be_told_now_is_told_later(store, team, deal, notices_of, monkeypatch):
    deal(owner_id=team.ids.ana)
    with monkeypatch.context() as patched:
        patched.setattr(log, "deliver", lambda tx, news: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            notifications.catch_up(store)
    assert notices_of("ana") == ["“Chairs” was given to you by Marta."]


def test_more_events_than_are_read_in_one_go_are_all_told(store, team, deal, notices_of, monkeypatch):
    monkeypatch.setattr(log, "AT_ONCE", 2)
    for n in range(5):
        deal(f"D{n}", owner_id=team.ids.ana)
    assert notices_of("ana") == ["5 deals were given to you by Marta."]


def test_under_owner_based_privacy_the_owner_hears_of_it(store, team, deal, notices_of):
    owner_privacy(store, team)
    deal(owner_id=team.ids.ana)
    assert notices_of("ana") == ["“Chairs” was given to you by Marta."]


def test_what_happened_before_the_product_told_of_anything_is_no_news(store, team, deal, notices_of):
    deal(owner_id=team.ids.ana)
    with store.writing(SYSTEM) as tx:
        feed.advance(tx, log.READER, feed.end(tx))
    assert notices_of("ana") == []
