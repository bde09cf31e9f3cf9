"""What stands in the editor and is not saved: of the query of the address, or of a new one."""

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from crm.foundation import bounds
from crm.foundation.errors import CrmError
from crm.platform import process
from crm.ui import refusals, session
from crm.workbench import background, charting, parameters, queries
from crm.workbench.background import Job
from crm.workbench.charting import Chart
from crm.workbench.parameters import Parameter, ParameterType
from crm.workbench.queries import SavedSql
from crm.workbench.running import Query

QUERY = "query"
"""Of the address."""
_DRAFTS = "sql-drafts"
MOST = 12
"""Drafts of one session."""


@dataclass
class Draft:
    saved: SavedSql | None = None
    """The saved query as it was when the draft began, or when it was saved last."""
    text: str = ""
    values: dict[str, Parameter] = field(default_factory=dict)
    """Of parameters by name; also of those that the text names no more."""
    chart: Chart = charting.NOTHING_DRAWN
    revision: int = 0
    """Goes up where the server replaces the text."""
    fresh: bool = True
    """Whether the browser may bring back what it has kept."""
    forget: str = ""
    run_id: str = ""
    plan: tuple[Query, str] | None = None

    @property
    def place(self) -> str:
        """What the browser keeps it under."""
        return f"sql-{self.saved.id if self.saved else 'new'}"

    @property
    def named(self) -> tuple[Parameter, ...]:
        """The parameters that the text names."""
        found = []
        for name in parameters.named(self.text)[: parameters.MOST]:
            guess = Parameter(name=name, type=parameters.guessed(self.text, name))
            found.append(self.values.get(name, guess))
        return tuple(found)

    @property
    def query(self) -> Query:
        return Query(self.text, {one.name: (one.type, _given(one)) for one in self.named})

    @property
    def is_changed(self) -> bool:
        """Whether saving would change the saved query."""
        if self.saved is None:
            return bool(self.text.strip())
        saved = self.saved
        return (self.text.strip(), self.named, self.chart) != (saved.sql, saved.parameters, saved.chart)

    @property
    def job(self) -> Job | None:
        return background.of(process.store()).find(session.actor(), self.run_id) if self.run_id else None

    def replace(self, text: str, given: tuple[Parameter, ...]) -> None:
        """Put another text into the editor, with its parameters."""
        self.text = text
        self.values = {one.name: one for one in given}
        self.revision += 1
        self.fresh = False

    def begin(self, saved: SavedSql) -> None:
        """Make it a draft of this query as it is now."""
        self.saved, self.chart = saved, saved.chart
        self.replace(saved.sql, saved.parameters)
        self.fresh = True

    def was_saved(self, saved: SavedSql) -> None:
        """What stands in the editor is the saved query now: the browser forgets what it kept."""
        self.saved = saved
        self.forget = uuid4().hex
        if self.text.strip() != saved.sql:  # odd characters are not kept
            self.replace(saved.sql, saved.parameters)


def _given(one: Parameter) -> parameters.Value:
    """A text that nobody filled in is empty; what else was not is NULL."""
    if one.value is not None:
        return one.value
    match one.type:
        case ParameterType.TEXT:
            return ""
        case ParameterType.LIST:
            return ()
        case ParameterType.BOOLEAN:
            return False
    return None


def current() -> Draft:
    """The draft of the query in the address; of a new one where that is none, or not the actor's to see, which is
    said."""
    drafts: dict[int, Draft] = st.session_state.setdefault(_DRAFTS, {})
    word = st.query_params.get(QUERY, "")
    query_id = bounds.whole(word) if word else 0
    saved = None
    if query_id != 0:
        try:
            saved = session.read(queries.get, query_id or -1)
        except CrmError as refusal:
            refusals.show(refusal)
            query_id = 0
    draft = drafts.pop(query_id or 0, None)
    if draft is None:
        draft = Draft()
        if saved:
            draft.begin(saved)
    elif saved and saved != draft.saved and not draft.is_changed:
        draft.begin(saved)  # it was saved elsewhere meanwhile
    drafts[query_id or 0] = draft  # the one used last stands last
    while len(drafts) > MOST:
        drafts.pop(next(iter(drafts)))
    return draft


def forget(query_id: int) -> None:
    """Drop the draft of a query, or of a new one, which is 0."""
    st.session_state.get(_DRAFTS, {}).pop(query_id, None)


def hold(saved: SavedSql, run_id: str) -> None:
    """Have the draft of a query that was just saved at hand, with the run that it was seen in."""
    draft = Draft(run_id=run_id, forget=uuid4().hex)
    draft.begin(saved)
    st.session_state.setdefault(_DRAFTS, {})[saved.id] = draft


def open_query(query_id: int) -> None:
    """Send the page to a saved query; to a new one where it is 0."""
    st.query_params.clear()
    if query_id:
        st.query_params[QUERY] = str(query_id)
    st.rerun()
