"""A short list that a person puts in order by dragging."""

from collections.abc import Mapping

from streamlit_sortables import sort_items

STYLE = """
.sortable-component { padding: 0; background: transparent; }
.sortable-container { background: transparent; }
.sortable-container-body { padding: 0; background: transparent; }
.sortable-item, .sortable-item:hover {
    margin: 0 0 6px; padding: 8px 12px; border: 1px solid rgba(128, 132, 149, 0.35); border-radius: 8px;
    background: var(--secondary-background-color); color: var(--text-color); font: 14px var(--font); text-align: left;
}
"""


def in_order(names: Mapping[int, str], *, key: str) -> list[int] | None:
    """The ids in the order that the person dragged them into; None while it is as given. No two names are equal. The
    key changes with the list: the component reads its items once."""
    given = list(names.values())
    wanted: list[str] = sort_items(given, direction="vertical", custom_style=STYLE, key=key)
    if wanted == given or sorted(wanted) != sorted(given):
        return None
    ids = {name: one for one, name in names.items()}
    return [ids[name] for name in wanted]
