"""The columns of a table of deals: what each shows, and how it is edited."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import PRIORITIES
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline
from crm.platform.people import users
from crm.records import labels
from crm.store import Reading, Row
from crm.ui.deals import health_card
from crm.ui.lists.layout import ATTRIBUTES, ListLayout, Shown

VALUE = st.column_config.NumberColumn(format="localized", width=120)
PERCENT = st.column_config.NumberColumn(format="%.0f %%", width=90)


LAYOUT = ListLayout(
    deals.DEAL,
    columns=(
        Shown("title", settings={"width": 230}),
        Shown("value", read=lambda row: None if row["value"] is None else float(row["value"]), settings=VALUE),
        Shown("currency", settings={"width": 80}),
        Shown("stage_id", settings={"width": 130}),
        Shown("owner_id", settings={"width": 120}),
        Shown("expected_close", settings={"width": 130}),
        Shown("priority", settings={"width": 90}),
        Shown("health", later("Health"), health_card.as_text, {"width": 130}, health_card.fill),
        Shown("company_id", settings={"width": 150}),
        Shown("contact_id", settings={"width": 150}),
        Shown("labels", settings={"width": 140}),
        ATTRIBUTES,
    ),
    further=(
        Shown("idle_days", later("Idle days"), health_card.idle_days, fill=health_card.fill),
        "closed_on",
        "close_reason_id",
        "source",
        "identifier",
        "team_id",
        Shown("probability", later("Probability"), lambda row: float(row["probability"]), PERCENT),
        "created_at",
        "updated_at",
    ),
    sorts={
        "-created_at": later("Newest first"),
        "created_at": later("Oldest first"),
        "-updated_at": later("Last changed first"),
        "title": later("Title, A to Z"),
        "-title": later("Title, Z to A"),
        "-value": later("Value, largest first"),
        "value": later("Value, smallest first"),
        "expected_close": later("Expected close, soonest"),
        "-expected_close": later("Expected close, latest"),
        "stage": later("Stage"),
        "-priority": later("Priority"),
        "owner": later("Owner"),
        "company": later("Company"),
        "health": later("Health, worst first"),
        "-idle_days": later("Idle, longest first"),
    },
)


@dataclass(frozen=True)
class Typed:
    """How a column is edited: `to_cell` gives what the row holds as the cell shows it, `from_cell` turns what was typed
    into what the verb takes as `field`."""

    field: str
    to_cell: Callable[[Row], object]
    settings: Mapping[str, Any]
    from_cell: Callable[[Any], Any] = dataclasses.field(default=lambda value: value)


def typed(tx: Reading, pipeline: Pipeline) -> dict[str, Typed]:
    """{key of a column: how it is edited}; the others are only read."""
    people = _distinct({person.id: (person.name, person.email) for person in users.everyone(tx) if person.active})
    stages = _distinct({stage.id: (stage.name, str(stage.position)) for stage in pipeline.stages})
    # A grid's select box knows texts, not ids.
    by_name, by_stage = ({name: id_ for id_, name in named.items()} for named in (people, stages))
    return {
        "title": Typed("title", lambda row: row["title"], st.column_config.TextColumn(max_chars=300, width=230)),
        "value": Typed(
            "value",
            lambda row: float(row["value"]) if row["value"] is not None else None,
            st.column_config.NumberColumn(
                min_value=0, width=120, help=tr("A value that is the sum of lines is changed on the deal's page.")
            ),
            lambda value: None if value is None else Decimal(str(value)),
        ),
        "stage": Typed(
            "to_stage",
            lambda row: stages.get(row["stage_id"], row["stage_name"]),
            st.column_config.SelectboxColumn(options=list(by_stage), required=True, width=130),
            by_stage.get,
        ),
        "owner": Typed(
            "owner_id",
            lambda row: people.get(row["owner_id"], row["owner_name"]),
            st.column_config.SelectboxColumn(options=list(by_name), width=140),
            by_name.get,
        ),
        "expected_close": Typed(
            "expected_close",
            lambda row: row["expected_close"],
            st.column_config.DateColumn(min_value=date(1970, 1, 1), max_value=date(2200, 12, 31), width=130),
            # An editor sends a day back as text.
            lambda day: date.fromisoformat(day[:10]) if isinstance(day, str) else day,
        ),
        "priority": Typed(
            "priority",
            lambda row: row["priority"],
            st.column_config.SelectboxColumn(
                options=list(PRIORITIES), format_func=lambda name: tr(str(name).title()), width=100
            ),
        ),
        "labels": Typed(
            "labels",
            lambda row: list(row["labels"]),
            st.column_config.MultiselectColumn(
                options=[label.name for label in labels.all_of(tx)], accept_new_options=True, width=160
            ),
            lambda names: list(names or ()),
        ),
    }


def _distinct(named: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """{id: a name that no other has}; of equal names each bears what sets it apart."""
    every = [name for name, _ in named.values()]
    return {id_: name if every.count(name) == 1 else f"{name} ({more})" for id_, (name, more) in named.items()}
