"""Reports over deals and their history: forecast, stage conversion, closings. Each figure is defined at its function,
is in one currency, and drills down to the deals that it counts."""
