"""A fair share for each token: bursts are fine, a loop that hammers the one store is not."""

import threading
import time

from crm.api.problems import TooOften

PER_SECOND = 50
BURST = 300

_guard = threading.Lock()
_buckets: dict[int, tuple[float, float]] = {}
"""Token → (requests left, when that was true)."""


def take(token_id: int) -> None:
    """Count one request; TooOften where the token has used up its share."""
    # The clock of the day may be set back.
    now = time.monotonic()
    # Several requests of one token are served at once, in threads of a pool.
    with _guard:
        left, since = _buckets.get(token_id, (float(BURST), now))
        left = min(float(BURST), left + (now - since) * PER_SECOND)
        if left < 1:
            raise TooOften
        _buckets[token_id] = (left - 1, now)
