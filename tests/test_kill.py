"""The product dies without warning and nothing that somebody was told is done is lost: a short look of the bench."""

from pathlib import Path

from benchmarks.kill import run


def test_nothing_acknowledged_is_lost_when_the_product_is_killed(tmp_path: Path) -> None:
    assert run(tmp_path / "store", kills=3, seed=7, longest=1.5) == []
