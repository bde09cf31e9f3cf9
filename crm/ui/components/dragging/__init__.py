"""What board and calendar share in the browser: elements, the moves that are not confirmed yet, a press that drags, a
menu.

A component joins these files and its own into one module, which has to define `Menu`, `watchPointer` and `watchKeys`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crm.ui.components import modules

HERE = Path(__file__).parent


def joined(own: Path, *parts: str) -> str:
    """The module of a component whose own parts lie in the folder `own`."""
    shared = (HERE / f"{part}.js" for part in ("elements", "surface", "press", "menu"))
    return modules.joined(*shared, *(own / f"{part}.js" for part in parts))


def encoded(payload: Mapping[str, Any]) -> str:
    """What a surface shows, or a part of it, as JSON: encoded once for everybody who sees the same."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def with_list(payload: Mapping[str, Any], name: str, parts: Sequence[str]) -> str:
    """An object, which is not empty, as JSON, with one more list: of parts that were encoded before."""
    return f'{encoded(payload)[:-1]},"{name}":[{",".join(parts)}]}}'


def data(shown: bytes, acks: Mapping[str, int]) -> bytes:
    """What the component takes: an encoded payload, and beside it which moves of this session were answered."""
    return b'{"acks":%b,"shown":%b}' % (json.dumps(acks).encode(), shown)
