"""What becomes of cells that cannot be read, and of what a cell holds beside its value."""

import phonenumbers
import streamlit as st
from babel import Locale

from crm import imports
from crm.foundation.language import current, plural, tr
from crm.imports import Import, Preview
from crm.imports.fields import targets
from crm.imports.model import ATTRIBUTE, BadCell
from crm.records import attributes
from crm.records.attributes import AttributeType
from crm.records.fields import FieldKind
from crm.ui import session, words
from crm.ui.imports.draft import Draft

SHOWN = 100
SPLIT = (FieldKind.EMAIL, FieldKind.PHONE)


def choose(kind: str, draft: Draft, found: Preview) -> None:
    """Draw the choices for the mapped columns."""
    every = {one.key: one for one in targets(imports.type_of(kind), session.actor().modules)}
    mapped = [key for key in draft.options.mapping.values() if key]
    names = {key: tr(every[key].label) for key in mapped if key in every}
    names |= {key: key.removeprefix(ATTRIBUTE) for key in mapped if key not in every}
    names |= {ATTRIBUTE + one.key: one.name for one in found.definitions if ATTRIBUTE + one.key in names}
    _empty(draft, names)
    kinds = {key: every[key].kind for key in mapped if key in every}
    if FieldKind.PHONE in kinds.values():
        _region(draft)
    # What is left of a cell is several addresses, or “ext. 12”: no choice, link or number, but a text of its own.
    spare = {ATTRIBUTE + one.key: one.name for one in found.definitions if one.type is AttributeType.TEXT}
    new = draft.options.new_attributes.items()
    spare |= {ATTRIBUTE + attributes.key_of(name): name for name, of in new if of == AttributeType.TEXT}
    spare |= {key: tr(one.label) for key, one in every.items() if one.kind is FieldKind.LONG_TEXT}
    for key, of in kinds.items():
        if of in SPLIT and spare:
            _second(draft, key, names[key], spare)


def _empty(draft: Draft, names: dict[str, str]) -> None:
    chosen = [key for key in names if draft.options.leaves_empty(key)]
    st.multiselect(
        tr("Where a cell cannot be read, leave it empty and keep the row"),
        list(names),
        format_func=lambda key: names[key],
        placeholder=tr("Columns"),
        key=draft.follow("bad-cells", chosen),
        on_change=_take_empty,
        args=(draft,),
        help=tr("Such cells are counted, listed and can be downloaded. The rows of other columns are rejected."),
    )


def _take_empty(draft: Draft) -> None:
    draft.change(bad_cells=dict.fromkeys(draft.value("bad-cells"), BadCell.EMPTY))


def _region(draft: Draft) -> None:
    by_itself = tr("The workspace's region ({country})", country=_country(session.actor().region))
    st.selectbox(
        tr("Phones without a country code are of"),
        ["", *sorted(phonenumbers.SUPPORTED_REGIONS)],
        format_func=lambda code: _country(code) if code else by_itself,
        key=draft.follow("region", draft.options.region or ""),
        on_change=lambda: draft.change(region=draft.value("region") or None),
        width=380,
    )


def _country(code: str) -> str:
    return f"{code}: {Locale.parse(current()).territories.get(code, code)}"


def _second(draft: Draft, key: str, name: str, spare: dict[str, str]) -> None:
    chosen = draft.options.second.get(key, "")
    # One of a saved mapping may be gone since: it is shown, so that another can be chosen.
    offered = dict.fromkeys(["", *spare, chosen])
    spare = {each: spare.get(each, each.removeprefix(ATTRIBUTE)) for each in offered if each}
    st.selectbox(
        tr("What else a cell of {field} holds goes to", field=name),
        list(offered),
        format_func=lambda each: spare.get(each, tr("The list of cells read in part")),
        key=draft.follow(f"second-{key}", chosen),
        on_change=_take_second,
        args=(draft, key),
        help=tr("Further addresses or numbers, and an extension."),
        width=380,
    )


def _take_second(draft: Draft, key: str) -> None:
    others = {field: to for field, to in draft.options.second.items() if field != key}
    chosen = draft.value(f"second-{key}")
    draft.change(second=others | ({key: chosen} if chosen else {}))


def unread(found: Import, labels: dict[str, str]) -> None:
    """Draw the cells of an import that were left empty, or read in part."""
    many = found.found.get("unread_cells", 0)
    if not many:
        return
    title = plural("{count:,} cell left empty, or read in part", "{count:,} cells left empty, or read in part", many)
    with st.expander(title, icon=":material/rule:"):
        with session.reading() as tx:
            page = imports.unread(tx, found.id, limit=SHOWN)
        lines = [
            {
                tr("Line"): one.line,
                tr("Field"): labels.get(one.field, one.field),
                tr("Why"): words.plain(one.reason),
            }
            for one in page.items
        ]
        st.dataframe(lines, hide_index=True, key="unread-cells")
        st.link_button(
            tr("Their rows"),
            f"/imports/{found.id}/unread.csv",
            icon=":material/download:",
            help=tr("As they stand in the file, with line, field and reason before each."),
        )
