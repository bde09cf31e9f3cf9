"""The processor time of work in this process: what others do on the machine does not count."""

import time
from collections.abc import Callable
from statistics import median

WARM_UPS = 2


def processor_time(work: Callable[[], object], rounds: int, *, times: int = 1) -> float:
    """The median of the rounds, in seconds, after two that warm up; each round does the work as many times."""
    found = []
    for _ in range(rounds + WARM_UPS):
        begun = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - begun) / times)
    return median(found[WARM_UPS:])
