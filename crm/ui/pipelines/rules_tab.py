"""The rules of a pipeline in its settings: what its stages require, and who may win. A change is written at once."""

import streamlit as st

from crm import pipelines
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline, Requirement
from crm.platform.people import users
from crm.store import Reading
from crm.ui import session, words

WHO = {
    "everybody": later("Everybody who manages the CRM"),
    "managers": later("Managers and administrators"),
    "named": later("These people"),
}


class RulesTab:
    """What the tab shows, from one snapshot."""

    def __init__(self, tx: Reading, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.rules = pipelines.rules_of(tx, pipeline)
        self.choices = pipelines.choices(tx)
        self.winners = pipelines.winners(tx, pipeline.id)
        self.people = {person.id: person.name for person in users.everyone(tx) if person.active}


def show(tab: RulesTab) -> bool:
    """Draw the rules and write what changed; whether anything did."""
    pipeline = tab.pipeline
    st.caption(
        tr(
            "A deal enters a stage only with what the stage asks for, whether it is dragged, moved, imported or sent "
            "by a program. Deals that stand there already stay."
        )
    )
    changed = False
    for stage in pipeline.stages:
        changed = _requirements(stage.id, stage.name, tab.rules[stage.id], tab.choices) or changed
    st.divider()
    return _winners(tab) or changed


def _requirements(stage_id: int, name: str, rules: list[Requirement], choices: dict[str, str]) -> bool:
    """Draw the fields that a stage requires and write what changed; whether anything did."""
    # A deleted attribute stays on offer for as long as a rule names it: the rule lets nobody in, and says why.
    gone = {rule.field: tr("{name} (deleted)", name=rule.name) for rule in rules if rule.broken}
    names = choices | gone
    before = [rule.field for rule in rules]
    chosen = st.multiselect(
        tr("To enter **{stage}**", stage=words.plain(name)),
        list(names),
        before,
        format_func=lambda field: names[field],
        placeholder=tr("Nothing is asked for"),
        # Changed by somebody else it is another widget, which begins with what they chose.
        key=f"asks-{stage_id}-{'-'.join(before)}",
    )
    for rule in rules:
        if rule.broken:
            st.warning(
                tr(
                    "No deal can enter {stage}: “{field}” was deleted. Take it off here, or bring the attribute back "
                    "under Settings.",
                    stage=words.plain(name),
                    field=words.plain(rule.name),
                ),
                icon=":material/link_off:",
            )
        if rule.idle:
            st.caption(tr("{field} is not asked for while its module is off.", field=rule.name))
    if set(chosen) == set(before):
        return False
    return session.done(pipelines.require_fields, stage_id, chosen)


def _winners(tab: RulesTab) -> bool:
    """Draw who may win and write what changed; whether anything did."""
    pipeline = tab.pipeline
    who = st.radio(
        tr("Who may move deals into {stage}", stage=words.plain(pipeline.won.name)),
        list(WHO),
        list(WHO).index(pipeline.winners),
        format_func=lambda choice: tr(WHO[choice]),
        key=f"winners-{pipeline.id}",
    )
    named = tab.winners
    if who == "named":
        known = tab.people | {user_id: tr("Somebody who has left") for user_id in named if user_id not in tab.people}
        named = st.multiselect(
            tr("People"),
            list(known),
            named,
            format_func=lambda user_id: known[user_id],
            placeholder=tr("Choose who may win"),
            label_visibility="collapsed",
            key=f"winner-ids-{pipeline.id}-{'-'.join(map(str, named))}",
        )
        if not named:
            st.caption(tr("Choose at least one person; until then it stays as it was."))
            return False
    if who == pipeline.winners and set(named) == set(tab.winners):
        return False
    return session.done(pipelines.let_win, pipeline.id, who, named)
