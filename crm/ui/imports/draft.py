"""What a person has chosen about a file so far. It lives in the session until the dry run begins; nothing of it is
saved before."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.imports import Options
from crm.ui.components import address


@dataclass(frozen=True)
class Draft:
    key: str
    """Choices about one file, of one kind, are not those about another."""

    @property
    def begun(self) -> bool:
        return self._place in st.session_state

    @property
    def options(self) -> Options:
        found: Options = st.session_state[self._place]
        return found

    def start(self, options: Options) -> None:
        st.session_state[self._place] = options

    def change(self, **changes: Any) -> None:
        self.start(self.options.model_copy(update=changes))

    def widget(self, field: str) -> str:
        """The key of the widget that shows this field."""
        return f"{field}-{self.key}"

    def follow(self, field: str, value: Any) -> str:
        """The key of this field's widget, set to the value."""
        # The draft alone holds what is chosen: another column or page of the file drops widgets, not choices.
        address.follow(self.widget(field), value)
        return self.widget(field)

    def value(self, field: str) -> Any:
        """What the widget of this field holds now."""
        return st.session_state[self.widget(field)]

    @property
    def _place(self) -> str:
        return f"import-draft-{self.key}"
