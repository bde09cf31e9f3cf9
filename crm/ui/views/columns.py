"""The columns of a table of deals: what each shows, and how it is typed where it can be."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import PRIORITIES
from crm.foundation.access import Module, Permission
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.platform.people import users
from crm.records import attributes, bulk, labels
from crm.store import Reading, Row
from crm.ui import session, words
from crm.ui.deals import health_card
from crm.ui.lists.noun import Column, Noun, attribute_columns

SORTS = {
    "-created_at": "Newest first",
    "created_at": "Oldest first",
    "-updated_at": "Last changed first",
    "title": "Title, A to Z",
    "-title": "Title, Z to A",
    "-value": "Value, largest first",
    "value": "Value, smallest first",
    "expected_close": "Expected close, soonest",
    "-expected_close": "Expected close, latest",
    "stage": "Stage",
    "-priority": "Priority",
    "owner": "Owner",
    "company": "Company",
    "health": "Health, worst first",
    "-idle_days": "Idle, longest first",
}


def noun(pipeline: Pipeline) -> Noun:
    return Noun(
        kind="deals",
        one="deal",
        find=deals.find,
        fields=deals.fields,
        sorts={key: name for key, name in SORTS.items() if key != "company" or session.actor().has(Module.COMPANIES)},
        quick=(),
        columns=shown,
        actions=bulk.actions("deals"),
        form=None,
        placeholder="Search deals",
        listens=("deal",),
        permission=Permission.MANAGE_CRM,
    )


def shown(tx: Reading) -> Sequence[Column]:
    zone, locale = tx.actor.time_zone, workspace.get(tx).locale

    def day(key: str) -> Callable[[Row], object]:
        return lambda row: words.day(row[key], locale) if row[key] else None

    company = Column("company", "Company", lambda row: row["company_name"], {"width": 150})
    return [
        Column("title", "Title", lambda row: row["title"], {"width": 230}),
        Column("value", "Value", lambda row: float(row["value"]) if row["value"] is not None else None, VALUE),
        Column("currency", "Currency", lambda row: row["currency"], {"width": 80}),
        Column("stage", "Stage", lambda row: row["stage_name"], {"width": 130}),
        Column("owner", "Owner", lambda row: row["owner_name"], {"width": 120}),
        Column("expected_close", "Expected close", day("expected_close"), {"width": 130}),
        Column("priority", "Priority", lambda row: row["priority"] and row["priority"].title(), {"width": 90}),
        Column("health", "Health", health_card.as_text, {"width": 130}, fill=health_card.fill),
        *([company] if tx.actor.has(Module.COMPANIES) else []),
        Column("contact", "Contact", lambda row: row["contact_name"], {"width": 150}),
        Column("labels", "Labels", lambda row: row["labels"], {"width": 140}),
        *attribute_columns(attributes.definitions(tx, "deal")),
        Column("idle_days", "Idle days", health_card.idle_days, at_first=False, fill=health_card.fill),
        Column("closed_on", "Closed", day("closed_on"), at_first=False),
        Column("close_reason", "Close reason", lambda row: row["close_reason"], at_first=False),
        Column("source", "Source", lambda row: row["source"], at_first=False),
        Column("identifier", "Identifier", lambda row: row["identifier"], at_first=False),
        Column("team", "Team", lambda row: row["team_name"], at_first=False),
        Column("probability", "Probability", lambda row: float(row["probability"]), PERCENT, at_first=False),
        Column("created_at", "Opened", lambda row: words.moment(row["created_at"], zone, locale), at_first=False),
        Column("updated_at", "Last changed", lambda row: words.moment(row["updated_at"], zone, locale), at_first=False),
    ]


VALUE = st.column_config.NumberColumn(format="localized", width=120)
PERCENT = st.column_config.NumberColumn(format="%.0f %%", width=90)


@dataclass(frozen=True)
class Typed:
    """How a column is typed: `held` is what the row holds as the cell shows it, `field` what the verb calls it, `given`
    turns what was typed into what the verb takes."""

    field: str
    held: Callable[[Row], object]
    settings: Mapping[str, Any]
    given: Callable[[Any], Any] = dataclasses.field(default=lambda value: value)


def typed(tx: Reading, pipeline: Pipeline) -> dict[str, Typed]:
    """{key of a column: how it is typed}; the others are only read."""
    people = _apart({person.id: (person.name, person.email) for person in users.everyone(tx) if person.active})
    stages = _apart({stage.id: (stage.name, str(stage.position)) for stage in pipeline.stages})
    by_name, by_stage = ({name: one for one, name in named.items()} for named in (people, stages))
    return {
        "title": Typed("title", lambda row: row["title"], st.column_config.TextColumn(max_chars=300, width=230)),
        "value": Typed(
            "value",
            lambda row: float(row["value"]) if row["value"] is not None else None,
            st.column_config.NumberColumn(
                min_value=0, width=120, help="A value that is the sum of lines is changed on the deal's page."
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
            lambda day: date.fromisoformat(day[:10]) if isinstance(day, str) else day,
        ),
        "priority": Typed(
            "priority",
            lambda row: row["priority"],
            st.column_config.SelectboxColumn(
                options=list(PRIORITIES), format_func=lambda name: str(name).title(), width=100
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


def _apart(named: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Names that tell each from the others: two of one name bear what sets them apart."""
    every = [name for name, _ in named.values()]
    return {one: name if every.count(name) == 1 else f"{name} ({more})" for one, (name, more) in named.items()}
