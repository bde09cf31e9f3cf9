"""With whom what somebody saved is shared: with nobody, with a team, or with everybody."""

from collections.abc import Mapping
from typing import Any


def as_shared(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, in which sharing with everybody (`shared`) ends that with a team (`team_id`), and the reverse."""
    if changes.get("shared"):
        return {"team_id": None, **changes}
    if changes.get("team_id") is not None:
        return {"shared": False, **changes}
    return dict(changes)
