"""Runs every bench, one after the other: `python -m benchmarks`, with `--tenth` at a tenth of the size.

Run it on a machine that does nothing else: ratios are comparable under load, the waits of people are not.
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
    "pages": ("--times", "1", "--rounds", "4"),
    "first_load": ("--rounds", "2"),
    "people": ("--times", "1", "--seconds", "15", "--quick"),
    "kill": ("--kills", "3"),
    "import_contacts": ("--rows", "100000"),
    "duplicates": ("--contacts", "100000", "--twice", "2000"),
    "feed": ("--imported", "100000", "--events", "20000", "--many", "500", "--rounds", "4"),
    "exports": ("--contacts", "100000"),
    "customers": ("--contacts", "100000", "--orders", "500000", "--rounds", "3"),
    "workbench": ("--contacts", "100000", "--orders", "500000", "--rounds", "4"),
    "erasing": ("--contacts", "100000"),
    "health": ("--deals", "20000", "--board", "10000", "--rounds", "4"),
    "hooks": ("--orders", "1000"),
    "conversion": ("--deals", "20000"),
    "forecasting": ("--deals", "20000", "--open", "10000"),
    "bridge": ("--deals", "20000", "--open", "10000"),
    "maven": (),
}
"""{bench: the arguments that make it a tenth of its size}."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenth", action="store_true", help="a tenth of the size: does everything still run?")
    parser.add_argument("bench", nargs="*", choices=[*BENCHES, []], help="only these")
    args = parser.parse_args()
    failed = []
    for bench in args.bench or BENCHES:
        started = time.perf_counter()
        print(f"── {bench} " + "─" * (90 - len(bench)), flush=True)
        words = BENCHES[bench] if args.tenth else ()
        # A process each: memory, threads and caches of one bench would be part of the next one's figures.
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{bench}", *words], cwd=ROOT, check=False)
        print(f"{time.perf_counter() - started:.0f} s\n", flush=True)
        if done.returncode:
            failed.append(bench)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
