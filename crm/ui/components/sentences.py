"""Events of the log in words: the sentence, the fields that changed, and their heading in a timeline."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.records import registry
from crm.records.edits import field_label
from crm.records.history import Event

LONGEST = 280
"""Of a text quotation in a timeline, which is no place to read one in full."""
NAMED = 3
"""Records of those that were linked together."""

CHANGES, NOTES, FILES = later("Changes"), later("Notes"), later("Files")
CHECKLISTS, ORDERS, MERGES = later("Checklists"), later("Orders"), later("Merges")
LINKS = later("Links")

_RELATED = {"note": NOTES, "file": FILES, "checklist": CHECKLISTS, "order": ORDERS, "link": LINKS}
"""What stands beside a record, by the first word of an event's name."""

_THIS = {
    "contact": later("this contact"),
    "company": later("this company"),
    "deal": later("this deal"),
    "order": later("this order"),
    "product": later("this product"),
}

_VALUES = {
    "priority": {"low": later("low"), "medium": later("medium"), "high": later("high")},
    "status": {
        "open": later("open"),
        "won": later("won"),
        "lost": later("lost"),
        "pending": later("pending"),
        "paid": later("paid"),
        "partially_paid": later("partially_paid"),
        "overdue": later("overdue"),
        "refunded": later("refunded"),
        "cancelled": later("cancelled"),
        "failed": later("failed"),
    },
}
"""{field: {value in the log: its name}}"""

_FIELDS = (
    *(later("Deal title"), later("Due on"), later("Assignee"), later("Quantity")),
    *(later("Unit price"), later("Discount kind"), later("Discount")),
    *(later("Label"), later("Linked on")),
)
"""What `field_label` makes of fields whose own label is another, for the catalogues."""

_PHRASES = {
    "created": later("created {this}"),
    "changed": later("changed {this}"),
    "corrected": later("corrected {this} after it had closed"),
    "labelled": later("changed the labels"),
    "status_changed": later("changed the status of {this}"),
    "blocked": later("blocked {this}"),
    "unblocked": later("unblocked {this}"),
    "deleted": later("put {this} in the bin"),
    "restored": later("brought {this} back from the bin"),
    "erased": later("erased {this} for good"),
    "handed_out": later("saved all that is held on {this}"),
    "moved": later("moved {this}"),
    "reordered": later("changed the order"),
    "won": later("won {this}"),
    "lost": later("lost {this}"),
    "reopened": later("reopened {this}"),
    "merged": later("merged “{absorbed_name}” into {this}"),
    "absorbed": later("merged {this} into “{survivor_name}”"),
    "unmerged": later("took “{absorbed_name}” out of {this} again"),
    "woken": later("made {this} one of its own again, apart from “{survivor_name}”"),
    "told_apart": later("said that {this} is not another one like it"),
    "brought_up_again": later("asked again whether {this} is another one like it"),
    "import_undone": later("undid what an import had done to {this}"),
    "note.added": later("wrote a note"),
    "note.changed": later("changed a note"),
    "note.pinned": later("pinned a note"),
    "note.unpinned": later("unpinned a note"),
    "note.deleted": later("deleted a note"),
    "file.attached": later("attached {file_name}"),
    "file.removed": later("removed {file_name}"),
    "checklist.added": later("began the checklist “{checklist}”"),
    "checklist.renamed": later("renamed a checklist"),
    "checklist.removed": later("removed the checklist “{checklist}”"),
    "checklist.applied": later("added the checklist “{checklist}” from a template"),
    "checklist.arranged": later("changed the order of the checklist"),
    "checklist.item_added": later("added “{item}” to the checklist “{checklist}”"),
    "checklist.item_changed": later("changed “{item}” on the checklist"),
    "checklist.item_ticked": later("ticked “{item}”"),
    "checklist.item_unticked": later("unticked “{item}”"),
    "checklist.item_removed": later("removed “{item}” from the checklist"),
    "line.added": later("added the line “{line_name}”, {said}"),
    "line.changed": later("changed the line “{line_name}”"),
    "line.removed": later("removed the line “{line_name}”"),
    "line.reordered": later("put the lines in another order"),
    "quote.issued": later("made quote {number}"),
    "link.added": later("added a link to “{linked_name}”"),
    "link.added as": later("added a link to “{linked_name}” as {label}"),
    "link.changed": later("changed the link to “{linked_name}”"),
    "link.removed": later("removed the link to “{linked_name}”"),
    "link.added many": later("added links to {links}"),
    "link.removed many": later("removed the links to {links}"),
    "order.made": later("recorded the order “{order_title}” of {amount} as {status}"),
    "order.went_on": later("changed the status of the order “{order_title}” of {amount}"),
}


