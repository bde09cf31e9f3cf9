"""Settings › Webhooks: secrets are made, shown once and ended by administrators; what came in is listed."""

from datetime import UTC, datetime

import pytest

from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff
from crm.platform import workspace
from crm.webhooks import inbound
from crm.webhooks.inbound.taking_in import OVERTAKEN
from tests.pages import open_page


@pytest.fixture
def module_on(store, team):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


def page_of(store, actor):
    return open_page(store, "settings", actor, section="Webhooks")


def live(store, team):
    with store.reading(team.ada) as tx:
        return inbound.live(tx)


def test_a_secret_is_shown_once(store, team, module_on):
    page = page_of(store, team.ada)
    page.button(key="make-commerce").click().run()
    [secret] = [one.value for one in page.code if one.value.startswith("whsec_")]
    [kept] = live(store, team)
    assert (kept.source, kept.created_by_name, kept.ends_at) == ("commerce", "Ada", None)
    assert secret not in str(page.run())
    assert not [one for one in page.code if one.value.startswith("whsec_")]


def test_a_new_secret_leaves_the_one_before_a_day(store, team, module_on):
    page = page_of(store, team.ada)
    for _ in range(2):
        page.button(key="make-commerce").click().run()
    fresh, former = live(store, team)
    assert (fresh.ends_at, former.ends_at - fresh.created_at) == (None, inbound.secrets.GRACE)
    page.button(key="make-commerce").click().run()
    assert len(live(store, team)) == 2


def test_a_secret_is_ended(store, team, module_on):
    with store.writing(team.ada) as tx:
        inbound.make(tx, "payments")
    [kept] = live(store, team)
    page_of(store, team.ada).button(key=f"end-{kept.id}").click().run()
    assert live(store, team) == []


def test_what_came_in_is_listed_with_its_result(store, team, module_on):
    actor = inbound.webhook_of(store)
    told = {"external_id": "1", "title": "Lamp", "value": 10, "status": None, "contact": {"email": "lia@example.com"}}
    with store.writing(actor) as tx:
        inbound.take_in(tx, "commerce", "m1", told)
        inbound.take_in(tx, "commerce", "m2", told)
        inbound.refused(tx, "payments", "m3", 422, "title", "An order needs a title.")
        for message, hour in (("m4", 12), ("m5", 11)):
            inbound.take_in(tx, "commerce", message, told, datetime(2026, 1, 5, hour, tzinfo=UTC))
    [table] = page_of(store, team.ada).dataframe
    assert list(table.value["Result"]) == [
        f"Left as it is: {OVERTAKEN}",
        "Updated",
        "Refused (422): An order needs a title.",
        "Updated",
        "Made",
    ]
    assert list(table.value["From"]) == ["Shop", "Shop", "Payments", "Shop", "Shop"]
    assert table.value["Order"].drop(2).tolist() == ["Lamp"] * 4


def test_with_the_module_off_the_page_says_how_to_switch_it_on(store, team):
    page = page_of(store, team.ada)
    assert "module “Orders”" in page.info[0].value
    assert not [button for button in page.button if str(button.key).startswith("make-")]
    with store.writing(team.ada) as tx, pytest.raises(ModuleOff):
        inbound.make(tx, "commerce")


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_administrators_make_see_and_end_secrets(store, team, module_on, name):
    with store.writing(team.ada) as tx:
        inbound.make(tx, "commerce")
    [kept] = live(store, team)
    actor = getattr(team, name)
    for work in (
        lambda tx: inbound.make(tx, "commerce"),
        lambda tx: inbound.end(tx, kept.id),
        inbound.live,
        inbound.recent,
        inbound.count,
    ):
        with store.writing(actor) as tx, pytest.raises(Forbidden):
            work(tx)
    assert live(store, team) == [kept]
    page = page_of(store, actor)
    assert not [button for button in page.button if str(button.key).startswith("make-")]


def test_a_source_that_there_is_none_of_is_refused(store, team, module_on):
    with store.writing(team.ada) as tx, pytest.raises(Invalid, match="manual"):
        inbound.make(tx, "manual")
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.webhook_secrets") == 0
