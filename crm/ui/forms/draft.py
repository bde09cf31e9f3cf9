"""A draft of a record that others may be editing too: nothing that either side typed is lost.

What the person has not touched follows the record; what only they changed stays; where both changed a field to
different values the person chooses. Widgets are the draft: their state holds what is typed.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Merge:
    values: dict[str, Any]
    """What the form shows now."""
    conflicts: tuple[str, ...]
    """Fields that both sides changed, to different values."""


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merge:
    """Merge three ways: `base` is what the person began from, `mine` what they made of it, `theirs` what the record
    holds."""
    values = {field: theirs[field] if mine[field] == base[field] else mine[field] for field in base}
    conflicts = tuple(
        field for field in base if mine[field] != base[field] != theirs[field] and mine[field] != theirs[field]
    )
    return Merge(values, conflicts)


class Draft:
    """The fields of one record in widgets `<key>-<field>`. Make it before the widgets are drawn."""

    def __init__(self, key: str, record: Mapping[str, Any], version: int, own: Set[int] = frozenset()) -> None:
        """`own` are the versions that the person made beside the form: these are no news."""
        self.key = key
        self.record = dict(record)
        known = st.session_state.get(f"{key}-base", {})
        # Fields that came since, such as a new attribute, or whose widgets Streamlit has dropped begin from the record.
        fresh = {field for field in record if field not in known or self.widget(field) not in st.session_state}
        base = {field: record[field] if field in fresh else known[field] for field in record}
        self._put({field: record[field] for field in fresh})
        mine = self.values
        merged = merge(base, mine, record)
        self._put(merged.values)
        self.conflicts = merged.conflicts
        # A field in conflict keeps what the person began from until they choose; all others begin from the record as it
        # is.
        unresolved = {field: base[field] for field in merged.conflicts}
        st.session_state[f"{key}-base"] = self.record | unresolved
        began = st.session_state.get(f"{key}-seen", version)
        only_own = not self.conflicts and all(one in own for one in range(began + 1, version + 1))
        self.base_version: int = version if mine == base or only_own else began
        """The version that the person began from: an older one than the record's where others were quicker."""
        st.session_state[f"{key}-seen"] = self.base_version

    def _put(self, values: Mapping[str, Any]) -> None:
        for field, value in values.items():
            # Only a difference is set: setting the same again would undo what is being typed.
            if self.widget(field) not in st.session_state or st.session_state[self.widget(field)] != value:
                st.session_state[self.widget(field)] = value

    def widget(self, field: str) -> str:
        return f"{self.key}-{field}"

    @property
    def values(self) -> dict[str, Any]:
        return {field: st.session_state[self.widget(field)] for field in self.record}

    @property
    def changes(self) -> dict[str, Any]:
        """{field: value} that saving would change in the record as it is now."""
        return {field: value for field, value in self.values.items() if value != self.record[field]}

    @property
    def base(self) -> dict[str, Any]:
        """What the person began from: the record as it is now, but for fields in conflict."""
        found: dict[str, Any] = st.session_state[f"{self.key}-base"]
        return found

    def resume(self, values: Mapping[str, Any], base: Mapping[str, Any], version: int) -> None:
        """Callback: take up what was typed in another session, over `base` at `version`. The next draft of this key
        merges it with what the record holds now."""
        for field in values.keys() & base.keys() & self.record.keys():
            st.session_state[self.widget(field)] = values[field]
            st.session_state[f"{self.key}-base"][field] = base[field]
            # The older one: whatever changed since either has to be met.
            st.session_state[f"{self.key}-seen"] = min(version, self.base_version)

    def take_theirs(self, field: str) -> None:
        """Callback: replace what was typed by the record's value."""
        st.session_state[self.widget(field)] = self.record[field]

    def keep_mine(self, field: str) -> None:
        """Callback: settle the conflict, so that saving replaces the record's value."""
        st.session_state[f"{self.key}-base"][field] = self.record[field]


def forget(key: str) -> None:
    """Drop a draft; the next one starts from the record."""
    for name in [name for name in st.session_state if str(name).startswith(f"{key}-")]:
        del st.session_state[name]
