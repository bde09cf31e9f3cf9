"""Lists and items of a deal: writing, ticking, removing, who may, and who is told."""

from datetime import date, timedelta

import pytest

from crm import deals
from crm.deals import Deal
from crm.foundation.access import Module
from crm.foundation.errors import CrmError, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.platform.people import users
from crm.records import checklists
from crm.records.checklists import Checklist
from crm.records.history import history
from crm.store import Store
from crm.ui.components.sentences import group, sentence
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.people import Team

VERBS = [
    lambda tx, deal, offer: checklists.add(tx, deal.id, "Another"),
    lambda tx, deal, offer: checklists.rename(tx, offer.id, "Another"),
    lambda tx, deal, offer: checklists.remove(tx, offer.id),
    lambda tx, deal, offer: checklists.add_item(tx, offer.id, "Another"),
    lambda tx, deal, offer: checklists.edit_item(tx, offer.items[0].id, text="Another"),
    lambda tx, deal, offer: checklists.tick(tx, offer.items[0].id),
    lambda tx, deal, offer: checklists.untick(tx, offer.items[0].id),
    lambda tx, deal, offer: checklists.remove_item(tx, offer.items[0].id),
    lambda tx, deal, offer: checklists.arrange(tx, deal.id, {offer.id: [offer.items[2].id]}),
]


def now(store: Store, team: Team, offer: Checklist) -> Checklist:
    with store.reading(team.marta) as tx:
        return checklists.get(tx, offer.id)


def happened(store: Store, team: Team, deal: Deal) -> list[str]:
    with store.reading(team.marta) as tx:
        return [sentence(event) for event in history(tx, "deal", deal.id)]


def test_what_is_ticked_is_counted_and_says_who_did_it_and_when(store: Store, team: Team, offer: Checklist) -> None:
    with store.writing(team.bob) as tx:
        ticked = checklists.tick(tx, offer.items[1].id)
        assert (ticked.done_by_name, ticked.done_at) == ("Bob", tx.now)
    listed = now(store, team, offer)
    assert (listed.done, listed.total) == (1, 3)
    assert [item.is_done for item in listed.items] == [False, True, False]
    with store.writing(team.ana) as tx:
        opened = checklists.untick(tx, offer.items[1].id)
        assert (opened.done_by, opened.done_at) == (None, None)
    assert now(store, team, offer).done == 0


def test_who_ticked_first_did_it(store: Store, team: Team, offer: Checklist) -> None:
    with store.writing(team.bob) as tx:
        checklists.tick(tx, offer.items[0].id)
    with store.writing(team.ana) as tx:
        assert checklists.tick(tx, offer.items[0].id).done_by_name == "Bob"


def test_nothing_on_a_checklist_makes_a_version_of_the_deal(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    """So that nobody's open form turns stale by it, and those that do are told what really changed."""
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, version=chairs.version, source="Fair")
    for verb in VERBS[3:]:
        with store.writing(team.ana) as tx:
            verb(tx, chairs, offer)
    with pytest.raises(Stale, match="Bob changed “Chairs”: source"), store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, version=chairs.version, source="Web")


def test_an_edit_from_an_old_look_is_refused_but_a_tick_makes_none_old(
    store: Store, team: Team, offer: Checklist
) -> None:
    measure = offer.items[0]
    with store.writing(team.bob) as tx:
        checklists.tick(tx, measure.id)
    with store.writing(team.ana) as tx:
        checklists.edit_item(tx, measure.id, text="Measure twice", version=measure.version)
    with pytest.raises(Stale), store.writing(team.bob) as tx:
        checklists.edit_item(tx, measure.id, text="Cut once", version=measure.version)
    assert now(store, team, offer).items[0].text == "Measure twice"


def test_only_what_is_given_changes(store: Store, team: Team, offer: Checklist) -> None:
    day = date(2026, 12, 31)
    with store.writing(team.ana) as tx:
        checklists.edit_item(tx, offer.items[0].id, due_on=day, assignee_id=team.ids.bob)
        checklists.edit_item(tx, offer.items[0].id, text="Measure again")
        edited = checklists.edit_item(tx, offer.items[0].id, due_on=None)
    assert (edited.text, edited.due_on, edited.assignee_name) == ("Measure again", None, "Bob")


def test_an_item_is_late_the_day_after_it_was_due_unless_it_is_done(store: Store, team: Team, offer: Checklist) -> None:
    with store.writing(team.ana) as tx:
        item = checklists.edit_item(tx, offer.items[0].id, due_on=tx.today)
        assert not item.is_late(tx.today)
        assert item.is_late(tx.today + timedelta(days=1))
        assert not checklists.tick(tx, item.id).is_late(tx.today + timedelta(days=1))


def test_who_has_left_or_cannot_see_the_deal_gets_nothing_to_do(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    owner_privacy(store, team)
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.rui)
    for someone in (team.ids.bob, team.ids.rui, 999):
        with pytest.raises(Invalid, match="no such active user"), store.writing(team.ana) as tx:
            checklists.add_item(tx, offer.id, "Call", assignee_id=someone)
    with store.reading(team.ana) as tx:
        assert list(checklists.assignable(tx, chairs.id).values()) == ["Ada", "Ana", "Marta"]
    assert now(store, team, offer) == offer


