"""Every bench, one after the other, each in a process of its own: `python -m benchmarks`, or with `--tenth` for a look.

Run it on a machine that does nothing else: the ratios bear company, the waits of people do not.
"""

import argparse
import subprocess
import sys
import time

from crm.foundation.settings import ROOT

BENCHES: dict[str, tuple[str, ...]] = {
    "reads": ("--contacts", "100000", "--deals", "20000", "--board", "1000", "--rounds", "10"),
    "orders": ("--contacts", "100000", "--deals", "20000", "--orders", "500000", "--rounds", "6"),
    "quotes": ("--contacts", "10000", "--deals", "20000", "--board", "1000", "--rounds", "8"),
    "board": (
        "--contacts",
        "20000",
        "--deals",
        "20000",
        "--open",
        "1000",
        "--open",
        "10000",
        "--moved",
        "1000",
        "--rounds",
        "5",
    ),
    "segments": ("--contacts", "100000", "--deals", "500000", "--rounds", "8"),
    "people": ("--times", "1", "--seconds", "15", "--crowd", "5:5", "--crowd", "20:10"),
    "kill": ("--kills", "3"),
    "import_contacts": ("--rows", "100000"),
    "duplicates": ("--contacts", "100000", "--twice", "2000"),
    "feed": ("--imported", "100000", "--events", "20000", "--many", "500", "--rounds", "4"),
    "exports": ("--contacts", "100000"),
    "erasing": ("--contacts", "100000"),
    "health": ("--deals", "20000", "--board", "10000", "--rounds", "4"),
    "hooks": ("--orders", "1000"),
    "maven": (),
}
"""Each with the words that make it a tenth of its size."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tenth", action="store_true", help="a tenth of the size: does everything still run?")
    asked.add_argument("bench", nargs="*", choices=[*BENCHES, []], help="only these")
    given = asked.parse_args()
    failed = []
    for bench in given.bench or BENCHES:
        started = time.perf_counter()
        print(f"── {bench} " + "─" * (90 - len(bench)), flush=True)
        words = BENCHES[bench] if given.tenth else ()
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{bench}", *words], cwd=ROOT, check=False)
        print(f"{time.perf_counter() - started:.0f} s\n", flush=True)
        if done.returncode:
            failed.append(bench)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
