"""Every record type has a list page and a page or drawer of one record, and each declared field is there: a field that
they forget fails here by its name. A type without a script in `pages/` has both from its declaration alone."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import imports
from crm.foundation.access import Actor, Module
from crm.foundation.language import capitalized
from crm.imports import Options
from crm.imports.run import run
from crm.platform import files, workspace
from crm.records import attributes, merging, notes, registry, segments
from crm.records.declaration import RecordType, Trait
from crm.records.listing import ListQuery
from crm.store import Store
from crm.ui import record_links
from crm.ui.records import record_actions, record_page
from tests.laws.samples import Samples
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, undo_text, unfold
from tests.people import Team

ONLY_DECLARED = pytest.mark.parametrize("of", ["visit", "custom"], indirect=True)
ONLY_VISITS = pytest.mark.parametrize("of", ["visit"], indirect=True)


@pytest.fixture
def made(store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]) -> Any:
    with store.writing(team.ada) as tx:
        return registry.room(of.key).create(tx, **samples.record(0), **apart)


def listed(store: Store, of: RecordType[Any], actor: Actor, **query: str) -> AppTest:
    page = open_page(store, record_links.list_page(of), actor, **query)
    assert not page.exception
    return page


def shown(store: Store, of: RecordType[Any], actor: Actor, record_id: int, **query: str) -> AppTest:
    page = open_page(store, record_links.record_page(of), actor, **{of.key: str(record_id)}, **query)
    assert not page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [one.label for one in page.button]


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    """The texts of a page, without what keeps them from being read as markup."""
    elements: list[Any] = [*page.title, *page.subheader, *page.caption, *page.markdown]
    elements += [*page.error, *page.warning, *page.info]
    return "\n".join(str(one.value) for one in elements).replace("\\", "")


def facts(page: AppTest) -> str:
    tables = [table.value.to_string() for table in page.table]
    return "\n".join([*tables, *(one.value for one in page.markdown if one.value.startswith("| | |"))]).replace(
        "\\", ""
    )


def widgets(page: AppTest) -> set[str]:
    boxes: list[Any] = [*page.text_input, *page.text_area, *page.number_input, *page.selectbox, *page.date_input]
    return {one.label.replace("\\", "") for one in (*boxes, *page.checkbox, *page.multiselect)}


def titles(page: AppTest) -> list[str]:
    """The names in the first column of the list."""
    return [str(name) for table in page.dataframe for name in table.value.iloc[:, 0]]


def test_each_field_is_a_column_of_the_list_page(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    page = listed(store, of, team.ada, **({"show": "table"} if of.key == "deal" else {}))
    [columns] = {key for key in page.session_state._state.filtered_state if str(key).endswith("-columns")}
    unfold(page, columns)
    offered = {one.label.replace("\\", "") for one in page.checkbox}
    renamed = {"updated_at": "Last changed", "ordered_on": "Ordered", "title": "Order"}
    for key, field in of.fields.items():
        assert offered & {field.label, renamed.get(key)}, f"{of.key}.{key} is no column of the list page"
    assert any(made.shown_name in str(table.value.to_dict()) for table in page.dataframe)


def test_each_field_is_on_the_page_of_the_record(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, made: Any
) -> None:
    page = shown(store, of, team.ada, made.id)
    text, boxes = facts(page), widgets(page) | {one.label for one in page.metric}
    elsewhere = (
        said(page)
        + " ".join(str(one.value) for one in page.metric)
        + " ".join(str(link.proto.label) for link in page.get("page_link")).replace("\\", "")
    )
    renamed = {"ordered_on": "Ordered", "active": "Active: offered for new lines"}
    hidden = {"deal": {"identifier"}}  # that of another system: in lists, files and the API
    for key, field in of.edited.items():
        if key in hidden.get(of.key, ()):
            continue
        name = getattr(made, of.name_fields[key]) if key in of.name_fields else None
        value = str(name or samples.value(key, field, 0))
        names = {field.label, renamed.get(key, field.label)}
        there = names & boxes or any(one in text for one in names) or value in text + elsewhere
        assert there, f"{of.key}.{key} is not on the page of the record"


@ONLY_VISITS
def test_facts_are_shown_as_their_kind_is(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model=of.key, name="Size", type="number")
        registry.room(of.key).edit(tx, made.id, attributes={"size": 7}, hours=12500.5)
    text = facts(shown(store, of, team.ada, made.id))
    for expected in ("12,500.5", "12.5 %", "R$1,234.50", "Feb 3, 2026", "yes", "Glad", "Ada", "North", "Size"):
        assert expected in text
    assert "[https://a.example.com/x](https://a.example.com/x)" in text


@ONLY_DECLARED
def test_an_empty_list_says_how_to_begin_and_a_new_record_opens_on_its_page(
    store: Store, team: Team, of: RecordType[Any]
) -> None:
    page = listed(store, of, team.ada)
    assert f"No {of.many} yet" in said(page)
    press(page, f"New {of.one}")
    next(one for one in page.text_input if one.label == of.fields[of.title[0]].label).set_value("At Lia's")
    press(page, f"Add {of.one}")
    assert page.title[0].value.replace("\\", "") == "At Lia's"
    assert titles(listed(store, of, team.ada)) == ["At Lia's"]
    assert f"No {of.one} matches" in said(listed(store, of, team.ada, q="nothing like it"))


@ONLY_DECLARED
def test_a_record_is_edited_on_its_page(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    page = press(shown(store, of, team.ada, made.id), "Edit")
    next(one for one in page.text_input if one.label == of.fields[of.title[0]].label).set_value("Another name")
    press(page, "Save")
    assert page.title[0].value == "Another name"
    with store.reading(team.ada) as tx:
        assert registry.room(of.key).get(tx, made.id).shown_name == "Another name"


@ONLY_DECLARED
def test_a_key_that_is_taken_leads_to_the_record_that_has_it(
    store: Store, team: Team, of: RecordType[Any], made: Any
) -> None:
    page = press(listed(store, of, team.ada), f"New {of.one}")
    next(one for one in page.text_input if one.label == of.fields[of.title[0]].label).set_value("Another one")
    next(one for one in page.text_input if one.label == "Code").set_value(made.code)
    press(page, f"Add {of.one}")
    (link,) = [one for one in page.get("page_link") if one.proto.label == f"Open that {of.one}"]
    assert (link.proto.page, link.proto.query_string) == (of.key, f"{of.key}={made.id}")


@ONLY_DECLARED
def test_a_record_is_deleted_and_restored(
    store: Store, team: Team, of: RecordType[Any], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = registry.room(of.key)
    with monkeypatch.context() as chosen:  # no AppTest chooses from a menu
        chosen.setattr(record_actions.st, "menu_button", lambda label, options, **_: options[-1])
        page = press(shown(store, of, team.ada, made.id), "Delete")
    assert undo_text(page) == f"{made.shown_name} is in the bin, for 30 days."
    assert page.title[0].value == capitalized(of.many)
    press(page, "Undo")
    with store.writing(team.ada) as tx:
        assert room.get(tx, made.id).shown_name == made.shown_name
        room.delete(tx, made.id)
    gone = shown(store, of, team.ada, made.id)
    assert f"This {of.one} is in the bin. It can be brought back within 30 days." in said(gone)
    press(gone, "Bring it back")
    assert gone.title[0].value.replace("\\", "") == made.shown_name


@ONLY_DECLARED
def test_the_way_to_a_record_that_was_merged(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, made: Any
) -> None:
    with store.writing(team.ada) as tx:
        other = registry.room(of.key).create(tx, **samples.record(1))
        merging.merge(tx, of.key, made.id, other.id)
    page = shown(store, of, team.ada, other.id)
    assert f"This {of.one} was merged into another one" in said(page)
    (link,) = [one for one in page.get("page_link") if one.proto.label == f"Open the {of.one} that it is now"]
    assert (link.proto.page, link.proto.query_string) == (of.key, f"{of.key}={made.id}")
    searched = open_page(store, "duplicates", team.ada, kind=of.key, left=str(made.id))
    assert not searched.exception
    assert made.shown_name in said(searched)
    assert not open_page(store, "duplicates", team.ada, kind=of.key).exception


@ONLY_DECLARED
@pytest.mark.parametrize("who", ["vera", "rui"])
def test_who_may_not_change_records_reads_them(
    store: Store, team: Team, of: RecordType[Any], made: Any, who: str
) -> None:
    with store.writing(team.ada) as tx:
        notes.add(tx, of.key, made.id, "Read me")
    actor = getattr(team, who)
    assert f"New {of.one}" not in labels(listed(store, of, actor))
    page = shown(store, of, actor, made.id)
    assert made.shown_name in said(page)
    assert not {"Edit", "Add note"} & set(labels(page))
    with store.writing(team.ada) as tx:
        registry.room(of.key).delete(tx, made.id)
    assert "Bring it back" not in labels(shown(store, of, actor, made.id))


@ONLY_DECLARED
def test_a_rep_does_not_see_the_record_of_another(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    owner_privacy(store, team)
    assert titles(listed(store, of, team.bob)) == []
    page = shown(store, of, team.bob, made.id)
    assert f"There is no such {of.one}, or you may not see it." in said(page)
    assert made.shown_name not in said(page)
    (link,) = [one for one in page.get("page_link") if one.proto.label == f"All {of.many}"]
    assert link.proto.page == of.plural


@ONLY_DECLARED
def test_the_pages_of_a_module_that_is_off_say_so(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, of.module or Module.OBJECTS, False)
    for page in (listed(store, of, team.ada), shown(store, of, team.ada, made.id)):
        assert "belongs to a module that is switched off" in said(page)
        assert made.shown_name not in said(page)


@ONLY_VISITS
def test_the_page_has_what_the_traits_give(
    store: Store, team: Team, of: RecordType[Any], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts() -> tuple[list[str], list[list[str]]]:
        page = shown(store, of, team.ada, made.id)
        menus = [one.proto for one in page.get("menu_button") if f"{of.key}-more" in str(one.proto.id)]
        return [tab.label for tab in page.tabs], [[str(option) for option in menu.options] for menu in menus]

    tabs = [record_page.ACTIVITY, record_page.NOTES, record_page.FILES]
    assert parts() == (tabs, [[":material/merge: Merge with …", ":material/delete: Delete"]])
    monkeypatch.setitem(registry.declared(), of.key, replace(of, traits=frozenset({Trait.ATTRIBUTES})))
    assert parts() == ([record_page.ACTIVITY], [])


@ONLY_DECLARED
def test_a_note_is_written_on_the_page(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    page = shown(store, of, team.ada, made.id)
    next(one for one in page.text_area if one.label == "New note").set_value("Wants chairs")
    press(page, "Add note")
    with store.reading(team.ada) as tx:
        assert [note.text for note in notes.of(tx, of.key, made.id)] == ["Wants chairs"]


@ONLY_VISITS
def test_links_lead_to_the_records_that_it_points_to(store: Store, team: Team, of: RecordType[Any], made: Any) -> None:
    found = {(one.proto.page, one.proto.label) for one in shown(store, of, team.ada, made.id).get("page_link")}
    assert ("contact", "Lia") in found


@ONLY_DECLARED
def test_a_list_is_searched_and_sorted_by_its_address(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, made: Any
) -> None:
    with store.writing(team.ada) as tx:
        other = registry.room(of.key).create(tx, **samples.record(1))
    assert titles(listed(store, of, team.ada, sort=of.title[0])) == [
        other.shown_name,
        made.shown_name,
    ]  # “é” comes after “f”
    assert titles(listed(store, of, team.ada, q=other.shown_name)) == [other.shown_name]
    with store.reading(team.ada) as tx:
        assert registry.room(of.key).count(tx, ListQuery()) == 2


@ONLY_DECLARED
def test_imports_and_segments_lead_to_the_list(store: Store, team: Team, of: RecordType[Any]) -> None:
    sha256, size = files.keep(store, [f"{of.title[0]}\nAt home\n".encode()], 2**20)
    with store.writing(team.ada) as tx:
        upload = files.register(tx, sha256=sha256, file_name="visits.csv", size=size)
        begun = imports.begin(tx, of.plural, upload.id, Options(), queue=False)
        homes = segments.create(tx, kind=of.plural, name="Homes", search="home")
    run(store, begun.id)
    page = open_page(store, "imports", team.ada, **{"import": str(begun.id)})
    (link,) = [one for one in page.get("page_link") if one.proto.label == f"Open {of.many}"]
    assert link.proto.page == of.plural
    (kept,) = [one for one in open_page(store, "segments", team.ada).get("page_link") if "Homes" in one.proto.label]
    assert (kept.proto.page, kept.proto.query_string) == (of.plural, f"segment={homes.id}")
    assert titles(listed(store, of, team.ada, segment=str(homes.id))) == ["At home"]
