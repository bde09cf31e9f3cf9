"""The rows of an import by what becomes of them: lists that page, search and filter; updates field by field."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from crm import imports
from crm.foundation.language import capitalized, later, plural, tr, tr_as
from crm.imports import Fate, Fates, Import, Outcome
from crm.imports.fields import all_targets
from crm.records import attributes
from crm.ui import session, words
from crm.ui.components import address
from crm.ui.imports import repair, rows

ROWS = 50
LONGEST_CELL = 300

MEANING = {
    Outcome.UNCHANGED: later("Their records are there already and hold all that these rows say."),
    Outcome.SKIPPED: later("Their records are there already, and such rows are to be skipped."),
    Outcome.CONFLICT: later(
        "What the store holds stands in the way: a row is about two records at once, or about one that you may not see."
    ),
    Outcome.REJECTED: later("The row says why. Repair it here, or in the file of rejected rows."),
}
REFUSED = (Outcome.CONFLICT, Outcome.REJECTED)


def to_come() -> dict[Outcome, str]:
    """What a dry run calls the outcomes."""
    return {
        Outcome.CREATED: tr_as("rows", "Create"),
        Outcome.UPDATED: tr_as("rows", "Update"),
        Outcome.UNCHANGED: tr_as("rows", "Unchanged"),
        Outcome.SKIPPED: tr_as("rows", "Skip"),
        Outcome.CONFLICT: tr_as("rows", "Conflict"),
        Outcome.REJECTED: tr_as("rows", "Reject"),
    }


def done() -> dict[Outcome, str]:
    """What an import calls the outcomes."""
    return {
        Outcome.CREATED: tr_as("rows", "Created"),
        Outcome.UPDATED: tr_as("rows", "Updated"),
        Outcome.UNCHANGED: tr_as("rows", "Unchanged"),
        Outcome.SKIPPED: tr_as("rows", "Skipped"),
        Outcome.CONFLICT: tr_as("rows", "Conflict"),
        Outcome.REJECTED: tr_as("rows", "Rejected"),
    }


def counts(found: Import) -> dict[Outcome, int]:
    """{outcome: number of rows}; they sum up to the rows read."""
    return {
        Outcome.CREATED: found.created,
        Outcome.UPDATED: found.updated,
        Outcome.UNCHANGED: found.unchanged,
        Outcome.SKIPPED: found.skipped,
        Outcome.CONFLICT: found.conflicts,
        # A conflict is a rejected row with a list of its own.
        Outcome.REJECTED: found.rejected - found.conflicts,
    }


def show(found: Import) -> None:
    present = {outcome: many for outcome, many in counts(found).items() if many}
    if not present:
        return
    names = to_come() if found.state == "planned" else done()
    named = address.get("outcome")
    outcome = Outcome(named) if named in present else next(iter(present))
    address.follow("outcome", outcome)
    st.segmented_control(
        tr("Outcome"),
        list(present),
        format_func=lambda each: f"{names[each]} {words.number(present[each])}",
        required=True,
        label_visibility="collapsed",
        key="outcome",
        on_change=_take_outcome,
    )
    if outcome in MEANING:
        st.caption(tr(MEANING[outcome]))
    _list(found, outcome)


def _take_outcome() -> None:
    st.query_params["outcome"] = st.session_state["outcome"]
    for name in ("q", "field", "page"):
        st.query_params.pop(name, None)


def labels(found: Import) -> dict[str, str]:
    """{field or column: what people call it}."""
    with session.reading() as tx:
        return _labels(found, attributes.beside_fields(tx, found.of.key))


def _list(found: Import, outcome: Outcome) -> None:
    with session.reading() as tx:
        fields = imports.outcome_fields(tx, found.id, outcome)
        labels = _labels(found, attributes.beside_fields(tx, found.of.key))
        field = address.get("field") if address.get("field") in fields else None
        page = imports.outcomes(
            tx,
            found.id,
            outcome,
            search=address.get("q"),
            field=field,
            limit=ROWS,
            offset=(address.number("page", 1, most=100_000) - 1) * ROWS,
        )
    if not page.kept:
        st.info(tr("The rows themselves are no longer kept; their counts are."), icon=":material/inventory_2:")
        return
    if not page.items:
        address.turn_back(page.total, ROWS)
    _toolbar(fields, labels)
    _summary(page)
    if not page.items:
        return
    if outcome in REFUSED:
        repair.grid(found, page.items, labels)
    elif outcome is Outcome.UPDATED:
        _differences(found, page.items, labels)
    else:
        _records(found, page.items, labels)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key=f"rows-{outcome}")


def _toolbar(fields: dict[str, int], labels: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(tr("Search these rows, or a line number"), key="rows-search")
        if fields:
            counted = {key: f"{_label(labels, key)} · {words.number(many)}" for key, many in fields.items()}
            options = {"": tr("Any field"), **counted}
            address.choice(tr("Field"), "field", options, default="", key="rows-field")


def _summary(page: Fates) -> None:
    if not page.items:
        st.caption(tr("No row matches."))
    elif page.total > len(page.items):
        first = (address.number("page", 1, most=100_000) - 1) * ROWS + 1
        last = first + len(page.items) - 1
        st.caption(tr("{first:,}–{last:,} of {count:,} rows", first=first, last=last, count=page.total))
    else:
        st.caption(plural("{count:,} row", "{count:,} rows", page.total))


def _differences(found: Import, fates: Sequence[Fate], labels: dict[str, str]) -> None:
    """Draw a line for each field that changes, with the record named on each."""
    lines = [
        {
            tr("Line"): row.line,
            capitalized(found.of.one): rows.opening(found.of.key, row.id, row.name),
            tr("Field"): _label(labels, field),
            tr("Before"): _text(before),
            tr("After"): _text(after),
        }
        for row in fates
        for field, (before, after) in row.changes.items()
    ]
    rows.table(found.of.key, lines)


def _records(found: Import, fates: Sequence[Fate], labels: dict[str, str]) -> None:
    named = any(row.id for row in fates)
    # Where records are named, their names stand in a column of their own already.
    fields = dict.fromkeys(field for row in fates for field in row.fields if not (named and field in ("name", "title")))
    lines = [
        {
            tr("Line"): row.line,
            **({capitalized(found.of.one): rows.opening(found.of.key, row.id, row.name)} if named else {}),
            **{_label(labels, field): _text(row.fields.get(field), missing="") for field in fields},
        }
        for row in fates
    ]
    rows.table(found.of.key, lines)


def _labels(found: Import, definitions: Sequence[attributes.Definition]) -> dict[str, str]:
    every = all_targets(found.of).values()
    own = {key: tr(each.label) for each in every for key in (each.column, each.key)}
    return own | {definition.column: definition.name for definition in definitions} | {"line": tr("Line")}


def _label(labels: dict[str, str], field: str) -> str:
    return labels.get(field) or field.removeprefix("attribute:").removeprefix("a_").replace("_", " ").capitalize()


def _text(value: Any, missing: str = "–") -> str:
    if value is None or value == "":
        return missing
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    return str(value)[:LONGEST_CELL]
