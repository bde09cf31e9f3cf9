"""Notifies people of the result of their import: a notice in the app, and a mail with counts, duration and links."""

from crm.imports.model import Import
from crm.platform import mail, notices
from crm.store import Writing

FORESEEN = {
    "created": "to create",
    "updated": "to update",
    "unchanged": "unchanged",
    "skipped": "to skip",
    "rejected": "to reject",
}
"""What a dry run says of each outcome: nothing was written yet."""


def notify(tx: Writing, user_id: int | None, found: Import, text: str) -> None:
    """Leave a notice for the user and post them a mail. No user: the product did it itself, and nobody is notified."""
    if user_id:
        page = f"/imports?import={found.id}"
        notices.leave(tx, user_id, text[:500], page)
        # The subject is the text up to its details.
        mail.post(tx, user_id, text.split(":", 1)[0], _body(found, text, page))


def summary(found: Import) -> str:
    """1,200 rows read, 1,000 created, 200 rejected (3 of them conflicts); after a dry run: 1,000 to create …"""
    ahead = found.state == "planned"
    outcomes = FORESEEN.items()
    parts = [f"{n:,} {foreseen if ahead else what}" for what, foreseen in outcomes if (n := getattr(found, what))]
    conflicts = f" ({found.conflicts:,} of them conflicts)" if found.conflicts else ""
    return f"{found.total:,} {'row' if found.total == 1 else 'rows'} read, " + ", ".join(parts) + conflicts


def _body(found: Import, text: str, page: str) -> str:
    lines = [text, "", f"The import: {mail.address_of(page)}"]
    if found.rejected and found.state in ("planned", "done"):
        lines.append(f"The rejected rows, to repair: {mail.address_of(f'/imports/{found.id}/rejected.csv')}")
    took = _took(found)
    if took:
        lines.append(f"It took {took}.")
    return "\n".join(lines) + "\n"


def _took(found: Import) -> str:
    if not found.begun_at or not found.finished_at:
        return ""
    seconds = round((found.finished_at - found.begun_at).total_seconds())
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    return f"{seconds // 60} min {seconds % 60} s"
