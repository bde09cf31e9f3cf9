"""What happens to the rows of a file: duplicates, names that are not known, values for all rows."""

import streamlit as st

from crm import imports
from crm.foundation.access import Module, Permission
from crm.foundation.language import later, tr
from crm.imports import OnDuplicate, Options, Preview
from crm.imports.fields import LABELS_KEY, targets
from crm.imports.model import ATTRIBUTE
from crm.records.attributes import AttributeType
from crm.ui import session
from crm.ui.imports import cells
from crm.ui.imports.draft import Draft

FIND_OUT = later("Detect automatically")

LABEL_DELIMITERS = {";": later("Semicolon"), ",": later("Comma"), "|": later("Vertical bar")}

DUPLICATES = {
    OnDuplicate.FILL: later("Fill its empty fields"),
    OnDuplicate.OVERWRITE: later("Overwrite it with the file"),
    OnDuplicate.SKIP: later("Skip the row"),
}


def default_options(kind: str) -> Options:
    """The options of a new import: companies and contacts of the file are created where this person may."""
    actor = session.actor()
    may, makes = actor.may(Permission.MANAGE_CONTACTS), imports.makes(imports.type_of(kind))
    return Options(
        make_companies=may and actor.has(Module.COMPANIES) and "make_companies" in makes,
        make_contacts=may and "make_contacts" in makes,
    )


def rows(kind: str, draft: Draft, found: Preview) -> None:
    with st.container(border=True):
        st.radio(
            tr("When a row's record is there already"),
            list(DUPLICATES),
            format_func=lambda choice: tr(DUPLICATES[choice]),
            horizontal=True,
            key=draft.follow("duplicates", draft.options.on_duplicate),
            on_change=_take_duplicates,
            args=(draft,),
            help=tr(
                "{found_by} An empty cell never erases anything.", found_by=imports.found_by(imports.type_of(kind))
            ),
        )
        _unknown(kind, draft, found)
        _cells(draft, found)
        _constants(kind, draft)
        cells.choose(kind, draft, found)


def _take_duplicates(draft: Draft) -> None:
    draft.change(on_duplicate=draft.value("duplicates"))


def _unknown(kind: str, draft: Draft, found: Preview) -> None:
    """Draw the choice for rows that name an owner, company, contact or list value that is not known."""
    offered, makes = {"leave_unknown": tr("Leave it empty")}, imports.makes(imports.type_of(kind))
    if "make_contacts" in makes:
        offered["make_contacts"] = tr("Create the contact")
    if "make_companies" in makes:
        offered["make_companies"] = tr("Create the company")
    # An owner that is made is a user, if a disabled one, and users are a matter of settings.
    if session.actor().may(Permission.MANAGE_SETTINGS) and "make_owners" in makes:
        offered["make_owners"] = tr("Create the owner, disabled")
    lists = {ATTRIBUTE + definition.key for definition in found.definitions if definition.type is AttributeType.LIST}
    if lists & set(draft.options.mapping.values()):
        offered["new_list_values"] = tr("Add the value to its list")
    st.pills(
        tr("When a row names something that is not known"),
        list(offered),
        selection_mode="multi",
        format_func=lambda choice: offered[choice],
        key=draft.follow("unknown", [choice for choice in offered if getattr(draft.options, choice)]),
        on_change=_take_unknown,
        args=(draft, list(offered)),
        help=tr("An owner, a company, a contact or a value of a list. Without a choice the row is rejected."),
    )


def _take_unknown(draft: Draft, offered: list[str]) -> None:
    chosen = draft.value("unknown")
    draft.change(**{choice: choice in chosen for choice in offered})


def _cells(draft: Draft, found: Preview) -> None:
    """Draw how words for nothing and several labels in a cell are taken, where the file has them."""
    if found.has_placeholders or draft.options.keep_placeholders:
        st.checkbox(
            tr("Keep words such as NULL, n/a and - as they are written"),
            key=draft.follow("keep_placeholders", draft.options.keep_placeholders),
            on_change=_take_cells,
            args=(draft, "keep_placeholders"),
        )
    if LABELS_KEY in draft.options.mapping.values():
        st.selectbox(
            tr("Between several labels in a cell"),
            ["", *LABEL_DELIMITERS],
            format_func=lambda one: tr(LABEL_DELIMITERS.get(one, FIND_OUT)),
            key=draft.follow("label_delimiter", draft.options.label_delimiter or ""),
            on_change=_take_cells,
            args=(draft, "label_delimiter"),
            width=300,
        )


def _take_cells(draft: Draft, field: str) -> None:
    # Nothing chosen, or not ticked, is what the option has by itself.
    draft.change(**{field: draft.value(field) or getattr(Options(), field)})


def _constants(kind: str, draft: Draft) -> None:
    labels = {target.key: tr(target.label) for target in targets(imports.type_of(kind), session.actor().modules)}
    given = {key: text for key, text in draft.options.constants.items() if key in labels}
    st.multiselect(
        tr("Fill in where a row gives nothing"),
        list(labels),
        format_func=lambda field: labels[field],
        placeholder=tr("Fields to fill"),
        key=draft.follow("constants", list(given)),
        on_change=_take_constants,
        args=(draft,),
        help=tr(
            "A text for every row without a value of its own; {column} stands for that column's cell, and | parts "
            "texts of which the first that is whole is taken: {Mobile phone}|{Home phone}."
        ),
    )
    for field, text in given.items():
        st.text_input(
            labels[field],
            key=draft.follow(f"constant-{field}", text),
            on_change=_take_constant,
            args=(draft, field),
        )


def _take_constants(draft: Draft) -> None:
    present = draft.options.constants
    draft.change(constants={field: present.get(field, "") for field in draft.value("constants")})


def _take_constant(draft: Draft, field: str) -> None:
    draft.change(constants={**draft.options.constants, field: draft.value(f"constant-{field}")})
