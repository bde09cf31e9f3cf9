"""The mathematics of the forecast range and its back-test: frames of what was known at a moment in, figures out.

`known` says what the frames hold, and `log` reads the history once and cuts them from it for any moment. `survival`
has the curves of the definitions, `hazard` the model that is used, `values` what an open deal would be won for,
`simulation` the range, `outlook` both from now on, `backtest` what all of it was worth in the past, and `calibration`
the stages' probabilities set by hand beside those of history.
"""
