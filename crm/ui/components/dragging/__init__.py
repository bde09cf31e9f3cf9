"""What board and calendar share in the browser: elements, the frame around their moves, a press that drags, a menu.

A component joins these files and its own into one module, which must hold `Menu`, `watchPointer` and `watchKeys`.
"""

from pathlib import Path

HERE = Path(__file__).parent


def joined(own: Path, *parts: str) -> str:
    """The module of a component whose own parts lie in the folder `own`."""
    shared = [HERE / f"{part}.js" for part in ("elements", "surface", "press", "menu")]
    return "\n".join(path.read_text() for path in (*shared, *(own / f"{part}.js" for part in parts)))
