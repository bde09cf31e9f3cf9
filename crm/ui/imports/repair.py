"""Rejected rows in a grid: their cells are repaired in place, and tried again as an import of their own."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from crm import imports
from crm.foundation import settings
from crm.foundation.language import later, plural, tr
from crm.imports import Fate, Import
from crm.imports.applying.repair import repaired_file
from crm.platform import files, process
from crm.ui import session
from crm.ui.components import address

LINE, FAULT, BEYOND = later("Line"), later("What is wrong"), later("Beyond the last column")


def grid(found: Import, rows: Sequence[Fate], labels: dict[str, str]) -> None:
    """Draw a page of refused rows. What is changed is kept while one pages and searches."""
    columns = _columns(found)
    key = f"repair-grid-{found.id}-{'-'.join(address.get(part) for part in ('outcome', 'q', 'field', 'page'))}"
    # The frame that the editor began with: another one under its key would drop what is typed.
    base = st.session_state.setdefault(f"{key}-base", _frame(found, rows, columns))
    config: dict[str, Any] = {
        LINE: st.column_config.NumberColumn(tr(LINE), width=60, disabled=True, pinned=True, format="localized"),
        FAULT: st.column_config.TextColumn(tr(FAULT), width=340, disabled=True),
    }
    for name, header in columns.items():
        at_fault = [row for row in rows if row.field and labels.get(row.field) and _fed(found, header) == row.field]
        config[name] = st.column_config.TextColumn(f"⚠ {header}" if at_fault else header, width="medium")
    config[BEYOND] = st.column_config.TextColumn(
        tr(BEYOND), disabled=True, help=tr("Cells that no column has: they are not imported.")
    )
    st.data_editor(
        base,
        column_config=config,
        hide_index=True,
        num_rows="fixed",
        key=key,
        on_change=_take,
        args=(found, key, [(row.line, _cells(found, row)) for row in rows]),
    )
    _try(found)


def _columns(found: Import) -> dict[str, str]:
    """{name of the grid's column: header}; a header may be called as one of ours is."""
    return {f"c{place}": header for place, header in enumerate(found.header)}


def _fed(found: Import, header: str) -> str:
    return str(found.found.get("mapping", {}).get(header, ""))


def _draft(found: Import) -> dict[int, list[str]]:
    """{line: its cells as repaired so far}."""
    draft: dict[int, list[str]] = st.session_state.setdefault(f"repair-{found.id}", {})
    return draft


def _cells(found: Import, row: Fate) -> list[str]:
    return [*row.cells, *[""] * len(found.header)][: len(found.header)]


def _frame(found: Import, rows: Sequence[Fate], columns: dict[str, str]) -> pl.DataFrame:
    draft = _draft(found)
    lines = [
        {
            LINE: row.line,
            FAULT: row.reason,
            **dict(zip(columns, draft.get(row.line) or _cells(found, row), strict=True)),
        }
        for row in rows
    ]
    beyond = [" · ".join(row.cells[len(columns) :]) for row in rows]
    frame = pl.DataFrame(lines, schema={LINE: pl.Int64, FAULT: pl.String, **dict.fromkeys(columns, pl.String)})
    return frame.with_columns(pl.Series(BEYOND, beyond)) if any(beyond) else frame


def _take(found: Import, key: str, rows: list[tuple[int, list[str]]]) -> None:
    draft = _draft(found)
    for place, changes in st.session_state[key]["edited_rows"].items():
        line, cells = rows[place]
        now = list(draft.get(line) or cells)
        for name, text in changes.items():
            now[int(name.removeprefix("c"))] = text or ""
        draft[line] = now


def _try(found: Import) -> None:
    repaired = _draft(found)
    again = plural("Try {count:,} row again", "Try {count:,} rows again", len(repaired))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            again if repaired else tr("Try repaired rows"),
            type="primary",
            icon=":material/build:",
            disabled=not repaired,
            key="try-repaired",
        ):
            _begin(found, [repaired[line] for line in sorted(repaired)])
        st.caption(tr("Change cells in place; the rows you changed are then tried by a dry run of their own."))


def _begin(found: Import, rows: list[list[str]]) -> None:
    content = repaired_file(found.header, rows)
    # On disk before the write, which then takes a hash alone.
    sha256, size = files.keep(process.store(), [content], settings.load().upload_limit_mb * 2**20)
    begun = session.attempt(imports.begin_repaired, found.id, sha256=sha256, size=size)
    if begun:
        _draft(found).clear()
        st.query_params.from_dict({"import": str(begun.id)})
        st.rerun()
