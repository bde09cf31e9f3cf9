"""The values of a column that feeds a choice, each with what it is read as; proposals are filled in."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from crm.foundation.language import plural, tr
from crm.imports import ColumnValues, FoundValue, Options, ValueField
from crm.imports.planning.cleaning import word
from crm.ui import words
from crm.ui.imports.draft import Draft

AS_IT_IS, EMPTY, REJECT, ADD = "as it is", "leave empty", "reject", "add"
VALUE = "value:"
"""Prefix of a choice that is a value of the field."""


def take_proposals(draft: Draft, found: Mapping[str, ColumnValues]) -> None:
    """Fill in what is proposed for the values about which nothing is chosen yet."""
    proposals: dict[str, Mapping[str, str | None]] = {}
    for column in found.values():
        options, key = draft.options, column.field.key
        chosen = {word(text) for text in (*options.values.get(key, {}), *options.new_values.get(key, []))}
        new = {one.text: one.proposed for one in column.found if one.proposed and word(one.text) not in chosen}
        if new:
            proposals[key] = new
    if proposals:
        draft.start(draft.options.with_values(proposals, {}))


def choose(header: str, column: ColumnValues, draft: Draft) -> None:
    """Draw the values of one column, those that are not known first."""
    of = column.field
    unknown = [one for one in column.found if one.meaning is None]
    name, many = words.plain(header), len(column.found) + column.more
    if unknown:
        title = tr(
            "Values of {column}: {count:,}, {unknown:,} not known to {field}",
            column=name,
            count=many,
            unknown=len(unknown),
            field=words.plain(of.label),
        )
    else:
        title = tr("Values of {column}: {count:,}", column=name, count=many)
    with st.expander(title, expanded=bool(unknown), icon=":material/rule:"):
        for one in column.found:
            chosen = chosen_of(of, draft.options, one.text, one.meaning)
            proposed = one.proposed is not None and chosen == VALUE + one.proposed
            field = f"value-{of.key}-{one.text}"
            key = draft.follow(field, chosen)
            row(
                of,
                one.text,
                one.rows,
                key,
                known=one.meaning,
                proposed=proposed,
                on_change=_take,
                args=(draft, of, one),
            )
        if column.more:
            st.caption(tr("… and {count:,} more. The dry run lists those that are not known.", count=column.more))


def row(
    of: ValueField,
    text: str,
    rows: int,
    key: str,
    *,
    known: str | None = None,
    proposed: bool = False,
    on_change: Callable[..., None] | None = None,
    args: tuple[Any, ...] = (),
) -> str:
    """Draw one value of the file, and the choice of what it is read as, which the session has under `key`."""
    name, choice = st.columns([4, 4], vertical_alignment="center")
    many = plural("{count:,} row", "{count:,} rows", rows)
    told = " · ".join([many, tr("proposed")] if proposed else [many])
    name.markdown(f"{words.plain(text)} :small[:gray[{told}]]")
    offered = choices_of(of, known)
    chosen = st.session_state[key]
    # A value that was mapped once and is gone since: it is shown, and its rows are rejected.
    offered |= {} if chosen in offered else {chosen: chosen.removeprefix(VALUE)}
    return choice.selectbox(
        tr("Value of {text}", text=text),
        list(offered),
        format_func=lambda each: offered[each],
        label_visibility="collapsed",
        key=key,
        on_change=on_change,
        args=args,
    )


def choices_of(of: ValueField, known: str | None) -> dict[str, str]:
    """{choice: what it is called}; `known` is the value that the text means anyway."""
    offered = {AS_IT_IS: tr("Known: {name}", name=of.shown(known))} if known else {REJECT: tr("Reject its rows")}
    offered |= {VALUE + value: of.shown(name) for value, name in of.values.items()}
    offered[EMPTY] = tr("Leave the cell empty")
    if known:
        offered[REJECT] = tr("Reject its rows")
    elif of.new:
        offered[ADD] = tr("Add it, disabled") if of.is_person else tr("Add it to the list")
    return offered


def chosen_of(of: ValueField, options: Options, text: str, known: str | None) -> str:
    if text in options.new_values.get(of.key, []):
        return ADD
    mapped = {word(said): meaning for said, meaning in options.values.get(of.key, {}).items()}
    if word(text) not in mapped:
        return AS_IT_IS if known else REJECT
    meaning = mapped[word(text)]
    return REJECT if meaning is None else VALUE + meaning if meaning else EMPTY


def with_choice(options: Options, field: str, text: str, chosen: str) -> Options:
    """The options with another choice about one text of the file."""
    mapped = {said: meaning for said, meaning in options.values.get(field, {}).items() if word(said) != word(text)}
    added = [said for said in options.new_values.get(field, []) if said != text]
    if chosen == ADD:
        added.append(text)
    elif chosen != AS_IT_IS:
        mapped[text] = {EMPTY: "", REJECT: None}.get(chosen, chosen.removeprefix(VALUE))
    values = {key: each for key, each in {**options.values, field: mapped}.items() if each}
    new_values = {key: each for key, each in {**options.new_values, field: added}.items() if each}
    return options.model_copy(update={"values": values, "new_values": new_values})


def _take(draft: Draft, of: ValueField, one: FoundValue) -> None:
    draft.start(with_choice(draft.options, of.key, one.text, draft.value(f"value-{of.key}-{one.text}")))
