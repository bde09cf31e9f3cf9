"""Labels on deals: put on and taken off, merged and deleted, found by, on cards, in files, and only by who may."""

import pytest

from crm import contacts, deals, exports
from crm.deals import Deal
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, ModuleOff, NotFound, Stale
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import labels
from crm.records.filters import Related, Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, unfold
from tests.people import Team

LABELS = "deal-{}-labels"
"""The key of the popover in which the labels of a deal are chosen."""


@pytest.fixture
def hot(store: Store, team: Team, chairs: Deal) -> Deal:
    with store.writing(team.ana) as tx:
        return deals.set_labels(tx, chairs.id, ["Hot", "tender"])


def test_labels_are_set_exactly_and_their_change_is_in_the_history(store: Store, team: Team, hot: Deal) -> None:
    assert (hot.labels, hot.version) == (("Hot", "tender"), 2)
    with store.writing(team.ana) as tx:
        assert deals.set_labels(tx, hot.id, ["hot"], version=2).labels == ("Hot",)
        assert deals.set_labels(tx, hot.id, ["HOT"]).version == 3
    with store.reading(team.ana) as tx:
        changes = [event.payload.get("changes") for event in history(tx, "deal", hot.id)]
        assert {"labels": [["Hot", "tender"], ["Hot"]]} in changes
        assert deals.find(tx, ListQuery()).items[0]["labels"] == ["Hot"]


def test_labels_are_not_set_over_what_somebody_else_made_of_the_deal(store: Store, team: Team, hot: Deal) -> None:
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        deals.set_labels(tx, hot.id, [], version=1)
    with store.reading(team.ana) as tx:
        assert deals.get(tx, hot.id) == hot


@pytest.mark.parametrize("person", ["rui", "vera"])
def test_who_may_not_change_deals_sets_no_labels(store: Store, team: Team, hot: Deal, person: str) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        deals.set_labels(tx, hot.id, [])
    page = open_page(store, "deal", getattr(team, person), deal=str(hot.id))
    assert "Hot" in "".join(one.value for one in page.markdown)
    assert not page.multiselect
    assert not unfold(page, LABELS.format(hot.id)).multiselect
    with store.reading(team.ana) as tx:
        assert deals.get(tx, hot.id) == hot


def test_a_deal_of_another_is_not_there_to_be_labelled(store: Store, team: Team, hot: Deal) -> None:
    owner_privacy(store, team)
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        deals.set_labels(tx, hot.id, [])
    with store.reading(team.bob) as tx:
        assert labels.uses(tx) == {}
        assert tx.rows("FROM deal_labels") == []


def test_a_module_that_is_off_takes_the_labels_of_its_deals_with_it(store: Store, team: Team, hot: Deal) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with store.reading(team.ada) as tx:
        assert labels.uses(tx) == {}
    with pytest.raises(ModuleOff), store.writing(team.ana) as tx:
        deals.set_labels(tx, hot.id, [])


def test_deals_and_their_contacts_are_found_by_label(store: Store, team: Team, hot: Deal, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoe")
        other = deals.create(tx, title="Tables", pipeline_id=sales.id, contact_id=zoe.id)
        deals.set_labels(tx, other.id, ["tender"])
        by_name = {label.name: label.id for label in labels.all_of(tx)}

        def found(rule: Rule) -> set[str]:
            return {row["title"] for row in deals.find(tx, ListQuery(filter=rule)).items}

        assert found(Rule(field="label", op="is", value=by_name["Hot"])) == {"Chairs"}
        assert found(Rule(field="label", op="is_not", value=by_name["Hot"])) == {"Tables"}
        assert found(Rule(field="label", op="is", value=by_name["tender"])) == {"Chairs", "Tables"}
        tender = Rule(field="label", op="is", value=by_name["tender"])
        people = contacts.find(tx, ListQuery(filter=Related(relation="deals", of=(tender,))))
        assert [row["name"] for row in people.items] == ["Zoe"]


def test_a_card_shows_its_labels(store: Store, team: Team, hot: Deal, sales: Pipeline) -> None:
    with store.reading(team.ana) as tx:
        card = deals.board(tx, sales.id).columns[0].cards[0]
    assert [label.name for label in card.labels] == ["Hot", "tender"]


def test_merging_and_deleting_a_label_reaches_deals(store: Store, team: Team, hot: Deal) -> None:
    with store.writing(team.ada) as tx:
        by_name = {label.name: label.id for label in labels.all_of(tx)}
        labels.merge(tx, by_name["Hot"], into=by_name["tender"])
        assert deals.get(tx, hot.id).labels == ("tender",)
        assert labels.uses(tx) == {by_name["tender"]: {"deals": 1}}
        assert labels.delete(tx, by_name["tender"]) == {"contacts": 0, "deals": 1, "orders": 0}
        assert deals.get(tx, hot.id).labels == ()
    assert verify(store) == []


def test_a_deal_out_of_the_bin_has_its_labels_again(store: Store, team: Team, hot: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, hot.id)
        assert deals.restore(tx, hot.id).labels == ("Hot", "tender")


def test_the_page_of_a_deal_puts_labels_on(store: Store, team: Team, hot: Deal) -> None:
    page = open_page(store, "deal", team.ana, deal=str(hot.id))
    unfold(page, LABELS.format(hot.id)).multiselect[0].set_value(["tender"]).run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        assert deals.get(tx, hot.id).labels == ("tender",)


def test_a_file_of_deals_holds_their_labels(store: Store, team: Team, hot: Deal) -> None:
    with store.writing(team.marta) as tx:
        assert exports.table(tx, "deals", ListQuery()).column("Labels").to_pylist() == ["Hot; tender"]
