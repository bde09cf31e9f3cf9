"""The sandbox's child process: lowers its limits, makes sure that it ends with its parent, and does one piece of
work."""

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

from crm.foundation import language
from crm.foundation.errors import Invalid
from crm.foundation.sandbox import ANSWER, REQUEST, Limits

DIE_WITH_PARENT = 1
"""Linux: PR_SET_PDEATHSIG."""
ADDRESSES = 512 * 2**20
"""Address space that Python, Polars and their threads reserve and never fill: 360 MiB with two threads (measured)."""
BROKEN = 70


def main(module: str, folder: Path, parent: int) -> int:
    message = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    _end_with(parent)
    _confine(Limits(**message["limits"]))
    language.use(message["language"])
    answer = _result(module, message["request"], folder)
    # Renamed when complete: the parent never parses half an answer of a child that was killed.
    draft = folder / f"{ANSWER}.draft"
    draft.write_text(json.dumps(answer), encoding="utf-8")
    draft.replace(folder / ANSWER)
    return 0


def _result(module: str, request: dict[str, Any], folder: Path) -> dict[str, Any]:
    try:
        return {"done": importlib.import_module(module).work(request, folder)}
    except Invalid as refusal:
        return {"refused": str(refusal), "field": refusal.field}
    except MemoryError:
        return {"stopped": "memory"}
    except OSError as error:
        # Python ignores SIGXFSZ, so a file beyond RLIMIT_FSIZE is an error of the write.
        if error.errno != errno.EFBIG:
            raise
        return {"stopped": "output"}


def _end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends: a parent that was killed cannot do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    # The parent may have ended before prctl; then the signal never comes.
    if os.getppid() != parent:
        sys.exit(BROKEN)


def _confine(limits: Limits) -> None:
    """Lower this process's limits. Systems other than Linux may ignore some; the parent's deadline holds everywhere."""
    # A core dump would put what was read on the disk.
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_AS, limits.memory + ADDRESSES, limits.memory + ADDRESSES)
    _limit(resource.RLIMIT_FSIZE, limits.output, limits.output)
    # The soft limit ends it by SIGXCPU, which tells the parent why; a SIGKILL at the hard one would not.
    _limit(resource.RLIMIT_CPU, limits.processor_seconds, limits.processor_seconds + 1)
    with contextlib.suppress(OSError):  # out of memory, the kernel kills this process first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _limit(which: int, soft: int, hard: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (soft, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
