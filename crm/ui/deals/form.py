"""The fields of a deal as widgets, the same in the drawer, on the page and for a new deal."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import streamlit as st
from pydantic import BaseModel

from crm import companies, contacts
from crm.deals import PRIORITIES, Deal
from crm.foundation import money
from crm.foundation.access import Module
from crm.platform.people import teams, users
from crm.records import attributes
from crm.records.attributes import Definition
from crm.records.listing import ListQuery
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components import days
from crm.ui.deals.draft import Draft
from crm.ui.forms import record_fields, side_by_side

SHORT = ("title", "value", "expected_close", "priority", "owner_id")
FULL = (
    *("title", "value", "currency", "expected_close", "priority", "owner_id", "team_id"),
    *("contact_id", "company_id", "source"),
)
LABELS = {
    "title": "Title",
    "value": "Value",
    "currency": "Currency",
    "expected_close": "Expected close",
    "priority": "Priority",
    "owner_id": "Owner",
    "team_id": "Team",
    "contact_id": "Contact",
    "company_id": "Company",
    "source": "Source",
}
_OF_MODULE = {"company_id": Module.COMPANIES}
OF_LINES = ("value", "currency")
FOUND = 20
ATTRIBUTE = "attribute-"
"""Before an attribute's key in the name of a draft's field."""


class Choices(BaseModel, frozen=True):
    """What there is to choose from, by id."""

    owners: dict[int, str]
    teams: dict[int, str]
    definitions: list[Definition]


def choices(tx: Reading) -> Choices:
    return Choices(
        owners={person.id: person.name for person in users.everyone(tx) if person.active},
        teams={team.id: team.name for team in teams.everyone(tx)},
        definitions=attributes.definitions(tx, "deal"),
    )


def offered(fields: Iterable[str]) -> list[str]:
    """The fields without those of modules that are off."""
    actor = session.actor()
    return [field for field in fields if field not in _OF_MODULE or actor.has(_OF_MODULE[field])]


def of_deal(deal: Deal, fields: tuple[str, ...]) -> dict[str, Any]:
    """The deal as widgets hold it: amounts as numbers, empty text as an empty box. Value and currency of a deal with
    lines are not among them: the lines say both."""
    plain = {field: getattr(deal, field) for field in offered(fields) if not (deal.has_lines and field in OF_LINES)}
    if "value" in plain:
        plain["value"] = None if deal.value is None else float(deal.value)
    if "source" in plain:
        plain["source"] = deal.source or ""
    return plain


def of_attributes(deal: Deal, given: Choices) -> dict[str, Any]:
    """The deal's attributes as widgets hold them: fields of a draft like any other, beside those of `of_deal`."""
    return {
        ATTRIBUTE + definition.key: record_fields.held(definition, deal.attributes.get(definition.key))
        for definition in given.definitions
    }


def of_no_attributes(given: Choices) -> dict[str, Any]:
    """As `of_attributes`, of a deal that is yet to be made."""
    return {ATTRIBUTE + definition.key: record_fields.held(definition, None) for definition in given.definitions}


def draw_attributes(draft: Draft, given: Choices) -> None:
    for definition in given.definitions:
        record_fields.widget(definition, key=draft.widget(ATTRIBUTE + definition.key))


def changes(draft: Draft) -> dict[str, Any]:
    """What saving would change, as `deals.edit` takes it."""
    return _as_given(draft.changes)


def values(draft: Draft) -> dict[str, Any]:
    """Everything that it holds, as `deals.create` takes it; attributes that were left alone are none."""
    touched = draft.changes
    return _as_given({f: v for f, v in draft.values.items() if not f.startswith(ATTRIBUTE) or f in touched})


def _as_given(found: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field: value for field, value in found.items() if not field.startswith(ATTRIBUTE)}
    attributes = {field: value for field, value in found.items() if field.startswith(ATTRIBUTE)}
    return fields | {"attributes": {field.removeprefix(ATTRIBUTE): value for field, value in attributes.items()}}


def definition(field: str, given: Choices) -> Definition | None:
    """The attribute whose value this field of a draft is."""
    return next((one for one in given.definitions if ATTRIBUTE + one.key == field), None)


def is_there(field: str, record_id: int) -> bool:
    """Whether the actor sees the contact or the company, so that the deal can be linked to it."""
    return bool(_contact_name(record_id) if field == "contact_id" else _company_name(record_id))


def draw(draft: Draft, given: Choices, names: Mapping[str, str | None]) -> None:
    """The widgets of every field that the draft has, two by two. `names` are those of the linked records."""
    for pair in _pairs([field for field in draft.record if field in LABELS]):
        columns = st.columns(len(pair))
        for column, field in zip(columns, pair, strict=True):
            with column:
                _widget(draft, field, given, names)


