"""Parameters of queries: `$name` in the text, each a text, number, day, checkbox or list of texts."""

import math
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

MOST = 30
LONGEST_TEXT = 5_000
MOST_TEXTS = 500
"""Of a list."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")


class ParameterType(StrEnum):
    TEXT = later("text")
    NUMBER = later("number")
    DATE = later("date")
    BOOLEAN = later("boolean")
    LIST = later("list")
    """Texts, as in `city IN $cities`."""


Value = str | float | bool | tuple[str, ...] | None


class Parameter(BaseModel, frozen=True):
    """A value under a name. Without one it is empty in the query (NULL)."""

    name: str
    type: ParameterType = ParameterType.TEXT
    value: Value = None


def named(sql: str) -> list[str]:
    """The names of the parameters in a text, in the order in which they come first; also in one that is half written.
    What stands in texts, quoted names and comments is none."""
    return list(dict.fromkeys(found["name"] for found in _TOKENS.finditer(sql) if found["name"]))


_TOKENS = re.compile(
    r"""
      '(?:[^']|'')*(?:'|\Z) | "(?:[^"]|"")*(?:"|\Z) | --[^\n]* | /\*.*?(?:\*/|\Z)
    | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)
    | [A-Za-z_][A-Za-z0-9_$]*
    | \$(?P<name>[A-Za-z_][A-Za-z0-9_]{0,59})(?![A-Za-z0-9_$])
    """,
    re.VERBOSE | re.DOTALL,
)


def guessed(sql: str, name: str) -> ParameterType:
    """The type of a parameter that nobody has said, by the cast that follows it: `$since::DATE`."""
    cast = re.search(rf"\${name}\s*::\s*([A-Za-z]+)(\[\])?", sql)
    if not cast:
        return ParameterType.TEXT
    if cast[2]:
        return ParameterType.LIST
    return _OF_CASTS.get(cast[1].upper(), ParameterType.TEXT)


_OF_CASTS = {
    "DATE": ParameterType.DATE,
    "BOOLEAN": ParameterType.BOOLEAN,
    "BOOL": ParameterType.BOOLEAN,
    **dict.fromkeys(("INTEGER", "INT", "BIGINT", "DECIMAL", "NUMERIC", "DOUBLE", "FLOAT"), ParameterType.NUMBER),
}


def checked(given: Mapping[str, tuple[ParameterType, Any]]) -> dict[str, dict[str, Any]]:
    """The values as the process of a query takes them. Raises Invalid where one does not fit its type."""
    if len(given) > MOST:
        raise Invalid(tr("A query takes at most {most} parameters.", most=MOST), "parameters")
    return {name: {"type": str(kind), "value": _checked(name, kind, value)} for name, (kind, value) in given.items()}


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Invalid(
            tr("“{name}” is no name of a parameter: letters, digits and _ alone.", name=bounds.shown(name)),
            "parameters",
        )
    return name


def _checked(name: str, kind: ParameterType, value: Any) -> Any:
    checked_name(name)
    if value is None:
        return None
    match kind:
        case ParameterType.BOOLEAN if isinstance(value, bool):
            return value
        case ParameterType.NUMBER if not isinstance(value, bool) and _is_number(value):
            return str(value)
        case ParameterType.DATE if (day := _day(value)) is not None:
            return day
        case ParameterType.TEXT if isinstance(value, str) and len(value) <= LONGEST_TEXT and "\0" not in value:
            return value
        case ParameterType.LIST if _is_list(value):
            return list(value)
    raise Invalid(
        tr("“{value}” is no {type} for ${name}.", value=bounds.shown(value), type=tr(str(kind)), name=name),
        f"parameters.{name}",
    )


def _is_number(value: Any) -> bool:
    # `bounds` refuses what is no number at all and texts of any length; the engine has none beyond a double.
    return bounds.number(value) is not None and math.isfinite(float(value))


def _is_list(value: Any) -> bool:
    texts = isinstance(value, list | tuple) and len(value) <= MOST_TEXTS and all(isinstance(one, str) for one in value)
    return texts and sum(map(len, value)) <= LONGEST_TEXT and not any("\0" in one for one in value)


def _day(value: Any) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None
