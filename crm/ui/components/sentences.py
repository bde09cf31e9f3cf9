"""An event of the log as a sentence, what it changed in words, and which kind of news it is."""

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

_BESIDE = {"note": NOTES, "file": FILES, "checklist": CHECKLISTS, "order": ORDERS}
"""What stands beside a record, by the first word of an event's name."""

_DONE = {
    "created": "created this {noun}",
    "changed": "changed this {noun}",
    "corrected": "corrected this {noun} after it had closed",
    "labelled": "changed the labels",
    "blocked": "blocked this {noun}",
    "unblocked": "unblocked this {noun}",
    "deleted": "put this {noun} in the bin",
    "restored": "brought this {noun} back from the bin",
    "erased": "erased this {noun} for good",
    "handed_out": "saved all that is held on this {noun}",
    "moved": "moved this {noun}",
    "reordered": "changed the order",
    "won": "won this {noun}",
    "lost": "lost this {noun}",
    "reopened": "reopened this {noun}",
    "merged": "merged “{absorbed_name}” into this {noun}",
    "absorbed": "merged this {noun} into “{survivor_name}”",
    "unmerged": "took “{absorbed_name}” out of this {noun} again",
    "woken": "made this {noun} one of its own again, apart from “{survivor_name}”",
    "told_apart": "said that this {noun} is not another one like it",
    "brought_up_again": "asked again whether this {noun} is another one like it",
    "import_undone": "took back what an import had done to this {noun}",
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


class _Known(dict[str, Any]):
    """What a sentence may name; what the log does not say is left vague."""

    def __missing__(self, key: str) -> str:
        return "another record" if key.endswith("_name") and key != "file_name" else "a file"


def sentence(event: Event) -> str:
    if not event.actor_name:
        return "Created"
    noun, _, done = event.name.partition(".")
    phrase = _DONE.get(event.name) or _DONE.get(done) or done.replace("_", " ") + " this {noun}"
    named = {**event.payload, "noun": noun.replace("_", " "), "amount": _amount(event.payload)}
    said = phrase.format_map(_Known(named))
    if event.source == "import" and done != "import_undone":
        said = f"{said} by an import"
    return f"{event.actor_name} {said}"


def _amount(payload: Mapping[str, Any]) -> str:
    """1,250.00 BRL"""
    if "value" not in payload or "currency" not in payload:
        return ""
    currency = str(payload["currency"])
    return f"{money.rounded(Decimal(str(payload['value'])), currency):,} {currency}"


def quotation(event: Event) -> str | None:
    """The text that the event is about, where it has one."""
    text = event.payload.get("text")
    return clipped(text) if isinstance(text, str) and text else None


def differences(event: Event) -> list[tuple[str, str, str]]:
    """(field, before, after) in words; one of the two is empty where the log does not say it. Ids are left out: the
    names beside them say the same."""
    changes: Mapping[str, Any] = event.payload.get("changes") or {}
    told = [
        (field_label(field).capitalize(), clipped(value(before)), clipped(value(after)))
        for field, (before, after) in changes.items()
        if not field.endswith("_id")
    ]
    return told or _of_import(event)


def _of_import(event: Event) -> list[tuple[str, str, str]]:
    """An import keeps what its rows replaced; taking it back brings just that back."""
    replaced = event.payload.get("before")
    if not isinstance(replaced, str):
        return []
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
        return ", ".join(str(one) for one in found)
    return str(found)


def group(event: Event) -> str:
    """Under which kind of news a timeline files the event."""
    noun, _, done = event.name.partition(".")
    if noun in _BESIDE:
        return _BESIDE[noun]
    return MERGES if done in ("merged", "absorbed", "unmerged", "woken") else CHANGES


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
