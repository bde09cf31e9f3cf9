"""The lists that people have before them, so that another page of one can be read before it is asked for."""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable

from crm.store import Reading

Read = Callable[[Reading, int], object]
"""Reads a page of a list by its number, and all that is drawn of it."""

MOST = 2_000
"""Lists, of all sessions; the one that was drawn longest ago is forgotten first."""


class ShownLists:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._reads: OrderedDict[tuple[str, str], Read] = OrderedDict()

    def offer(self, id_hash: str, key: str, read: Read) -> None:
        """Have the pages of the list that this session was just shown read by `read`. `key` is its pager's."""
        place = id_hash, in_class(key)
        with self._guard:
            self._reads[place] = read
            self._reads.move_to_end(place)
            if len(self._reads) > MOST:
                self._reads.popitem(last=False)

    def find(self, id_hash: str, key: str) -> Read | None:
        """`key` as the browser knows it."""
        return self._reads.get((id_hash, key))


def in_class(key: str) -> str:
    """The key as Streamlit writes it into the class of an element."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)


LISTS = ShownLists()