class _Named(dict[str, Any]):
    """The payload of an event, for its phrase; a name that it does not hold is left vague."""

    def __missing__(self, key: str) -> str:
        return tr("another record") if key.endswith("_name") and key != "file_name" else tr("a file")


def sentence(event: Event) -> str:
    if not event.actor_name:
        return tr("Created")
    kind, _, action = event.name.partition(".")
    spoken, payload = _of_links(event) if kind == "link" else (event.name, event.payload)
    phrase = _PHRASES.get(spoken) or _PHRASES.get(action) or action.replace("_", " ") + " {this}"
    # A name that was hidden is None.
    known = {key: value for key, value in payload.items() if value is not None}
    named = {**known, "this": _this(kind), "amount": _amount(payload)}
    if "status" in named:
        named["status"] = value(named["status"], "status")
    text = tr(phrase).format_map(_Named(named))
    if event.source == "import" and action != "import_undone":
        text = tr("{text} by an import", text=text)
    return f"{event.actor_name} {text}"


def _of_links(event: Event) -> tuple[str, Mapping[str, Any]]:
    """The phrase and the payload of a link, or of those that a change of many gave to one record."""
    payload = event.payload
    several = payload.get("links", [])
    if payload.get("many", 1) > 1:
        return f"{event.name} many", {"links": _listed([one["linked_name"] for one in several], payload["many"])}
    one = several[0] if several else payload
    return f"{event.name} as" if event.name == "link.added" and one.get("label") else event.name, one


def _listed(names: Sequence[str | None], many: int) -> str:
    """The names of some of these many records, without those that are hidden, and how many others there are."""
    shown = [f"“{name}”" for name in names if name][:NAMED]
    if not shown:
        return plural("{count:,} record", "{count:,} records", many)
    more = many - len(shown)
    return tr("{names} and {more:,} more", names=", ".join(shown), more=more) if more else ", ".join(shown)


def _this(kind: str) -> str:
    known = _THIS.get(kind)
    return tr(known) if known else tr("this {kind}", kind=registry.one_of(kind))


def _amount(payload: Mapping[str, Any]) -> str:
    """The amount of an event, as 1,250.00 BRL; empty where it has none."""
    if "value" not in payload or "currency" not in payload:
        return ""
    currency = str(payload["currency"])
    amount = money.rounded(Decimal(str(payload["value"])), currency)
    return tr("{amount:,f} {currency}", amount=amount, currency=currency)


def quotation(event: Event) -> str | None:
    """The note that the event is about, None where it is about none."""
    text = event.payload.get("text")
    return clipped(text) if isinstance(text, str) and text else None


def differences(event: Event) -> list[tuple[str, str, str]]:
    """[(field, before, after)] in words; before or after is empty where the log does not say it."""
    changes: Mapping[str, Any] = event.payload.get("changes") or {}
    rows = [
        (field_label(field).capitalize(), clipped(value(before, field)), clipped(value(after, field)))
        for field, (before, after) in changes.items()
        if not field.endswith("_id")
    ]
    return rows or _of_import(event)


def _of_import(event: Event) -> list[tuple[str, str, str]]:
    """What an import replaced, from the before-image that it keeps of a record."""
    replaced = event.payload.get("before")
    if not isinstance(replaced, str):
        return []
    # Undoing an import writes the old values: they then stand after, not before.
    undone = event.name.endswith(".import_undone")
    fields = {
        field: clipped(value(old, field)) for field, old in json.loads(replaced).items() if not field.endswith("_id")
    }
    return [
        (field_label(_as_attribute(field)).capitalize(), "" if undone else old, old if undone else "")
        for field, old in fields.items()
    ]


def _as_attribute(column: str) -> str:
    """The field's name in changes: `a_size` is the column of the attribute size."""
    return f"attribute:{column.removeprefix('a_')}" if column.startswith("a_") else column


def value(found: Any, field: str = "") -> str:
    """A value as the log holds it, of a field where its values have names."""
    if found is None or found in ("", []):
        return "–"
    if isinstance(found, bool):
        return tr("yes") if found else tr("no")
    if isinstance(found, list):
        return ", ".join(str(item) for item in found)
    name = _VALUES.get(field, {}).get(str(found))
    return tr(name) if name else str(found)


def group(event: Event) -> str:
    """The heading under which a timeline files the event."""
    kind, _, action = event.name.partition(".")
    if kind in _RELATED:
        return _RELATED[kind]
    return MERGES if action in ("merged", "absorbed", "unmerged", "woken") else CHANGES


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
