"""How a file is read: a sentence, the first rows, and the choices for where it was misread."""

import polars as pl
import streamlit as st

from crm.foundation.tables import encoding_names
from crm.imports import Preview
from crm.ui import words
from crm.ui.imports.draft import Draft

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
QUOTES = {'"': "Double quote", "'": "Single quote"}
DECIMALS = {".": "Point, 1,234.56", ",": "Comma, 1.234,56"}
WORKBOOKS = {"ods": "OpenDocument"}
LONGEST_CELL = 200


def sentence(found: Preview) -> str:
    """Such as HubSpot contacts · UTF-8, semicolon between cells, decimal comma · 12 columns."""
    dialect = found.dialect
    if dialect.sheet is not None:
        parts = [f"{WORKBOOKS.get(dialect.encoding, 'Excel')}, sheet “{words.plain(dialect.sheet)}”"]
    else:
        delimiter = DELIMITERS.get(dialect.delimiter, f"“{dialect.delimiter}”")
        parts = [f"{encoding_names.shown(dialect.encoding)}, {delimiter.lower()} between cells"]
    if found.decimal:
        parts.append("decimal " + ("point" if found.decimal == "." else "comma"))
    preset = [f"**{found.preset.name}** ({found.preset.language})"] if found.preset else []
    return " · ".join([*preset, ", ".join(parts), f"{len(found.header)} columns"])


def choose(draft: Draft, found: Preview | None) -> None:
    """Draw the choices of reading, each with what was found."""
    with (
        st.expander("Read it another way", icon=":material/tune:", expanded=found is None),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        if found and found.dialect.sheet is not None:
            sheets = {name: name for name in found.dialect.sheets}
            _choice(draft, "sheet", "Sheet", sheets, found.dialect.sheet)
        else:
            dialect = found.dialect if found else None
            encodings = encoding_names.choices()
            _choice(draft, "encoding", "Encoding", encodings, dialect.encoding if dialect else None, width=300)
            _choice(draft, "delimiter", "Delimiter", DELIMITERS, dialect.delimiter if dialect else None)
            _choice(draft, "quote", "Quote", QUOTES, dialect.quote if dialect else None)
        _header_line(draft, found)
        _choice(draft, "decimal", "Decimal mark", DECIMALS, found.decimal if found else None, anew=False)


def _choice(
    draft: Draft,
    field: str,
    label: str,
    offered: dict[str, str],
    found: str | None,
    *,
    anew: bool = True,
    width: int = 190,
) -> None:
    known = offered.get(found or "") or (encoding_names.shown(found) if found else "")
    st.selectbox(
        label,
        ["", *offered],
        format_func=lambda value: offered[value] if value else f"Found: {known}" if known else "Find out",
        key=draft.follow(field, getattr(draft.options, field) or ""),
        on_change=_take,
        args=(draft, field, anew),
        width=width,
    )


def _header_line(draft: Draft, found: Preview | None) -> None:
    st.number_input(
        "Header on line",
        min_value=1,
        max_value=1_000,
        value=None,
        placeholder=f"Found: {found.dialect.first_line - 1}" if found else "Find out",
        key=draft.follow("header_line", draft.options.header_line),
        on_change=_take,
        args=(draft, "header_line", True),
        width=150,
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
            f"It is {encoding_names.shown(found.dialect.encoding)}",
            icon=":material/check:",
            key=draft.widget("confirm-encoding"),
            on_click=draft.change,
            kwargs={"encoding": found.dialect.encoding},
        )
    if found.faults:
        which = "1 of the first rows" if found.faults == 1 else f"{found.faults:,} of the first rows"
        st.warning(
            f"{which} cannot be read. The dry run lists them with their reasons, to be repaired.",
            icon=":material/warning:",
        )
    cells = {name: [row[place][:LONGEST_CELL] for row in found.rows] for place, name in enumerate(found.header)}
    st.dataframe(pl.DataFrame(cells, schema=dict.fromkeys(found.header, pl.String)), hide_index=True, key="first-rows")


def notices(found: list[str]) -> None:
    """Draw what somebody should know about how the file was read."""
    if found:
        st.info("  \n".join(words.plain(notice) for notice in found), icon=":material/info:")
