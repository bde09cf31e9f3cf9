"""The form of every record type takes each field that edits take, without a line in `crm/ui`: a field that it forgets
fails here by its name."""

from typing import Any

from streamlit.testing.v1 import AppTest

from crm.foundation.access import SYSTEM
from crm.platform import process
from crm.platform.people import sessions
from crm.records import registry
from crm.records.declaration import RecordType
from crm.store import Store
from crm.ui.forms import form_fields
from crm.ui.forms.layout import FormLayout
from tests.laws.samples import Samples
from tests.pages import picker_labels
from tests.people import Team


def form_of(kind: str, record_id: int) -> None:
    """A script: the form of a record with nothing of its own, and whether it was saved."""
    import streamlit as st

    from crm.records import registry
    from crm.ui import session
    from crm.ui.forms import record_form
    from crm.ui.forms.layout import FormLayout

    of = registry.get(kind)
    with session.reading() as tx:
        record = registry.room(kind).get(tx, record_id)
    form = record_form.begin(FormLayout(of), "law", record)
    record_form.draw(form)
    if record_form.save_button(form):
        st.success("Saved.")


def opened(store: Store, team: Team, kind: str, record_id: int) -> AppTest:
    process.use(store)
    with store.writing(SYSTEM) as tx:
        session_id = sessions.begin(tx, team.ada.id)
    page = AppTest.from_function(form_of, kwargs={"kind": kind, "record_id": record_id}, default_timeout=60)
    page.user = {"session": sessions.hashed(session_id)}
    return page.run()


def test_what_a_record_holds_goes_through_the_form_and_back(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    with store.writing(team.ada) as tx:
        made = registry.room(of.key).create(tx, **samples.record(0), **apart)
    with store.reading(team.ada) as tx:
        fields = form_fields.read(tx, FormLayout(of), None, ())
    assert {one.key for one in fields if one.field} == set(of.edited)
    held = form_fields.values_of(made.model_dump(), fields)
    given = form_fields.from_widgets(held, {one.key: one for one in fields})
    with store.writing(team.ada) as tx:
        after = registry.room(of.key).edit(tx, made.id, version=made.version, **given)
    assert after == made, "a form that was left alone changes nothing"


def test_each_field_is_drawn_under_its_label_and_saved(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    with store.writing(team.ada) as tx:
        made = registry.room(of.key).create(tx, **samples.record(0), **apart)
    page = opened(store, team, of.key, made.id)
    assert not page.exception
    for key, field in of.edited.items():
        state = page.session_state
        assert f"law-{key}" in state, f"{of.key}.{key} has no widget"
        labels = [one.label for one in (*page.text_input, *page.text_area, *page.number_input, *page.selectbox,
                                        *page.date_input, *page.checkbox)]  # fmt: skip
        assert field.label in [*labels, *picker_labels(page)], f"{of.key}.{key} is drawn under no label"
    title = page.text_input(key=f"law-{of.title[0]}")
    title.set_value("Another name")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    assert [one.value for one in page.success] == ["Saved."], [one.value for one in page.error]
    with store.reading(team.ada) as tx:
        after = registry.room(of.key).get(tx, made.id)
    changed = {key for key in of.edited if getattr(after, key) != getattr(made, key)}
    assert changed == {of.title[0]}


def test_a_field_that_two_changed_is_shown_side_by_side_before_anything_is_saved(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    title = of.title[0]
    room = registry.room(of.key)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **samples.record(0), **apart)
    page = opened(store, team, of.key, made.id)
    page.text_input(key=f"law-{title}").set_value("Mine")
    with store.writing(team.ada) as tx:
        room.edit(tx, made.id, **{title: "Theirs"})
    next(button for button in page.button if button.label == "Save").click().run()
    assert {"**Mine**", "**Theirs**"} <= {one.value for one in page.markdown}
    assert next(button for button in page.button if button.label == "Save").disabled
    with store.reading(team.ada) as tx:
        assert getattr(room.get(tx, made.id), title) == "Theirs"
    page.button(key=f"law-conflict-{title}-mine").click().run()
    next(button for button in page.button if button.label == "Save").click().run()
    with store.reading(team.ada) as tx:
        assert getattr(room.get(tx, made.id), title) == "Mine"
