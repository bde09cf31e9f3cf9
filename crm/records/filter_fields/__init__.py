"""What each noun can be filtered by: its own fields, labels and attributes, and what it is related to.

Lists, segments, exports, the API and the builder all ask here. A noun that comes later (orders, conversations) gets a
module beside these and a line where it is a relation of others.
"""

from collections.abc import Callable, Sequence

from crm.foundation.errors import Invalid
from crm.records.filter_fields import companies, contacts, deals, orders, relations
from crm.records.filter_fields.context import Look
from crm.records.filters import All, Criteria, Field, Filter, Relation, mentioned, tally
from crm.store import Reading

_FIELDS: dict[str, Callable[[Look], dict[str, Field]]] = {
    "contacts": contacts.fields,
    "companies": companies.fields,
    "deals": deals.fields,
    "orders": orders.fields,
}
_RELATIONS: dict[str, Callable[[Look], list[Relation]]] = {
    "contacts": relations.of_contacts,
    "companies": relations.of_companies,
    "deals": relations.of_deals,
    "orders": relations.of_orders,
}
_ALIASES = {"contacts": "contact", "companies": "company", "deals": "deal", "orders": "purchase"}


def fields(tx: Reading, noun: str, asked: Filter | None = None) -> Criteria:
    """The fields and relations of contacts, companies or deals as they are now: with the people, stages, labels and
    attributes of now to choose from. Given a filter, those that it mentions: enough to compile it, and sooner read."""
    if noun not in _FIELDS:
        raise Invalid(f"“{noun}” cannot be filtered, only {', '.join(_FIELDS)}.", "kind")
    look = Look(tx, mentioned(asked) if asked else None)
    return Criteria(_FIELDS[noun](look).values(), _RELATIONS[noun](look), noun=noun)


def counts(tx: Reading, known: Criteria, parts: Sequence[Filter]) -> list[int]:
    """How many records meet each of these parts, by itself: all in one look at the noun that `known` speaks of."""
    if not parts:
        return []
    mentioned_now = fields(tx, known.noun, All(of=tuple(parts)))  # what is dear is then read once for all lines
    wanted = tally(parts, mentioned_now, today=tx.today, time_zone=tx.actor.time_zone)
    found = tx.row(
        f"SELECT {wanted.counts} FROM (SELECT {wanted.lines} FROM {known.noun} AS {_ALIASES[known.noun]})",
        **wanted.params,
    )
    return [int(count) for count in found.values()]
