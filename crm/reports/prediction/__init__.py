"""The mathematics of the forecast range and its back-test: frames of what was known at a moment in, figures out.

`known` says what the frames hold, and `survival` has the curves of the definitions.
"""
