"""The editor of SQL: CodeMirror in a component of our own, with what there is to query beside it.

Its library is one file in static/, which the recipe in codemirror/ makes. Kept Python packages of editors draw in a
frame of their own: they know neither the theme nor who uses the keyboard alone, and Tab does not leave them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.foundation.settings import ROOT
from crm.ui.components import modules, unsaved

HERE = Path(__file__).parent
LIBRARY = next((ROOT / "static").glob("codemirror.*.js")).name

_mount = st.components.v2.component(
    "mallard_sql_editor", css=(HERE / "editor.css").read_text(), js=modules.joined(HERE / "editor.js")
)


@dataclass(frozen=True)
class Problem:
    """Where a query was refused: line and column from 1."""

    message: str
    line: int
    column: int


def draw(
    *,
    key: str,
    text: str,
    saved: str,
    revision: int,
    place: str,
    fresh: bool,
    forget: str,
    running: bool,
    problem: Problem | None,
    on_text: Callable[[], None],
    on_run: Callable[[], None],
) -> None:
    """Draw the editor. In its callbacks `sent(key, "text" or "run")` is {"text", "revision"}.

    `text` replaces what stands in the editor where `revision` is another than before, and only then; `saved` is what a
    save holds. The browser keeps what differs from it under `place`: it brings that back where the session is `fresh`,
    and forgets it at each new `forget`.
    """
    _mount(
        key=key,
        data={
            "label": tr("SQL"),
            "placeholder": "SELECT status, count(*) FROM deals GROUP BY status",
            "library": f"./app/static/{LIBRARY}",
            "schema": "./sql/schema",
            "text": text,
            "saved": saved,
            "revision": revision,
            "place": unsaved.place_of(place),
            "fresh": fresh,
            "forget": forget,
            "running": running,
            "problem": vars(problem) if problem else None,
        },
        on_text_change=on_text,
        on_run_change=on_run,
    )


def sent(key: str, event: str) -> dict[str, Any]:
    """What the browser sent: text of any length, for the verbs to check."""
    found = getattr(st.session_state[key], event, None)
    return found if isinstance(found, dict) and isinstance(found.get("text"), str) else {}
