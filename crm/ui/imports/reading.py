"""How a file is read: a sentence, the first rows, and the choices for where it was misread."""

import polars as pl
import streamlit as st

from crm.foundation.language import later, plural, tr, tr_as
from crm.foundation.tables import encoding_names
from crm.imports import Preview
from crm.ui import words
from crm.ui.imports.draft import Draft

DELIMITERS = {",": later("Comma"), ";": later("Semicolon"), "\t": later("Tab"), "|": later("Vertical bar")}
QUOTES = {'"': later("Double quote"), "'": later("Single quote")}
DECIMALS = {".": later("Point, 1,234.56"), ",": later("Comma, 1.234,56")}
EXPORT_LANGUAGES = {"English": later("English"), "Portuguese": later("Portuguese")}
"""Of the product that wrote a file."""

WORKBOOKS = {"ods": "OpenDocument"}
LONGEST_CELL = 200


def sentence(found: Preview) -> str:
    """Such as HubSpot contacts · UTF-8, semicolon between cells, decimal comma · 12 columns."""
    dialect = found.dialect
    if dialect.sheet is not None:
        program = WORKBOOKS.get(dialect.encoding, "Excel")
        parts = [tr("{program}, sheet “{sheet}”", program=program, sheet=words.plain(dialect.sheet))]
    else:
        encoding, delimiter = encoding_names.shown(dialect.encoding), delimiter_name(dialect.delimiter)
        parts = [tr("{encoding}, {delimiter} between cells", encoding=encoding, delimiter=delimiter)]
    if found.decimal:
        parts.append(tr("decimal point") if found.decimal == "." else tr("decimal comma"))
    preset = [f"**{found.preset.name}** ({tr(EXPORT_LANGUAGES[found.preset.language])})"] if found.preset else []
    return " · ".join([*preset, ", ".join(parts), plural("{count} columns", "{count} columns", len(found.header))])


def delimiter_name(delimiter: str) -> str:
    """Such as semicolon."""
    return tr(DELIMITERS[delimiter]).lower() if delimiter in DELIMITERS else f"“{delimiter}”".lower()


def choose(draft: Draft, found: Preview | None) -> None:
    """Draw the choices of reading, each with what was found."""
    with (
        st.expander(tr("Reading options"), icon=":material/tune:", expanded=found is None),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        if found and found.dialect.sheet is not None:
            sheets = {name: name for name in found.dialect.sheets}
            _choice(draft, "sheet", tr("Sheet"), sheets, found.dialect.sheet)
        else:
            dialect = found.dialect if found else None
            encodings = encoding_names.choices()
            _choice(draft, "encoding", tr("Encoding"), encodings, dialect.encoding if dialect else None, width=300)
            _choice(draft, "delimiter", tr("Delimiter"), _named(DELIMITERS), dialect.delimiter if dialect else None)
            _choice(draft, "quote", tr_as("character", "Quote"), _named(QUOTES), dialect.quote if dialect else None)
        _header_line(draft, found)
        _choice(draft, "decimal", tr("Decimal mark"), _named(DECIMALS), found.decimal if found else None, anew=False)


def _named(declared: dict[str, str]) -> dict[str, str]:
    return {value: tr(name) for value, name in declared.items()}


def _choice(
    draft: Draft,
    field: str,
    label: str,
    offered: dict[str, str],
    found: str | None,
    *,
    anew: bool = True,
    width: int = 200,
) -> None:
    known = offered.get(found or "") or (encoding_names.shown(found) if found else "")
    by_itself = tr("Found: {name}", name=known) if known else tr("Detect automatically")
    st.selectbox(
        label,
        ["", *offered],
        format_func=lambda value: offered[value] if value else by_itself,
        key=draft.follow(field, getattr(draft.options, field) or ""),
        on_change=_take,
        args=(draft, field, anew),
        width=width,
    )


def _header_line(draft: Draft, found: Preview | None) -> None:
    st.number_input(
        tr("Header on line"),
        min_value=1,
        max_value=1_000,
        value=None,
        placeholder=tr("Found: {name}", name=found.dialect.first_line - 1) if found else tr("Detect automatically"),
        key=draft.follow("header_line", draft.options.header_line),
        on_change=_take,
        args=(draft, "header_line", True),
        width=180,
    )


def _take(draft: Draft, field: str, anew: bool) -> None:
    draft.change(**{field: draft.value(field) or None})
    if anew:
        # Read another way the file has other columns: what was chosen for the former ones no longer applies.
        draft.change(mapping={}, constants={}, new_attributes={}, date_patterns={})


def rows_as_read(draft: Draft, found: Preview) -> None:
    notices(found.notices)
    if found.dialect.guessed:
        st.button(
            tr("It is {encoding}", encoding=encoding_names.shown(found.dialect.encoding)),
            icon=":material/check:",
            key=draft.widget("confirm-encoding"),
            on_click=draft.change,
            kwargs={"encoding": found.dialect.encoding},
        )
    if found.faults:
        warning = plural(
            "{count:,} of the first rows cannot be read. The dry run lists them with their reasons, to be repaired.",
            "{count:,} of the first rows cannot be read. The dry run lists them with their reasons, to be repaired.",
            found.faults,
        )
        st.warning(warning, icon=":material/warning:")
    cells = {name: [row[place][:LONGEST_CELL] for row in found.rows] for place, name in enumerate(found.header)}
    st.dataframe(pl.DataFrame(cells, schema=dict.fromkeys(found.header, pl.String)), hide_index=True, key="first-rows")


def notices(found: list[str]) -> None:
    """Draw what somebody should know about how the file was read."""
    if found:
        st.info("  \n".join(words.plain(notice) for notice in found), icon=":material/info:")
