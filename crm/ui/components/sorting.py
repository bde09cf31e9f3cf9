"""Short lists that a person puts in order by dragging."""

from collections.abc import Mapping, Sequence
from typing import Any

from streamlit_sortables import sort_items

STYLE = """
.sortable-component { padding: 0; background: transparent; }
.sortable-container { background: transparent; }
.sortable-container-body { padding: 0; background: transparent; }
.sortable-container-header {
    padding: 0 0 6px; background: transparent; color: var(--text-color); font: 600 14px var(--font);
}
.sortable-item, .sortable-item:hover {
    margin: 0 0 6px; padding: 8px 12px; border: 1px solid rgba(128, 132, 149, 0.35); border-radius: 8px;
    background: var(--secondary-background-color); color: var(--text-color); font: 14px var(--font); text-align: left;
}
"""


def in_order(names: Mapping[int, str], *, key: str) -> list[int] | None:
    """The ids in the order that the person dragged them into; None while it is as given. No two names are equal; the
    key changes with the list."""
    given = list(names.values())
    sorted_names: list[str] = sort_items(given, direction="vertical", custom_style=STYLE, key=key)
    # The component reads its items once: of a list that changed since it still sends the former ones.
    if sorted_names == given or sorted(sorted_names) != sorted(given):
        return None
    ids = {name: item_id for item_id, name in names.items()}
    return [ids[name] for name in sorted_names]


def in_lists(lists: Sequence[tuple[str, Mapping[int, str]]], *, key: str) -> list[list[int]] | None:
    """As `in_order`, for several lists, each with its heading, between which items may go: the ids of each list, None
    while they are as given. Names may be equal."""
    # The component knows items by their text: equal ones would be moved as one.
    texts = [{item_id: _made_unique(name, item_id) for item_id, name in names.items()} for _, names in lists]
    ids = {text: item_id for items in texts for item_id, text in items.items()}
    given: list[dict[str, Any]] = [
        {"header": heading or " ", "items": list(items.values())}
        for (heading, _), items in zip(lists, texts, strict=True)
    ]
    arranged = sort_items(given, multi_containers=True, direction="vertical", custom_style=STYLE, key=key)
    now, before = ([[ids.get(text) for text in each["items"]] for each in lists] for lists in (arranged, given))
    if now == before or sorted(ids.values()) != sorted(
        item_id for items in now for item_id in items if item_id is not None
    ):
        return None
    return [[item_id for item_id in items if item_id is not None] for items in now]


def _made_unique(name: str, number: int) -> str:
    """The name, followed by the number in two characters of no width."""
    return name + "".join("\u200b" if bit == "0" else "\u200c" for bit in f"{number:b}")