def settle_conflicts(draft: Draft, given: Choices, said: Callable[[str, Any], str]) -> None:
    """For each field that both changed: what it was, both values, and the two ways out."""
    labels = LABELS | {ATTRIBUTE + one.key: words.plain(one.name) for one in given.definitions}
    for field in draft.conflicts:
        side_by_side.choose(
            labels[field],
            was=said(field, draft.base[field]),
            mine=said(field, draft.values[field]),
            theirs=said(field, draft.record[field]),
            key=f"{draft.key}-conflict-{field}",
            keep_mine=draft.keep_mine,
            take_theirs=draft.take_theirs,
            args=(field,),
        )


def shown(field: str, value: Any, deal: Deal, given: Choices, locale: str) -> str:
    """A field's value in words."""
    if value is None or value == "":
        return "–"
    match field:
        case "value":
            return money.shown(money.amount(str(value), deal.currency), deal.currency, locale)
        case "owner_id":
            return given.owners.get(value, deal.owner_name if value == deal.owner_id else None) or "–"
        case "team_id":
            return given.teams.get(value, "–")
        case "contact_id":
            return _contact_name(value) or "–"
        case "company_id":
            return _company_name(value) or "–"
        case _ if isinstance(value, bool):
            return "yes" if value else "no"
        case _ if isinstance(value, date):
            return words.day(value, locale)
        case _:
            return str(value)


def _pairs(fields: list[str]) -> list[list[str]]:
    """The title has a row of its own; the others share one."""
    rest = [field for field in fields if field != "title"]
    return [["title"], *(rest[start : start + 2] for start in range(0, len(rest), 2))]


def _widget(draft: Draft, field: str, given: Choices, names: Mapping[str, str | None]) -> None:
    label, key = LABELS[field], draft.widget(field)
    match field:
        case "title":
            st.text_input(label, key=key, max_chars=300, required=True)
        case "source":
            st.text_input(label, key=key, max_chars=120)
        case "value":
            st.number_input(label, min_value=0.0, value=None, step=None, format="%.2f", key=key)
        case "currency":
            st.selectbox(label, sorted(money.CURRENCIES), key=key)
        case "expected_close":
            days.ask(label, key=key)
        case "priority":
            st.selectbox(label, [None, *PRIORITIES], format_func=lambda name: name.title() if name else "–", key=key)
        case "owner_id":
            _select(label, given.owners, key, draft.record[field], names.get("owner_id"))
        case "team_id":
            _select(label, given.teams, key, draft.record[field], names.get("team_id"))
        case "contact_id":
            _pick(label, _find_contacts, key, {draft.record[field]: names.get(field)}, _contact_name)
        case "company_id":
            _pick(label, _find_companies, key, {draft.record[field]: names.get(field)}, _company_name)


def _select(label: str, options: Mapping[int, str], key: str, now: int | None, now_name: str | None) -> None:
    """One of a few. What the record holds stays on offer even where it would no longer be (a person who has left)."""
    offered = dict(options) if now is None else {now: now_name or "–", **options}
    st.selectbox(label, [None, *offered], format_func=lambda one: offered.get(one, "–") if one else "–", key=key)


def _pick(
    label: str,
    find: Callable[[str], dict[int, str]],
    key: str,
    now: Mapping[int | None, str | None],
    name: Callable[[int], str | None],
) -> None:
    """One of very many: a search box whose hits are on offer below it. `now` is what the record holds, with its name
    where that is known."""
    chosen = st.session_state[key]
    query = st.session_state.get(f"{key}-search") or ""
    hits = find(query) if query else {}
    held = {one: now.get(one) or name(one) or "–" for one in {*now, chosen} if one is not None}
    offered = held | hits
    st.selectbox(label, [None, *offered], format_func=lambda one: offered.get(one, "–") if one else "–", key=key)
    st.text_input(
        f"Find a {label.lower()}",
        type="search",
        live=True,
        placeholder=f"Find a {label.lower()} …",
        icon=":material/search:",
        label_visibility="collapsed",
        key=f"{key}-search",
    )
    if query:
        st.caption(f"{len(hits)} found: choose above." if hits else "Nobody found.")


def _find_contacts(query: str) -> dict[int, str]:
    with session.reading() as tx:
        page = contacts.find(tx, ListQuery(search=query, limit=FOUND))
    return {row["id"]: row["name"] or row["email"] or row["phone"] for row in page.items}


def _find_companies(query: str) -> dict[int, str]:
    with session.reading() as tx:
        page = companies.find(tx, ListQuery(search=query, limit=FOUND))
    return {row["id"]: row["name"] for row in page.items}


def _contact_name(contact_id: int) -> str | None:
    with session.reading() as tx:
        contact = contacts.find_one(tx, contact_id)
    return (contact.name or contact.email or contact.phone) if contact else None


def _company_name(company_id: int) -> str | None:
    with session.reading() as tx:
        company = companies.find_one(tx, company_id)
    return company.name if company else None
