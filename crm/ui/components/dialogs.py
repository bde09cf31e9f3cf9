"""Dialogs that are declared with a title: it is translated as they open."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st

from crm.foundation.language import tr

P = ParamSpec("P")


def dialog(title: str, **options: Any) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """As `st.dialog`, with a title that is marked by `later`: `@dialog(later("Delete this note?"))`."""

    def declared(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def opened(*args: P.args, **kwargs: P.kwargs) -> None:
            st.dialog(tr(title), **options)(draw)(*args, **kwargs)

        return opened

    return declared