def test_an_item_of_who_has_left_can_still_be_changed(store: Store, team: Team, offer: Checklist) -> None:
    with store.writing(team.ana) as tx:
        item = checklists.edit_item(tx, offer.items[0].id, assignee_id=team.ids.bob)
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.bob)
    with store.writing(team.ana) as tx:
        edited = checklists.edit_item(tx, item.id, text="Measure it all", assignee_id=team.ids.bob)
    assert (edited.text, edited.assignee_name) == ("Measure it all", "Bob")


def test_the_timeline_says_what_happened_under_a_kind_of_its_own(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    with store.writing(team.ana) as tx:
        checklists.tick(tx, offer.items[0].id)
        checklists.untick(tx, offer.items[0].id)
        checklists.edit_item(tx, offer.items[0].id, text="Measure twice")
        checklists.remove_item(tx, offer.items[1].id)
        checklists.rename(tx, offer.id, "The offer")
        checklists.remove(tx, offer.id)
        found = history(tx, "deal", chairs.id)
    assert [sentence(event) for event in found[:6]] == [
        "Ana removed the checklist “The offer”",
        "Ana renamed a checklist",
        "Ana removed “Draw” from the checklist",
        "Ana changed “Measure” on the checklist",
        "Ana unticked “Measure”",
        "Ana ticked “Measure”",
    ]
    assert {group(event) for event in found[:6]} == {"Checklists"}
    assert found[0].payload["text"] == "☐ Measure twice\n☐ Send"


@pytest.mark.parametrize("person", ["vera", "rui"])
@pytest.mark.parametrize("verb", VERBS)
def test_who_may_not_change_deals_changes_nothing_on_their_checklists(
    store: Store, team: Team, chairs: Deal, offer: Checklist, person: str, verb
) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        verb(tx, chairs, offer)
    assert now(store, team, offer) == offer
    with store.reading(getattr(team, person)) as tx:
        assert checklists.of(tx, chairs.id) == [offer]


@pytest.mark.parametrize("verb", VERBS)
def test_checklists_of_a_deal_that_one_may_not_see_do_not_exist(
    store: Store, team: Team, chairs: Deal, offer: Checklist, verb
) -> None:
    owner_privacy(store, team)
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        verb(tx, chairs, offer)
    with store.reading(team.bob) as tx:
        with pytest.raises(NotFound):
            checklists.of(tx, chairs.id)
        with pytest.raises(NotFound):
            checklists.item(tx, offer.items[0].id)
        assert tx.value("SELECT count(*) FROM checklist_items") == tx.value("SELECT count(*) FROM checklists") == 0
    assert now(store, team, offer) == offer


@pytest.mark.parametrize("verb", VERBS)
def test_with_deals_switched_off_there_are_no_checklists(
    store: Store, team: Team, chairs: Deal, offer: Checklist, verb
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, on=False)
    with pytest.raises(ModuleOff), store.writing(team.ana) as tx:
        verb(tx, chairs, offer)
    with store.reading(team.ada) as tx:
        assert tx.value("SELECT count(*) FROM checklist_items") == 0
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, on=True)
    assert now(store, team, offer) == offer


def test_the_checklist_of_a_deal_in_the_bin_comes_back_with_it(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
        with pytest.raises(NotFound):
            checklists.item(tx, offer.items[0].id)
        deals.restore(tx, chairs.id)
        assert checklists.of(tx, chairs.id) == [offer]


@pytest.mark.parametrize("text", ["", " \n ", "a\0b", "\ud800", "x" * (checklists.LONGEST + 1)])
def test_a_text_that_is_none_is_refused(store: Store, team: Team, chairs: Deal, offer: Checklist, text: str) -> None:
    for verb in (
        lambda tx: checklists.add_item(tx, offer.id, text),
        lambda tx: checklists.edit_item(tx, offer.items[0].id, text=text),
        lambda tx: checklists.add(tx, chairs.id, text),
        lambda tx: checklists.rename(tx, offer.id, text),
    ):
        with pytest.raises(Invalid), store.writing(team.ana) as tx:
            verb(tx)
    assert now(store, team, offer) == offer


def test_a_list_takes_no_more_items_than_a_page_shows(store: Store, team: Team, offer: Checklist) -> None:
    with store.writing(team.ana) as tx:
        for number in range(checklists.MOST_ITEMS - offer.total):
            checklists.add_item(tx, offer.id, f"Step {number}")
    with pytest.raises(CrmError, match="at most"), store.writing(team.ana) as tx:
        checklists.add_item(tx, offer.id, "One more")


def test_an_item_that_strayed_to_another_deal_is_found(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    with store.writing(team.ana) as tx:
        other = deals.create(tx, title="Desks", pipeline_id=chairs.pipeline_id)
    assert verify(store) == []
    with store.writing(team.ana) as tx:
        tx.run("UPDATE base.checklist_items SET deal_id = $id WHERE text = 'Draw'", id=other.id)
        tx.run("UPDATE base.checklist_items SET done_by = 1 WHERE text = 'Send'")
    assert [fault.split(", such as")[0] for fault in verify(store)] == [
        "1 × an item of a checklist of another deal",
        "1 × an item that is done by nobody, or by somebody at no time",
    ]
