"""Pages of a custom type that were built before its definition was changed."""

import pytest

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import registry
from crm.store import Store
from crm.ui import as_defined
from crm.ui.forms import layout, record_form
from tests.pages import open_page
from tests.people import Team


def test_a_page_built_before_a_field_was_deleted_runs_anew(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    reruns: list[str] = []
    monkeypatch.setattr(as_defined.st, "rerun", lambda: reruns.append("rerun"))
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
        level = objects.add_field(tx, course.id, name="Level", type="text").definition.id
    of = registry.get(course.kind)
    with store.reading(team.ana) as tx:
        as_defined.check(of)
    assert reruns == []
    with store.writing(team.marta) as tx:
        registry.room(of.key).create(tx, name="English", level="B2", owner_id=team.ids.ana)
        objects.delete_field(tx, level)
    with store.reading(team.ana):
        as_defined.check(of)
    assert reruns == ["rerun"]


class Rerun(Exception):
    """The run that ends for another."""


def test_a_drawer_that_runs_alone_draws_no_field_that_was_deleted(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rerun() -> None:
        raise Rerun

    monkeypatch.setattr(as_defined.st, "rerun", rerun)
    monkeypatch.setattr(record_form.session, "reading", lambda: store.reading(team.marta))
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
        level = objects.add_field(tx, course.id, name="Level", type="text").definition.id
    form = layout.declared(registry.get(course.kind))
    with store.writing(SYSTEM) as tx:
        objects.delete_field(tx, level)
    with pytest.raises(Rerun):
        record_form.begin(form, form.new)


def test_a_list_that_is_open_shows_no_field_that_was_deleted(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
        level = objects.add_field(tx, course.id, name="Level", type="text").definition.id
        registry.room(course.kind).create(tx, name="English", level="B2", owner_id=team.ids.ana)
    page = open_page(store, registry.get(course.kind).plural, team.ana)
    assert "Level" in page.dataframe[0].value.columns
    with store.writing(SYSTEM) as tx:
        objects.delete_field(tx, level)
    page = open_page(store, registry.get(course.kind).plural, team.ana)
    assert not page.exception
    assert "Level" not in page.dataframe[0].value.columns
