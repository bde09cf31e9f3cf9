"""Privacy requests on the pages: who is offered them, what they say, and what they do."""

import pytest

from crm.platform import backups
from crm.privacy import erasing
from crm.ui.records.erasing import ask, hand_out
from crm.ui.records.record_actions import ACTIONS
from crm.worker import work_one
from tests.pages import open_page


@pytest.mark.parametrize(("who", "offered"), [("ada", True), ("marta", False), ("ana", False)])
def test_only_administrators_are_offered_it(store, team, world, who, offered):
    actor = getattr(team, who)
    entries = [one for one in ACTIONS if one.run in (ask, hand_out)]
    assert {one.offered(actor, world.lia) for one in entries} == {offered}
    assert {one.kinds for one in entries} == {("contact",)}


def test_the_receipts_and_backups_are_listed(store, team, world):
    made = backups.make(store, team.ada)
    with store.writing(team.ada) as tx:
        erasing.begin(tx, world.lia.id, sure=erasing.SURE)
    while work_one(store):
        pass
    page = open_page(store, "settings", team.ada, section="Privacy")
    assert not page.exception
    said = " ".join(one.value for one in page.markdown)
    assert f"contact number {world.lia.id}" in said
    assert "1 backup from before may still hold this person" in said
    page.button(key="drop-of-1").click().run()
    assert any(made.name.replace("-", r"\-") in one.value for one in page.markdown)
    backups.drop(store, team.ada, [made.name])
    page.run()
    assert "1 backup from before" not in " ".join(one.value for one in page.markdown)


def test_without_any_the_page_says_so(store, team):
    page = open_page(store, "settings", team.ada, section="Privacy")
    assert [info.value for info in page.info] == [
        "Nobody was erased yet.",
        "There is no backup. Settings › Workspace makes one.",
    ]


@pytest.mark.parametrize("who", ["marta", "ana", "rui", "vera"])
def test_nobody_else_sees_the_receipts(store, team, who):
    page = open_page(store, "settings", getattr(team, who), section="Privacy")
    assert "may not manage settings" in page.error[0].value
