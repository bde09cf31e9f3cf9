"""Notes, files and the timeline on the pages of records, as each of the people sees them."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, pipelines
from crm.platform import files
from crm.records import attachments, notes
from crm.records.attachments import Attachment
from crm.store import Store
from tests.pages import open_page, pick, unfold
from tests.people import Team

KINDS = ("contact", "company", "deal")


def html(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(str(block.proto.body) for block in page.get("html"))


def buttons(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def said(page: AppTest) -> str:
    elements: list[Any] = [*page.caption, *page.error, *page.markdown]
    return "\n".join(str(element.value) for element in elements)


@pytest.fixture
def records(store: Store, team: Team) -> dict[str, int]:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        return {
            "contact": contacts.create(tx, name="Zoe").id,
            "company": companies.create(tx, name="Aurora").id,
            "deal": deals.create(tx, title="Chairs", pipeline_id=sales.id).id,
        }


def attached(store: Store, team: Team, contact_id: int, name: str, content: bytes) -> Attachment:
    sha256, size = files.keep(store, [content], 2**20)
    media_type = attachments.media_type(files.folder(store) / sha256, name)
    with store.writing(team.ana) as tx:
        return attachments.attach(
            tx, "contact", contact_id, sha256=sha256, file_name=name, size=size, media_type=media_type
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_note_is_written_where_the_record_is_shown(
    store: Store, team: Team, records: dict[str, int], kind: str
) -> None:
    page = open_page(store, kind, team.ana, **{kind: str(records[kind])})
    next(area for area in page.text_area if area.label == "New note").set_value("Likes **chairs** <b>x</b>")
    button(page, "Add note").click().run()
    for tab in ("Notes", "Activity"):
        unfold(page, f"{kind}-tabs", tab)
        assert "<strong>chairs</strong> &lt;b&gt;x&lt;/b&gt;" in html(page)
    assert "Ana wrote a note" in html(page)
    assert next(area for area in page.text_area if area.label == "New note").value == ""
    with store.reading(team.ana) as tx:
        assert [note.text for note in notes.of(tx, kind, records[kind])] == ["Likes **chairs** <b>x</b>"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("person", ["vera", "rui"])
def test_who_may_only_look_is_offered_nothing_to_write(
    store: Store, team: Team, records: dict[str, int], kind: str, person: str
) -> None:
    with store.writing(team.ana) as tx:
        notes.add(tx, kind, records[kind], "Read me")
    page = open_page(store, kind, getattr(team, person), **{kind: str(records[kind])})
    assert not page.text_area
    unfold(page, f"{kind}-tabs", "Notes")
    assert "Read me" in html(page)
    assert "Add note" not in buttons(page)
    assert not unfold(page, f"{kind}-tabs", "Files").get("file_uploader")


def test_the_timeline_says_what_a_note_was_and_is_as_the_notes_do(
    store: Store, team: Team, records: dict[str, int]
) -> None:
    with store.writing(team.ana) as tx:
        note = notes.add(tx, "contact", records["contact"], "Likes *oak*")
        notes.edit(tx, note.id, "Likes **elm** <img src=x>")
        contacts.edit(tx, records["contact"], city="*Recife*")
    told = html(open_page(store, "contact", team.bob, contact=str(records["contact"])))
    assert "Likes <em>oak</em>" in told
    assert "Likes <strong>elm</strong> &lt;img src=x&gt;" in told
    assert "*Recife*" in told  # no note: as it was typed


def test_a_deals_page_opens_on_its_notes_the_newest_first(store: Store, team: Team, records: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        for text in ("Wants forty", "Wants fifty"):
            notes.add(tx, "deal", records["deal"], text)
    page = open_page(store, "deal", team.ana, deal=str(records["deal"]))
    assert [tab.label for tab in page.tabs][:3] == ["Notes", "Activity", "Files"]
    assert "New note" in [area.label for area in page.text_area]
    shown = html(page)
    assert 0 < shown.index("Wants fifty") < shown.index("Wants forty")
    assert "class='timeline'" not in shown
    assert "Ana wrote a note" in html(unfold(page, "deal-tabs", "Activity"))


def test_pictures_from_elsewhere_and_scripts_in_a_note_are_only_text(
    store: Store, team: Team, records: dict[str, int]
) -> None:
    with store.writing(team.ana) as tx:
        notes.add(
            tx,
            "contact",
            records["contact"],
            "![x](https://spy.example/x.png) [a](javascript:alert(1)) <img src=x onerror=alert(1)>",
        )
    page = open_page(store, "contact", team.bob, contact=str(records["contact"]))
    shown = html(unfold(page, "contact-tabs", "Notes"))
    assert "<img" not in shown
    assert 'javascript:alert(1)"' not in shown
    assert "&lt;img src=x" in shown


def test_a_pinned_note_is_shown_above_everything_else(store: Store, team: Team, records: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        notes.add(tx, "contact", records["contact"], "Calls on Mondays only", pinned=True)
    page = open_page(store, "contact", team.bob, contact=str(records["contact"]))
    unfold(page, "contact-tabs", "Notes")
    prose = [str(block.proto.body) for block in page.get("html") if "class='prose'" in str(block.proto.body)]
    assert len([one for one in prose if "Calls on Mondays only" in one]) == 2


def test_the_author_edits_a_note_in_place_and_another_person_cannot(
    store: Store, team: Team, records: dict[str, int]
) -> None:
    with store.writing(team.ana) as tx:
        note = notes.add(tx, "contact", records["contact"], "First")
    page = unfold(open_page(store, "contact", team.ana, contact=str(records["contact"])), "contact-tabs", "Notes")
    menu = next(found for found in page.get("menu_button") if f"note-{note.id}" in str(found.proto.id))
    assert [option.split(": ")[-1] for option in menu.proto.options] == ["Edit", "Pin", "Delete"]
    others = unfold(open_page(store, "contact", team.bob, contact=str(records["contact"])), "contact-tabs", "Notes")
    menu = next(found for found in others.get("menu_button") if f"note-{note.id}" in str(found.proto.id))
    assert [option.split(": ")[-1] for option in menu.proto.options] == ["Pin"]


def test_files_are_listed_with_what_can_be_done_with_each(store: Store, team: Team, records: dict[str, int]) -> None:
    picture = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    photo = attached(store, team, records["contact"], "photo.png", picture)
    attached(store, team, records["contact"], "<b>list.txt", b"one, two")
    page = open_page(store, "contact", team.ana, contact=str(records["contact"]))
    assert "Ana attached photo.png" in html(page)
    unfold(page, "contact-tabs", "Files")
    assert r"\_b\_list\.txt" in said(page)  # neither a tag, nor Markdown
    assert buttons(page).count("Preview") == 1
    assert buttons(page).count("Remove") == 2
    assert f"src='/files/{photo.id}/thumbnail'" in html(page)
    assert f"src='/files/{photo.id}/preview'" not in html(page)
    others = unfold(open_page(store, "contact", team.bob, contact=str(records["contact"])), "contact-tabs", "Files")
    assert "Remove" not in buttons(others)


def test_the_timeline_is_narrowed_to_one_kind_of_news(store: Store, team: Team, records: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        notes.add(tx, "contact", records["contact"], "Hello")
        contacts.edit(tx, records["contact"], city="Recife")
    page = open_page(store, "contact", team.ana, contact=str(records["contact"]))
    timeline = next(block for block in page.get("html") if "class='timeline'" in str(block.proto.body))
    assert "Ana wrote a note" in str(timeline.proto.body)
    assert "<s>–</s> → Recife" in str(timeline.proto.body)
    page.session_state[f"contact-{records['contact']}-timeline-kind"] = "Notes"
    page.run()
    timeline = next(block for block in page.get("html") if "class='timeline'" in str(block.proto.body))
    assert "Ana wrote a note" in str(timeline.proto.body)
    assert "Recife" not in str(timeline.proto.body)


def test_a_contact_is_linked_and_unlinked_on_the_page_of_its_company(
    store: Store, team: Team, records: dict[str, int]
) -> None:
    page = open_page(store, "company", team.ana, company=str(records["company"]))
    unfold(page, f"company-{records['company']}-link-contact")
    pick(page, f"company-{records['company']}-find-contact", records["contact"])
    with store.reading(team.ana) as tx:
        assert contacts.get(tx, records["contact"]).company_id == records["company"]
    unfold(page, f"company-{records['company']}-unlink-contact")
    page.button(key=f"unlink-contact-{records['contact']}").click().run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        assert contacts.get(tx, records["contact"]).company_id is None
