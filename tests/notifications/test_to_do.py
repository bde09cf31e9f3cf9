"""An item of a checklist is given to somebody by somebody else: they hear of it once, as they choose."""

import pytest

from crm import deals, notifications
from crm.foundation.access import SYSTEM, Module
from crm.notifications import Channel, Kind
from crm.platform import notices, workspace
from crm.platform.people import users
from crm.records import checklists
from tests.owner_privacy import owner_privacy
from tests.pages import open_page


@pytest.fixture
def offer(store, team, deal):
    """A checklist on a deal of Ana's."""
    chairs = deal(by="ana", owner_id=team.ids.ana)
    with store.writing(team.ana) as tx:
        return checklists.add(tx, chairs.id, "Offer")


@pytest.fixture
def give(store, team):
    def to(name, text="Call", *, on, by="ana"):
        with store.writing(getattr(team, by)) as tx:
            return checklists.add_item(tx, on.id, text, assignee_id=getattr(team.ids, name))

    return to


def test_who_gets_something_to_do_hears_of_it_once_and_nobody_tells_themselves(store, team, offer, give, notices_of):
    item = give("bob", on=offer)
    give("ana", "Wait", on=offer)
    assert notices_of("bob") == ["Ana gave you “Call” to do on “Chairs”."]
    assert notices_of("ana") == []
    with store.writing(team.ana) as tx:
        checklists.edit_item(tx, item.id, text="Call them")
    assert notices_of("bob") == ["Ana gave you “Call” to do on “Chairs”."]
    with store.reading(team.bob) as tx:
        [notice] = notices.of_actor(tx)
    assert (notice.link, notice.kind) == (f"/deal?deal={offer.deal_id}", "to_do")


def test_an_item_that_goes_to_another_is_told_to_the_new_one(store, team, offer, give, notices_of):
    item = give("bob", on=offer)
    notices_of("bob")
    with store.writing(team.bob) as tx:
        checklists.edit_item(tx, item.id, assignee_id=team.ids.marta)
    assert notices_of("marta") == ["Bob gave you “Call” to do on “Chairs”."]
    assert len(notices_of("bob")) == 1


def test_several_of_one_deal_are_one_notice_that_leads_there(store, team, offer, give, notices_of):
    give("bob", "Call", on=offer)
    notices_of("bob")
    give("bob", "Write", on=offer)
    give("bob", "Visit", on=offer)
    assert notices_of("bob") == ["3 things to do were given to you by Ana."]
    with store.reading(team.bob) as tx:
        [notice] = notices.of_actor(tx)
    assert notice.link == f"/deal?deal={offer.deal_id}"


def test_several_of_different_deals_lead_to_the_pipeline(store, team, offer, give, notices_of, deal):
    give("bob", on=offer)
    notices_of("bob")
    tables = deal("Tables", owner_id=team.ids.ana)
    with store.writing(team.ana) as tx:
        other = checklists.add(tx, tables.id, "Offer")
    give("bob", on=other)
    assert notices_of("bob") == ["2 things to do were given to you by Ana."]
    with store.reading(team.bob) as tx:
        [notice] = notices.of_actor(tx)
    assert notice.link == f"/pipeline?owner={team.ids.bob}"


def test_what_is_done_or_given_on_meanwhile_is_no_news(store, team, offer, give, notices_of):
    done, gone = give("bob", "Call", on=offer), give("bob", "Write", on=offer)
    with store.writing(team.ana) as tx:
        checklists.tick(tx, done.id)
        checklists.edit_item(tx, gone.id, assignee_id=None)
    assert notices_of("bob") == []


def test_who_does_not_wish_it_is_not_told_in_the_app(store, team, offer, give, notices_of):
    page = open_page(store, "account", team.bob)
    page.checkbox(key="told-to_do-app").uncheck().run()
    page.checkbox(key="told-to_do-email").uncheck().run()
    with store.reading(team.bob) as tx:
        assert notifications.mine(tx)[Kind.TO_DO] == frozenset()
        assert notifications.mine(tx)[Kind.ASSIGNED] == frozenset(Channel)
    give("bob", on=offer)
    give("marta", on=offer)
    assert notices_of("bob") == []
    assert len(notices_of("marta")) == 1


def test_it_is_mailed_where_mail_is_wished(store, team, offer, give, work, postbox):
    give("bob", on=offer)
    work()
    [mailed] = postbox.taken
    assert mailed["Subject"] == "Ana gave you “Call” to do on “Chairs”."


def test_who_may_not_see_the_deal_any_more_hears_nothing_of_it(store, team, offer, give, notices_of):
    give("bob", on=offer)
    owner_privacy(store, team)
    assert notices_of("bob") == []


@pytest.mark.parametrize("meanwhile", ["deal in the bin", "module off", "disabled"])
def test_what_is_gone_meanwhile_is_no_news(store, team, offer, give, meanwhile):
    give("bob", on=offer)
    with store.writing(team.ada) as tx:
        if meanwhile == "deal in the bin":
            deals.delete(tx, offer.deal_id)
        elif meanwhile == "module off":
            workspace.switch(tx, Module.CRM, False)
        else:
            users.disable(tx, team.ids.bob)
    while notifications.catch_up(store):
        pass
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.notices WHERE user_id = $id", id=team.ids.bob) == 0
