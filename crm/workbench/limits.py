"""How much a query may take: of time, memory, rows and output."""

from dataclasses import dataclass

from crm.foundation.settings import Settings

LONGEST = 100_000
"""Characters of a query."""


@dataclass(frozen=True)
class Limits:
    seconds: float = 30.0
    memory: int = 512 * 2**20
    """Bytes that the engine may use beside the rows that it is given."""
    rows: int = 100_000
    columns: int = 1_000
    """Whatever draws, writes or sends a result goes through them one by one."""
    output: int = 32 * 2**20
    slices: int = 2**30
    """Bytes of the rows that it is given."""
    at_once: int = 2
    """Of one person."""
    in_all: int = 4

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            seconds=settings.sql_seconds,
            memory=settings.sql_memory_mb * 2**20,
            rows=settings.sql_rows,
            output=settings.sql_output_mb * 2**20,
            slices=settings.sql_read_mb * 2**20,
            at_once=settings.sql_at_once,
            in_all=settings.sql_in_all,
        )
