"""What board and calendar share in the browser: elements, the moves that are not confirmed yet, a press that drags, a
menu.

A component joins these files and its own into one module, which has to define `Menu`, `watchPointer` and `watchKeys`.
"""

from pathlib import Path

from crm.ui.components import modules

HERE = Path(__file__).parent


def joined(own: Path, *parts: str) -> str:
    """The module of a component whose own parts lie in the folder `own`."""
    shared = (HERE / f"{part}.js" for part in ("elements", "surface", "press", "menu"))
    return modules.joined(*shared, *(own / f"{part}.js" for part in parts))
