"""What the stages of a pipeline ask for, and who may win, as its settings show it: each change is written as it is
made."""

import streamlit as st

from crm import pipelines
from crm.pipelines import Pipeline, Requirement
from crm.platform.people import users
from crm.store import Reading
from crm.ui import session, words

WHO = {
    "everybody": "Everybody who manages the CRM",
    "managers": "Managers and administrators",
    "named": "These people",
}


class Found:
    """What the tab shows, read in one look."""

    def __init__(self, tx: Reading, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.rules = pipelines.rules_of(tx, pipeline)
        self.choices = pipelines.choices(tx)
        self.winners = pipelines.winners(tx, pipeline.id)
        self.people = {person.id: person.name for person in users.everyone(tx) if person.active}


def show(found: Found) -> bool:
    """Whether something was changed."""
    pipeline = found.pipeline
    st.caption(
        "A deal enters a stage only with what the stage asks for, whether it is dragged, moved, imported or sent by a "
        "program. Deals that stand there already stay."
    )
    changed = False
    for stage in pipeline.stages:
        changed = _asked(stage.id, stage.name, found.rules[stage.id], found.choices) or changed
    st.divider()
    return _winners(found) or changed


def _asked(stage_id: int, name: str, rules: list[Requirement], choices: dict[str, str]) -> bool:
    """A deleted attribute stays on offer for as long as the rule names it, and says what is wrong."""
    gone = {rule.field: f"{rule.name} (deleted)" for rule in rules if rule.broken}
    names = choices | gone
    before = [rule.field for rule in rules]
    wanted = st.multiselect(
        f"To enter **{words.plain(name)}**",
        list(names),
        before,
        format_func=lambda field: names[field],
        placeholder="Nothing is asked for",
        key=f"asks-{stage_id}-{'-'.join(before)}",
    )
    for rule in rules:
        if rule.broken:
            st.warning(
                f"No deal can enter {words.plain(name)}: “{words.plain(rule.name)}” was deleted. Take it off here, or "
                "bring the attribute back under Settings.",
                icon=":material/link_off:",
            )
        if rule.idle:
            st.caption(f"{rule.name} is not asked for while its module is off.")
    if set(wanted) == set(before):
        return False
    return session.done(pipelines.require_fields, stage_id, wanted)


def _winners(found: Found) -> bool:
    """Nothing is written while “these people” are nobody yet."""
    pipeline = found.pipeline
    who = st.radio(
        f"Who may move deals into {words.plain(pipeline.won.name)}",
        list(WHO),
        list(WHO).index(pipeline.winners),
        format_func=lambda one: WHO[one],
        key=f"winners-{pipeline.id}",
    )
    named = found.winners
    if who == "named":
        known = found.people | {one: "Somebody who has left" for one in named if one not in found.people}
        named = st.multiselect(
            "People",
            list(known),
            named,
            format_func=lambda one: known[one],
            placeholder="Choose who may win",
            label_visibility="collapsed",
            key=f"winner-ids-{pipeline.id}-{'-'.join(map(str, named))}",
        )
        if not named:
            st.caption("Choose at least one person; until then it stays as it was.")
            return False
    if who == pipeline.winners and set(named) == set(found.winners):
        return False
    return session.done(pipelines.let_win, pipeline.id, who, named)
