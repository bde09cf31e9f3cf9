"""What board and calendar share in the browser: elements, the moves that are not confirmed yet, a press that drags, a
menu.

A component joins these files and its own into one module, which has to define `Menu`, `watchPointer` and `watchKeys`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm.ui.components import modules

HERE = Path(__file__).parent


def joined(own: Path, *parts: str) -> str:
    """The module of a component whose own parts lie in the folder `own`."""
    shared = (HERE / f"{part}.js" for part in ("elements", "surface", "press", "menu"))
    return modules.joined(*shared, *(own / f"{part}.js" for part in parts))


def encoded(payload: Mapping[str, Any]) -> bytes:
    """What a surface shows, as JSON: encoded once for everybody who sees the same."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def data(shown: bytes, acks: Mapping[str, int]) -> bytes:
    """What the component takes: an encoded payload, and beside it which moves of this session were answered."""
    return b'{"acks":%b,"shown":%b}' % (json.dumps(acks).encode(), shown)
