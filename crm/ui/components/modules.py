"""The JavaScript of a component, joined from its files: Streamlit takes it as one text, and an import between files
would ask the server for one."""

from pathlib import Path

ENDING = Path(__file__).parent / "ending.js"


def joined(*files: Path) -> str:
    """The module of these files; each may use `ending`."""
    return "\n".join(path.read_text() for path in (ENDING, *files))
