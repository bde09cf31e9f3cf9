"""The mapping of a file: each column with some of its cells, and the field that it feeds."""

from collections.abc import Mapping

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.imports import ColumnValues, Preview
from crm.imports.fields import targets
from crm.imports.model import ATTRIBUTE, SKIP, type_of
from crm.imports.reading.dates import PATTERNS
from crm.records import attributes
from crm.ui import session, words
from crm.ui.imports import values
from crm.ui.imports.draft import Draft

NEW = "new attribute"
TYPES = [str(kind) for kind in attributes.PLAIN]
ROWS = 25

ALL, MAPPED, LEFT_OUT = later("All"), later("Mapped"), later("Left out")


def table(kind: str, found: Preview, draft: Draft, by_header: Mapping[str, ColumnValues]) -> None:
    headers = _shown(found, draft)
    offered = {
        SKIP: tr("Leave out"),
        **{target.key: tr(target.label) for target in targets(type_of(kind), session.actor().modules)},
    }
    offered |= {ATTRIBUTE + each.key: tr("{name} (attribute)", name=each.name) for each in found.definitions}
    offered[NEW] = tr("New attribute …")
    with st.container(border=True, gap="small"):
        for header in headers:
            _row(found, header, offered, draft)
            if header in by_header:
                values.choose(header, by_header[header], draft)
        if not headers:
            st.caption(tr("None."))


def _shown(found: Preview, draft: Draft) -> list[str]:
    """The columns of the chosen selection; one page of them where the file has many."""
    mapped = [name for name in found.header if draft.options.mapping.get(name)]
    left_out = [name for name in found.header if name not in mapped]
    sorts = {ALL: found.header, MAPPED: mapped, LEFT_OUT: left_out}
    if len(found.header) <= ROWS:
        return found.header
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        chosen = st.segmented_control(
            tr("Columns shown"),
            list(sorts),
            default=MAPPED if mapped else ALL,
            format_func=lambda sort: f"{tr(sort)} {words.number(len(sorts[sort]))}",
            required=True,
            label_visibility="collapsed",
            key=draft.widget("columns-shown"),
        )
        pages = max(1, -(-len(sorts[chosen]) // ROWS))
        page = st.pagination(pages, key=draft.widget(f"columns-page-{chosen}-{pages}")) if pages > 1 else 1
    return sorts[chosen][(page - 1) * ROWS : page * ROWS]


def _row(found: Preview, header: str, offered: dict[str, str], draft: Draft) -> None:
    name, cells, field = st.columns([3, 4, 4], vertical_alignment="top")
    name.markdown(f"**{words.plain(header)}**")
    cells.caption(_sample(found.samples[header]))
    target = draft.options.mapping.get(header, SKIP)
    shown = NEW if _made_of(draft, header) else target if target in offered else SKIP
    with field, st.container(horizontal=True, gap="small"):
        st.selectbox(
            tr("Field of {column}", column=header),
            list(offered),
            format_func=lambda value: offered[value],
            label_visibility="collapsed",
            key=draft.follow(f"field-{header}", shown),
            on_change=_take,
            args=(draft, header, str(found.proposals.get(header, attributes.AttributeType.TEXT))),
        )
        if shown == NEW:
            _type(draft, header)
        if target in found.dates or target in draft.options.date_patterns or target in found.questions:
            _details(found, target, draft)


def _sample(cells: list[str]) -> str:
    """Some cells of a column."""
    # The word joiner, which nobody sees, keeps an address from becoming a link.
    return " · ".join(words.plain(cell).replace("@", "@\u2060") for cell in cells) or tr("No cell is filled.")


def _made_of(draft: Draft, header: str) -> str | None:
    """The name of the attribute that is to be made of this column, the header's; None where none is."""
    return header if header in draft.options.new_attributes else None


def _take(draft: Draft, header: str, proposed: str) -> None:
    chosen = draft.value(f"field-{header}")
    new = {name: kind for name, kind in draft.options.new_attributes.items() if name != header}
    if chosen == NEW:
        try:
            chosen = ATTRIBUTE + attributes.key_of(header)
            new[header] = proposed
        except CrmError as refusal:
            st.toast(words.plain(str(refusal)), icon=":material/error:")
            chosen = SKIP
    draft.change(mapping={**draft.options.mapping, header: chosen}, new_attributes=new)


def _type(draft: Draft, header: str) -> None:
    st.selectbox(
        tr("Type of {column}", column=header),
        TYPES,
        format_func=lambda kind: tr(kind).capitalize(),
        label_visibility="collapsed",
        key=draft.follow(f"type-{header}", draft.options.new_attributes[header]),
        on_change=_take_type,
        args=(draft, header),
        help=tr("The type of the new attribute, proposed by what the cells hold."),
    )


def _take_type(draft: Draft, header: str) -> None:
    draft.change(new_attributes={**draft.options.new_attributes, header: draft.value(f"type-{header}")})


def _details(found: Preview, target: str, draft: Draft) -> None:
    """Draw how the dates of a column are written, and the question where they can be read in two ways."""
    if target in found.questions:
        st.warning(words.plain(found.questions[target]), icon=":material/help:")
        # Other questions are not answered by a pattern of dates.
        if target not in found.unsure_dates:
            return
    known = PATTERNS.get(found.dates.get(target, ""))
    by_itself = tr("Dates found: {pattern}", pattern=tr(known)) if known else tr("Detect automatically")
    st.selectbox(
        tr("Dates of {field}", field=target),
        ["", *PATTERNS],
        format_func=lambda value: tr(PATTERNS[value]) if value else by_itself,
        label_visibility="collapsed",
        key=draft.follow(f"dates-{target}", draft.options.date_patterns.get(target, "")),
        on_change=_take_pattern,
        args=(draft, target),
    )


def _take_pattern(draft: Draft, target: str) -> None:
    patterns = {key: pattern for key, pattern in draft.options.date_patterns.items() if key != target}
    chosen = draft.value(f"dates-{target}")
    draft.change(date_patterns=patterns | ({target: chosen} if chosen else {}))
