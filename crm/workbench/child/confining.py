"""How the process of a query takes its own ways out before it reads a word of the query."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

DIE_WITH_PARENT, NOT_DUMPABLE, NO_NEW_PRIVILEGES = 1, 4, 38
"""Linux: PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS."""
POLITE = 10
"""How far its niceness is raised: pages and the API go first."""
BROKEN = 70


def settle(parent: int) -> None:
    """Have the kernel end this process with its parent, and let it neither be traced nor gain rights."""
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        prctl(NOT_DUMPABLE, 0, 0, 0, 0)
        prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        with contextlib.suppress(OSError):  # out of memory, the kernel ends this process first
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    # The parent may have ended before prctl; then the signal never comes.
    if os.getppid() != parent:
        sys.exit(BROKEN)
    with contextlib.suppress(OSError):
        os.nice(POLITE)
    _limit(resource.RLIMIT_CORE, 0)  # a core dump would put the rows on the disk
    _limit(resource.RLIMIT_FSIZE, 0)


def bound(memory: int, seconds: int) -> None:
    """Limit further address space, and processor time."""
    _limit(resource.RLIMIT_AS, _address_space() + memory, final=False)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = int(sum(os.times()[:2]))
    # The soft limit ends it by SIGXCPU, which tells the parent why; a SIGKILL at the hard one would not.
    resource.setrlimit(resource.RLIMIT_CPU, _lower(used + seconds, used + seconds + 1, hard))


def close_in(memory: int) -> None:
    """The last ways out: from here on no file, socket or pipe can be opened, since each takes a descriptor."""
    _limit(resource.RLIMIT_AS, _address_space() + memory)
    _limit(resource.RLIMIT_NOFILE, 0)


def _limit(which: int, value: int, *, final: bool = True) -> None:
    _, hard = resource.getrlimit(which)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, _lower(value, value if final else hard, hard))


def _lower(soft: int, hard: int, most: int) -> tuple[int, int]:
    if most == resource.RLIM_INFINITY:
        return soft, hard
    return min(soft, most), most if hard == resource.RLIM_INFINITY else min(hard, most)


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not say, so that the limit is the bare allowance."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()
