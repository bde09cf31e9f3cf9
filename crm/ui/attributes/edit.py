"""The drawer of one attribute: its name and pattern, its values, its type, its deletion."""

import streamlit as st

from crm import objects
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, plural, tr
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition
from crm.ui import refusals, session, words
from crm.ui.attributes import conversion, drawer, field_rules, list_values, type_names

ICON = ":material/tune:"


def show(attribute_id: int) -> None:
    try:
        with session.reading() as tx:
            name = attributes.get(tx, attribute_id).name
    except NotFound as gone:
        refusals.show(gone)
        return
    # Called, not used as a decorator: the title is the attribute's name.
    drawn = st.dialog(words.plain(name), width="medium", position="right", icon=ICON, on_dismiss=drawer.close)
    drawn(_sections)(attribute_id)


def _sections(attribute_id: int) -> None:
    with session.reading() as tx:
        definition = attributes.get(tx, attribute_id)
        records = attributes.usage(tx, definition.model)[definition.key]
    about = type_names.words_of(definition.type, definition.model)
    st.caption(f"`{definition.key}` · {about} · {type_names.records(records, definition.model)}")
    values = [later("Values")] if definition.type is AttributeType.LIST else []
    rules = [later("Rules")] if registry.is_custom(definition.model) else []
    sections = [later("Name"), *values, *rules, later("Type"), later("Delete")]
    section = st.segmented_control(
        tr("Change"),
        sections,
        format_func=tr,
        default="Values" if "Values" in sections else "Name",
        required=True,
        label_visibility="collapsed",
        # Other sections are another widget: a choice that is no longer offered would be an error.
        key=f"attribute-section-{attribute_id}-{len(sections)}",
    )
    match section:
        case "Values":
            list_values.show(definition)
        case "Rules":
            field_rules.show(definition)
        case "Type":
            conversion.show(definition)
        case "Delete":
            _delete(definition, records)
        case _:
            _name(definition)


def _name(definition: Definition) -> None:
    place = f"attribute-{definition.id}-{definition.version}"
    name = st.text_input(tr("Name"), definition.name, max_chars=80, key=f"{place}-name")
    rule, hint = type_names.pattern(definition.type, definition.pattern, definition.hint, key=place)
    if rule and rule != definition.pattern:
        _misfits(definition, rule)
    if not st.button(tr("Save"), type="primary", icon=":material/save:", key=f"{place}-save"):
        return
    saved: Definition | None = definition
    if name != definition.name:
        saved = session.attempt(attributes.rename, definition.id, name or "", version=definition.version)
    if saved and (rule, hint) != (definition.pattern or "", definition.hint or ""):
        # The new name has raised the version already.
        saved = session.attempt(attributes.set_pattern, definition.id, rule, hint, version=saved.version)
    if saved:
        drawer.done()


def _misfits(definition: Definition, rule: str) -> None:
    try:
        with session.reading() as tx:
            count = attributes.misfits(tx, definition.id, rule)
    except Invalid:
        return  # the pattern's own box says so, and saving does again
    if count:
        st.warning(
            plural(
                "{count:,} values that are there do not fit. They stay as they are until somebody edits them.",
                "{count:,} values that are there do not fit. They stay as they are until somebody edits them.",
                count,
            ),
            icon=":material/rule:",
        )


def _delete(definition: Definition, records: int) -> None:
    st.markdown(
        tr(
            "**{name}** goes from pages, lists, filters, imports, exports and the API at once. "
            "{loses} It can be restored here for 30 days.",
            name=words.plain(definition.name),
            loses=_loses(definition, records),
        )
    )
    st.caption(tr("Saved filters that use it are shown as broken, not ignored."))
    delete = objects.delete_field if registry.is_custom(definition.model) else attributes.delete
    word = tr(type_names.wording(definition.model).delete)
    pressed = st.button(word, icon=":material/delete:", key=f"delete-attribute-{definition.id}")
    if pressed and session.done(delete, definition.id, version=definition.version):
        drawer.done()


def _loses(definition: Definition, records: int) -> str:
    if not records:
        return tr("No record uses it.")
    return tr("Its values {on_records} go with it.", on_records=type_names.records(records, definition.model))
