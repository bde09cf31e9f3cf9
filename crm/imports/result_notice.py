"""Notifies people of the result of their import: a notice in the app, and a mail with counts, duration and links."""

from crm.foundation.language import plural, tr
from crm.imports.model import Import
from crm.platform import mail, notices
from crm.store import Writing


def notify(tx: Writing, user_id: int | None, found: Import, text: str) -> None:
    """Leave a notice for the user and post them a mail. No user: the product did it itself, and nobody is notified."""
    if user_id:
        page = f"/imports?import={found.id}"
        notices.leave(tx, user_id, text[:500], page)
        # The subject is the text up to its details.
        mail.post(tx, user_id, text.split(":", 1)[0], _body(found, text, page))


def summary(found: Import) -> str:
    """1,200 rows read, 1,000 created, 200 rejected (3 of them conflicts); after a dry run: 1,000 to create …"""
    read = plural("{count:,} row read", "{count:,} rows read", found.total)
    conflicts = plural("{count:,} of them conflicts", "{count:,} of them conflicts", found.conflicts)
    return f"{read}, {', '.join(counted(found))}" + (f" ({conflicts})" if found.conflicts else "")


def counted(found: Import) -> list[str]:
    """1,000 created, 200 rejected, leaving out zeros; of a dry run, which has written nothing yet, 1,000 to create."""
    if found.state == "planned":
        texts = {
            "created": plural("{count:,} to create", "{count:,} to create", found.created),
            "updated": plural("{count:,} to update", "{count:,} to update", found.updated),
            "unchanged": plural("{count:,} unchanged", "{count:,} unchanged", found.unchanged),
            "skipped": plural("{count:,} to skip", "{count:,} to skip", found.skipped),
            "rejected": plural("{count:,} to reject", "{count:,} to reject", found.rejected),
        }
    else:
        texts = {
            "created": plural("{count:,} created", "{count:,} created", found.created),
            "updated": plural("{count:,} updated", "{count:,} updated", found.updated),
            "unchanged": plural("{count:,} unchanged", "{count:,} unchanged", found.unchanged),
            "skipped": plural("{count:,} skipped", "{count:,} skipped", found.skipped),
            "rejected": plural("{count:,} rejected", "{count:,} rejected", found.rejected),
        }
    return [text for outcome, text in texts.items() if getattr(found, outcome)]


def _body(found: Import, text: str, page: str) -> str:
    lines = [text, "", tr("The import: {address}", address=mail.address_of(page))]
    if found.rejected and found.state in ("planned", "done"):
        file = mail.address_of(f"/imports/{found.id}/rejected.csv")
        lines.append(tr("The rejected rows, to repair: {address}", address=file))
    took = _took(found)
    if took:
        lines.append(tr("It took {duration}.", duration=took))
    return "\n".join(lines) + "\n"


def _took(found: Import) -> str:
    if not found.begun_at or not found.finished_at:
        return ""
    seconds = round((found.finished_at - found.begun_at).total_seconds())
    if seconds < 60:
        return tr("{seconds} s", seconds=max(seconds, 1))
    return tr("{minutes} min {seconds} s", minutes=seconds // 60, seconds=seconds % 60)
