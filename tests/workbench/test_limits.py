"""The limits of queries come from the settings, which keep them within what a machine survives."""

import pytest
from pydantic import ValidationError

from crm.foundation.settings import Settings
from crm.workbench.limits import Limits


def test_the_limits_are_those_of_the_settings() -> None:
    assert Limits.of(Settings()) == Limits()
    own = Settings(sql_seconds=5, sql_memory_mb=256, sql_rows=10, sql_output_mb=1, sql_read_mb=64, sql_at_once=1)
    assert Limits.of(own) == Limits(
        seconds=5, memory=256 * 2**20, rows=10, output=2**20, slices=64 * 2**20, at_once=1, in_all=4
    )


@pytest.mark.parametrize(
    "beyond",
    [
        {"sql_seconds": 0}, {"sql_seconds": 601}, {"sql_memory_mb": 1}, {"sql_rows": 0}, {"sql_rows": 1_000_001},
        {"sql_output_mb": 1_025}, {"sql_read_mb": 0}, {"sql_at_once": 17}, {"sql_in_all": 0},
    ],
)  # fmt: skip
def test_what_would_harm_is_no_limit(beyond: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings(**beyond)  # type: ignore[arg-type]
