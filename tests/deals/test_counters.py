"""What is counted on cards and pages: notes, files, and items of checklists."""

import json
import re
from datetime import date

import pytest

from crm import contacts, deals
from crm.deals import Counters, Deal
from crm.pipelines import Pipeline
from crm.platform import files
from crm.records import attachments, checklists, notes
from crm.store import Store
from crm.ui.views.board_payload import payload
from tests.pages import open_page
from tests.people import Team


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    """With two notes, a file, and three items, one of them done; beside another without any."""
    sha256, size = files.keep(store, [b"plan"], 2**20)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id)
        deals.create(tx, title="Desks", pipeline_id=sales.id)
        same_number = contacts.create(tx, name="Lia")
        assert same_number.id == made.id
        notes.add(tx, "contact", same_number.id, "Of a contact of the same number")
        for text in ("First", "Second"):
            notes.add(tx, "deal", made.id, text)
        attachments.attach(tx, "deal", made.id, sha256=sha256, file_name="plan.txt", size=size, media_type="text/plain")
        for name, texts in (("Offer", ["Measure", "Draw"]), ("Start", ["Greet"])):
            listed = checklists.add(tx, made.id, name)
            for text in texts:
                item = checklists.add_item(tx, listed.id, text)
        checklists.tick(tx, item.id)
    return made


def test_each_is_counted_of_its_own_deal(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.reading(team.vera) as tx:
        shown = {card.title: card.counters for card in deals.board(tx, sales.id).columns[0].cards}
    assert shown == {"Chairs": Counters(notes=2, files=1, items=3, done=1), "Desks": Counters()}


def test_a_card_says_its_counts_to_those_who_do_not_see_icons(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.reading(team.vera) as tx:
        found = deals.board(tx, sales.id)
    drawn = json.loads(payload(found, {}, readonly=True, today=date(2026, 11, 27), locale="en"))
    desks, chairs_ = sorted(drawn["columns"][0]["cards"], key=lambda card: card["title"], reverse=True)
    assert desks["counts"] == []
    assert [(one["icon"], one["text"]) for one in chairs_["counts"]] == [
        ("sticky_note_2", "2"),
        ("attach_file", "1"),
        ("checklist", "1/3"),
    ]
    assert chairs_["spoken"].endswith("2 notes, 1 file, 1 of 3 items done")


def test_the_page_of_a_deal_shows_its_counts(store: Store, team: Team, chairs: Deal) -> None:
    page = open_page(store, "deal", team.vera, deal=str(chairs.id))
    styles = "".join(str(block.proto.body) for block in page.get("html"))
    notes_and_files = [(1, 2), (3, 1)]  # the places of the tabs, and what stands beside their labels
    found = re.findall(r"nth-child\((\d+) of [^{]*\{ content: \"(\d+)\"", styles)
    assert [(int(place), int(count)) for place, count in found] == notes_and_files
    assert "1/3" in [caption.value for caption in page.caption]
