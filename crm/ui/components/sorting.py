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
    """The ids in the order that the person dragged them into; None while it is as given. No two names are equal. The
    key changes with the list: the component reads its items once."""
    given = list(names.values())
    wanted: list[str] = sort_items(given, direction="vertical", custom_style=STYLE, key=key)
    if wanted == given or sorted(wanted) != sorted(given):
        return None
    ids = {name: one for one, name in names.items()}
    return [ids[name] for name in wanted]


def in_lists(lists: Sequence[tuple[str, Mapping[int, str]]], *, key: str) -> list[list[int]] | None:
    """As `in_order`, for several lists, each with its heading, between which items go too: the ids of each list; None
    while they are as given. Names may be equal: the component knows items by their text, so that signs that nobody sees
    tell them apart."""
    texts = [{one: _told_apart(name, one) for one, name in names.items()} for _, names in lists]
    ids = {text: one for held in texts for one, text in held.items()}
    given: list[dict[str, Any]] = [
        {"header": heading or " ", "items": list(held.values())}
        for (heading, _), held in zip(lists, texts, strict=True)
    ]
    wanted = sort_items(given, multi_containers=True, direction="vertical", custom_style=STYLE, key=key)
    now, then = ([[ids.get(text) for text in one["items"]] for one in each] for each in (wanted, given))
    if now == then or sorted(ids.values()) != sorted(one for held in now for one in held if one is not None):
        return None
    return [[one for one in held if one is not None] for held in now]


def _told_apart(name: str, number: int) -> str:
    """The number in two signs of no width."""
    return name + "".join("\u200b" if bit == "0" else "\u200c" for bit in f"{number:b}")
