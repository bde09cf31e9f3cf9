"""Benchmarks of speed and safety: each prints ratios to a baseline of the same run. `python -m benchmarks` runs
them."""
