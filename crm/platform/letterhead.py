"""The letterhead of quotes: address, tax id, logo and terms of the workspace. Each change makes a new state of it, so
that a quote is printed again with the one it was handed out with."""

import hashlib
from typing import Any

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.store import Reading, Writing
from crm.store.events import changed

LIMITS = {"address": 500, "tax_id": 100, "terms": 4000}
"""The most characters of each text."""
NAMES = {"address": later("address"), "tax_id": later("tax id"), "terms": later("terms")}


class Letterhead(BaseModel, frozen=True):
    id: int | None = None
    """None as long as nothing was set."""
    address: str | None = None
    """In lines, as on an envelope."""
    tax_id: str | None = None
    terms: str | None = None
    logo: bytes | None = None
    """A PNG, made by `pictures.redrawn`."""

    @property
    def texts(self) -> list[str]:
        return [text for text in (self.address, self.tax_id, self.terms) if text]


BLANK = Letterhead()


def get(tx: Reading, letterhead_id: int | None) -> Letterhead:
    """A state of the letterhead, such as a quote keeps it; blank for None."""
    rows = tx.rows("SELECT * FROM base.letterheads WHERE id = $id", id=letterhead_id)
    return Letterhead(**rows[0]) if rows else BLANK


def in_use(tx: Reading) -> Letterhead:
    return get(tx, tx.value("SELECT max(id) FROM base.letterheads"))


def change(tx: Writing, /, **changes: Any) -> Letterhead:
    """Set some fields of `Letterhead`. Raises Invalid for a text that is too long."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = in_use(tx)
    after = before.model_copy(update={field: _checked(field, value) for field, value in changes.items()})
    if after == before:
        return before
    letterhead_id = tx.insert(
        """
        INSERT INTO base.letterheads (address, tax_id, terms, logo)
        VALUES ($address, $tax_id, $terms, $logo)
        RETURNING id
        """,
        **after.model_dump(exclude={"id"}),
    )
    tx.record("workspace.changed", "workspace", 1, changes=changed(_logged(before), _logged(after)))
    return get(tx, letterhead_id)


def _checked(field: str, value: Any) -> Any:
    if field == "logo":
        return value
    if field not in LIMITS:
        raise Invalid(tr("The letterhead has no setting “{field}”.", field=field), field)
    found = identity.text(value, NAMES[field], limit=LIMITS[field])
    return found.replace("\r\n", "\n") if found else None


def _logged(state: Letterhead) -> dict[str, Any]:
    """The texts, and a picture by its hash: the log holds no pictures."""
    logo = hashlib.sha256(state.logo).hexdigest() if state.logo else None
    return {**state.model_dump(exclude={"id"}), "logo": logo}
