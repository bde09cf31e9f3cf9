"""Events of the log in words: the sentence, the fields that changed, and their heading in a timeline."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm.foundation import money
from crm.records.edits import field_label
from crm.records.history import Event

LONGEST = 280
"""Of a text quotation in a timeline, which is no place to read one in full."""

CHANGES, NOTES, FILES, CHECKLISTS, ORDERS, MERGES = "Changes", "Notes", "Files", "Checklists", "Orders", "Merges"

_RELATED = {"note": NOTES, "file": FILES, "checklist": CHECKLISTS, "order": ORDERS}
"""What stands beside a record, by the first word of an event's name."""

_PHRASES = {
    "created": "created this {kind}",
    "changed": "changed this {kind}",
    "corrected": "corrected this {kind} after it had closed",
    "labelled": "changed the labels",
    "status_changed": "changed the status of this {kind}",
    "blocked": "blocked this {kind}",
    "unblocked": "unblocked this {kind}",
    "deleted": "put this {kind} in the bin",
    "restored": "brought this {kind} back from the bin",
    "erased": "erased this {kind} for good",
    "handed_out": "saved all that is held on this {kind}",
    "moved": "moved this {kind}",
    "reordered": "changed the order",
    "won": "won this {kind}",
    "lost": "lost this {kind}",
    "reopened": "reopened this {kind}",
    "merged": "merged “{absorbed_name}” into this {kind}",
    "absorbed": "merged this {kind} into “{survivor_name}”",
    "unmerged": "took “{absorbed_name}” out of this {kind} again",
    "woken": "made this {kind} one of its own again, apart from “{survivor_name}”",
    "told_apart": "said that this {kind} is not another one like it",
    "brought_up_again": "asked again whether this {kind} is another one like it",
    "import_undone": "undid what an import had done to this {kind}",
    "note.added": "wrote a note",
    "note.changed": "changed a note",
    "note.pinned": "pinned a note",
    "note.unpinned": "unpinned a note",
    "note.deleted": "deleted a note",
    "file.attached": "attached {file_name}",
    "file.removed": "removed {file_name}",
    "checklist.added": "began the checklist “{checklist}”",
    "checklist.renamed": "renamed a checklist",
    "checklist.removed": "removed the checklist “{checklist}”",
    "checklist.applied": "added the checklist “{checklist}” from a template",
    "checklist.arranged": "changed the order of the checklist",
    "checklist.item_added": "added “{item}” to the checklist “{checklist}”",
    "checklist.item_changed": "changed “{item}” on the checklist",
    "checklist.item_ticked": "ticked “{item}”",
    "checklist.item_unticked": "unticked “{item}”",
    "checklist.item_removed": "removed “{item}” from the checklist",
    "line.added": "added the line “{line_name}”, {said}",
    "line.changed": "changed the line “{line_name}”",
    "line.removed": "removed the line “{line_name}”",
    "line.reordered": "put the lines in another order",
    "quote.issued": "made quote {number}",
    "order.made": "recorded the order “{order_title}” of {amount} as {status}",
    "order.went_on": "changed the status of the order “{order_title}” of {amount}",
}


class _Named(dict[str, Any]):
    """The payload of an event, for its phrase; a name that it does not hold is left vague."""

    def __missing__(self, key: str) -> str:
        return "another record" if key.endswith("_name") and key != "file_name" else "a file"


def sentence(event: Event) -> str:
    if not event.actor_name:
        return "Created"
    kind, _, action = event.name.partition(".")
    phrase = _PHRASES.get(event.name) or _PHRASES.get(action) or action.replace("_", " ") + " this {kind}"
    named = {**event.payload, "kind": kind.replace("_", " "), "amount": _amount(event.payload)}
    text = phrase.format_map(_Named(named))
    if event.source == "import" and action != "import_undone":
        text = f"{text} by an import"
    return f"{event.actor_name} {text}"


def _amount(payload: Mapping[str, Any]) -> str:
    """The amount of an event, as 1,250.00 BRL; empty where it has none."""
    if "value" not in payload or "currency" not in payload:
        return ""
    currency = str(payload["currency"])
    return f"{money.rounded(Decimal(str(payload['value'])), currency):,} {currency}"


def quotation(event: Event) -> str | None:
    """The text that the event is about, None where it has none."""
    text = event.payload.get("text")
    return clipped(text) if isinstance(text, str) and text else None


def differences(event: Event) -> list[tuple[str, str, str]]:
    """[(field, before, after)] in words; before or after is empty where the log does not say it."""
    changes: Mapping[str, Any] = event.payload.get("changes") or {}
    rows = [
        (field_label(field).capitalize(), clipped(value(before)), clipped(value(after)))
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
    fields = {field: clipped(value(old)) for field, old in json.loads(replaced).items() if not field.endswith("_id")}
    return [
        (field_label(field.removeprefix("a_")).capitalize(), "" if undone else old, old if undone else "")
        for field, old in fields.items()
    ]


def value(found: Any) -> str:
    if found is None or found in ("", []):
        return "–"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return ", ".join(str(item) for item in found)
    return str(found)


def group(event: Event) -> str:
    """The heading under which a timeline files the event."""
    kind, _, action = event.name.partition(".")
    if kind in _RELATED:
        return _RELATED[kind]
    return MERGES if action in ("merged", "absorbed", "unmerged", "woken") else CHANGES


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
