"""What a row of the feed says a record's fields were and became, as SQL over the columns of `sources`."""

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.feed import kinds

_FIELDS = """
    array_to_string(
        list_transform(
            list_zip(fields, changes->'$.*[{side}]'),
            LAMBDA field: to_json(field[1]) || ':' || field[2]
        ),
        ','
    )"""
"""One side of {field: [before, after]}; NULL where an event changes no field of the record itself."""

CHANGES = """
    CASE WHEN starts_with(event, kind || '.') AND contains(payload, '"changes":') THEN payload->'$.changes' END"""
"""Of the record itself: an event such as note.changed is of what belongs to it."""


def _with(flag: str, value: str, side: int) -> str:
    """The fields of an event that turns a flag, and the flag."""
    return f"""concat('{{"{flag}":{value}', ',' || nullif({_FIELDS.format(side=side)}, ''), '}}')"""


BEFORE = f"""
    CASE
        WHEN imported THEN old
        WHEN event = kind || '.created' THEN NULL
        WHEN event IN (kind || '.deleted', kind || '.absorbed') THEN {_with("deleted", "false", 0)}
        WHEN event IN (kind || '.restored', kind || '.woken') THEN {_with("deleted", "true", 0)}
        WHEN event = kind || '.blocked' THEN {_with("blocked", "false", 0)}
        WHEN event = kind || '.unblocked' THEN {_with("blocked", "true", 0)}
        ELSE concat('{{', {_FIELDS.format(side=0)}, '}}')
    END"""


def after() -> str:
    binned = f"kind IN ({kinds.listed(of.key for of in registry.having(Trait.BIN))})"
    return f"""
    CASE
        WHEN imported THEN new
        WHEN event = kind || '.created' THEN payload
        WHEN event = kind || '.erased' OR (event = kind || '.deleted' AND NOT {binned}) THEN NULL
        WHEN event IN (kind || '.deleted', kind || '.absorbed') THEN {_with("deleted", "true", 1)}
        WHEN event IN (kind || '.restored', kind || '.woken') THEN {_with("deleted", "false", 1)}
        WHEN event = kind || '.blocked' THEN {_with("blocked", "true", 1)}
        WHEN event = kind || '.unblocked' THEN {_with("blocked", "false", 1)}
        ELSE concat('{{', {_FIELDS.format(side=1)}, '}}')
    END"""
