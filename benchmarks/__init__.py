"""How fast, how steady, how safe: each bench prints ratios to what it stands on. `python -m benchmarks` runs them."""
