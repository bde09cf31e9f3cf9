"""The child: lowers its limits, sees to it that it ends with its parent, and does one piece of work."""

import contextlib
import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.sandbox import ANSWER, ASKED, Limits

DIE_WITH_PARENT = 1
"""Linux: PR_SET_PDEATHSIG."""
ADDRESSES = 512 * 2**20
"""What Python, Polars and their threads reserve and never fill: measured 360 MiB with two threads."""
BROKEN = 70


def main(module: str, folder: Path, parent: int) -> int:
    given = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    _end_with(parent)
    _confine(Limits(**given["limits"]))
    answer = _done(module, given["asked"], folder)
    draft = folder / f"{ANSWER}.draft"
    draft.write_text(json.dumps(answer), encoding="utf-8")
    draft.replace(folder / ANSWER)
    return 0


def _done(module: str, asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    try:
        return {"done": importlib.import_module(module).work(asked, folder)}
    except Invalid as refusal:
        return {"refused": str(refusal), "field": refusal.field}
    except MemoryError:
        return {"stopped": "memory"}
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return {"stopped": "output"}


def _end_with(parent: int) -> None:
    """A parent that was killed could not end its child."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(BROKEN)


def _confine(limits: Limits) -> None:
    """Elsewhere than on Linux the system may know a limit and not keep it; the deadline holds everywhere."""
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_AS, limits.memory + ADDRESSES, limits.memory + ADDRESSES)
    _limit(resource.RLIMIT_FSIZE, limits.output, limits.output)
    _limit(resource.RLIMIT_CPU, limits.processor_seconds, limits.processor_seconds + 1)
    with contextlib.suppress(OSError):  # where memory ends all the same, this process goes and not the product
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _limit(which: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (soft, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
