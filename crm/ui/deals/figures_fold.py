"""Whether the figures above the board are in sight: each person chooses, for wide screens and for telephones."""

import streamlit as st

from crm.foundation.language import tr
from crm.platform import preferences
from crm.store import Reading
from crm.ui import session

NAME = "board-figures"
UNSET = {"wide": True, "narrow": False}
"""On a telephone the page begins with the cards."""

STYLE = """
@media (min-width: 641px) { .st-key-figures-narrow { display: none; } %s }
@media (max-width: 640px) { .st-key-figures-wide { display: none; } %s }
"""
HIDDEN = '[data-testid="stLayoutWrapper"]:has(> .st-key-figures) { display: none; }'
ABOVE_BOARD = ":root { --above-board: 22.5rem; }"
"""What stands above the board on a wide screen, for its height."""


def read(tx: Reading) -> dict[str, bool]:
    """{kind of screen: whether the figures are in sight on it}."""
    return UNSET | (preferences.get(tx, NAME) or {})


def style(shown: dict[str, bool]) -> str:
    """The CSS that hides figures and buttons where they are not for the screen."""
    return STYLE % (ABOVE_BOARD if shown["wide"] else HIDDEN, "" if shown["narrow"] else HIDDEN)


def buttons(shown: dict[str, bool]) -> None:
    """Draw the button that folds or unfolds the figures, for each kind of screen; the style shows one of them."""
    for screen, is_shown in shown.items():
        with st.container(key=f"figures-{screen}", width="content"):
            st.button(
                tr("Hide figures") if is_shown else tr("Show figures"),
                icon=":material/expand_less:" if is_shown else ":material/expand_more:",
                type="tertiary",
                key=f"fold-figures-{screen}",
                on_click=_turn,
                args=(shown, screen),
            )


def _turn(shown: dict[str, bool], screen: str) -> None:
    session.do(preferences.put, NAME, {**shown, screen: not shown[screen]})
