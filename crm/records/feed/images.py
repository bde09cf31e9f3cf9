"""What a row of the feed says a record's fields were and became: as SQL over the columns of `sources`, for scans, and
in Python for pages. Of a page of 1,000 rows, planning the SQL would take longer than everything else."""

from typing import Any

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.feed import kinds
from crm.records.feed.sources import ABOUT

FLAGS = {
    "deleted": ("deleted", True),
    "absorbed": ("deleted", True),
    "restored": ("deleted", False),
    "woken": ("deleted", False),
    "blocked": ("blocked", True),
    "unblocked": ("blocked", False),
}
"""{what the record's own event says: the field that it sets, its new value}: such payloads do not name the field."""


def of_payload(kind: str, event: str, payload: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Before and after of a change that is not an import's. The dictionaries are the caller's to change."""
    if not event.startswith(f"{kind}."):  # an event such as note.changed is of what belongs to the record
        return {}, {}
    own = event.removeprefix(f"{kind}.")
    if own == "created":
        return None, dict(payload)
    changes = payload.get("changes", {})
    before, after = ({field: values[side] for field, values in changes.items()} for side in (0, 1))
    if own in FLAGS:
        field, value = FLAGS[own]
        before, after = {field: not value, **before}, {field: value, **after}
    if own == "erased" or (own == "deleted" and kind not in _binned()):
        return before, None
    return before, after


def _binned() -> list[str]:
    """The kinds of record that are deleted into the bin; others are gone at once."""
    return [of.key for of in registry.having(Trait.BIN)]


def images(rows: str) -> str:
    """SQL of rows of the feed, other than imports', with `before` and `after`."""
    return f"""
        SELECT
            {ABOUT},
            {_before()} AS before,
            {_after()} AS after,
            payload
        FROM (
            SELECT
                *,
                -- An event such as note.changed is of what belongs to the record.
                CASE WHEN starts_with(event, kind || '.') THEN event[length(kind) + 2:] END AS own,
                json_keys(changes) AS fields,
                {_side(0)} AS were,
                {_side(1)} AS become
            FROM ({rows})
        )
    """


def _side(side: int) -> str:
    """One side of {field: [before, after]}, without its braces; NULL where no field differs."""
    # Through a map it would take half as long to plan, but a scan a fifth longer.
    return f"""
                nullif(
                    array_to_string(
                        list_transform(
                            list_zip(fields, changes->'$.*[{side}]'),
                            LAMBDA field: to_json(field[1]) || ':' || field[2]
                        ),
                        ','
                    ),
                    ''
                )"""


def _before() -> str:
    return f"""
            CASE
                WHEN own = 'created' THEN NULL
                ELSE concat('{{', concat_ws(',', {_flag(after=False)}, were), '}}')
            END"""


def _after() -> str:
    return f"""
            CASE
                WHEN own = 'created' THEN payload
                WHEN own = 'erased' OR (own = 'deleted' AND kind NOT IN ({kinds.listed(_binned())})) THEN NULL
                ELSE concat('{{', concat_ws(',', {_flag(after=True)}, become), '}}')
            END"""


def _flag(*, after: bool) -> str:
    whens = (
        f"""WHEN '{own}' THEN '"{field}":{str(value is after).lower()}'""" for own, (field, value) in FLAGS.items()
    )
    return f"CASE own {' '.join(whens)} END"
