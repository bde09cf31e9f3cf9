"""Notes on records: who may read, write, pin and delete them, and what the history of the record keeps."""

import pytest

from crm import companies, contacts, deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.records import notes
from crm.records.history import history
from crm.records.notes import Note
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def records(store: Store, team: Team) -> dict[str, int]:
    """A record of Ana's of each kind."""
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        return {
            "contact": contacts.create(tx, name="Zoe").id,
            "company": companies.create(tx, name="Aurora").id,
            "deal": deals.create(tx, title="Chairs", pipeline_id=sales.id).id,
        }


@pytest.fixture
def note(store: Store, team: Team, records: dict[str, int]) -> Note:
    """Ana's, on her contact."""
    with store.writing(team.ana) as tx:
        return notes.add(tx, "contact", records["contact"], "Likes **chairs**")


@pytest.mark.parametrize("kind", ["contact", "company", "deal"])
def test_a_note_stands_beside_any_record(store: Store, team: Team, records: dict[str, int], kind: str) -> None:
    with store.writing(team.ana) as tx:
        notes.add(tx, kind, records[kind], "  First line\n\n- and a list ")
    with store.reading(team.vera) as tx:
        (found,) = notes.of(tx, kind, records[kind])
        assert (found.text, found.author_name, found.version) == ("First line\n\n- and a list", "Ana", 1)
        assert history(tx, kind, records[kind])[0].name == "note.added"


def test_pinned_notes_come_first_and_then_the_newest(store: Store, team: Team, note: Note) -> None:
    with store.writing(team.ana) as tx:
        notes.add(tx, "contact", note.subject_id, "Second")
        notes.add(tx, "contact", note.subject_id, "Third")
    with store.writing(team.bob) as tx:
        notes.pin(tx, note.id)
        assert [one.text for one in notes.of(tx, "contact", note.subject_id)] == ["Likes **chairs**", "Third", "Second"]
        notes.unpin(tx, note.id)
        assert [one.text for one in notes.of(tx, "contact", note.subject_id)] == ["Third", "Second", "Likes **chairs**"]


def test_its_author_changes_a_note_and_the_history_keeps_both_texts(store: Store, team: Team, note: Note) -> None:
    with store.writing(team.ana) as tx:
        changed = notes.edit(tx, note.id, "Likes tables", version=note.version)
        assert (changed.text, changed.version) == ("Likes tables", 2)
        (event, *_) = history(tx, "contact", note.subject_id)
        assert event.payload["changes"] == {"text": ["Likes **chairs**", "Likes tables"]}


def test_a_note_that_was_changed_since_is_not_written_over(store: Store, team: Team, note: Note) -> None:
    with store.writing(team.ana) as tx:
        notes.edit(tx, note.id, "Second thought")
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        notes.edit(tx, note.id, "From an old page", version=note.version)
    with store.reading(team.ana) as tx:
        assert notes.get(tx, note.id).text == "Second thought"


@pytest.mark.parametrize("person", ["bob", "marta", "ada", "vera", "rui"])
def test_nobody_else_changes_a_note(store: Store, team: Team, note: Note, person: str) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        notes.edit(tx, note.id, "Not mine")
    with store.reading(team.ana) as tx:
        assert notes.get(tx, note.id) == note


@pytest.mark.parametrize("person", ["bob", "marta", "vera", "rui"])
def test_a_note_is_deleted_by_its_author_or_an_administrator_alone(
    store: Store, team: Team, note: Note, person: str
) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        notes.delete(tx, note.id)
    with store.writing(team.ada) as tx:
        notes.delete(tx, note.id)
        assert notes.of(tx, "contact", note.subject_id) == []
        assert history(tx, "contact", note.subject_id)[0].payload["text"] == "Likes **chairs**"


@pytest.mark.parametrize(("person", "kind"), [("vera", "contact"), ("rui", "company"), ("vera", "deal")])
def test_who_may_not_change_a_record_writes_no_note_on_it(
    store: Store, team: Team, records: dict[str, int], person: str, kind: str
) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        notes.add(tx, kind, records[kind], "Hello")
    with store.reading(team.ana) as tx:
        assert notes.of(tx, kind, records[kind]) == []


def test_notes_of_a_record_that_one_may_not_see_do_not_exist(
    store: Store, team: Team, records: dict[str, int], note: Note
) -> None:
    owner_privacy(store, team)
    with store.reading(team.bob) as tx:
        with pytest.raises(NotFound):
            notes.of(tx, "contact", records["contact"])
        with pytest.raises(NotFound):
            notes.get(tx, note.id)
        assert tx.value("SELECT count(*) FROM notes") == 0
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        notes.pin(tx, note.id)


def test_a_note_on_what_is_in_the_bin_is_out_of_sight_until_it_comes_back(store: Store, team: Team, note: Note) -> None:
    with store.writing(team.ana) as tx:
        contacts.delete(tx, note.subject_id)
        with pytest.raises(NotFound):
            notes.get(tx, note.id)
        contacts.restore(tx, note.subject_id)
        assert notes.get(tx, note.id) == note


def test_with_deals_switched_off_nothing_is_written_on_them(store: Store, team: Team, records: dict[str, int]) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, on=False)
    with pytest.raises(ModuleOff), store.writing(team.ana) as tx:
        notes.add(tx, "deal", records["deal"], "Hello")


@pytest.mark.parametrize("text", ["", " \n\t ", "a\0b", "\ud800", "x" * (notes.LONGEST + 1)])
def test_a_text_that_is_none_is_refused(store: Store, team: Team, records: dict[str, int], text: str) -> None:
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        notes.add(tx, "contact", records["contact"], text)
    with store.reading(team.ana) as tx:
        assert notes.of(tx, "contact", records["contact"]) == []


def test_a_note_makes_no_version_of_its_record(store: Store, team: Team, note: Note) -> None:
    """So that nobody's open form turns stale by it, and those that do are told what really changed."""
    with store.writing(team.bob) as tx:
        contacts.edit(tx, note.subject_id, version=1, city="Recife")
    with store.writing(team.ana) as tx:
        notes.add(tx, "contact", note.subject_id, "Another")
    with pytest.raises(Stale, match="Bob changed"), store.writing(team.ana) as tx:
        contacts.edit(tx, note.subject_id, version=1, city="Natal")


def test_an_unknown_kind_of_record_is_refused(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="no kind of record"), store.writing(team.ana) as tx:
        notes.add(tx, "users", 1, "Hello")
