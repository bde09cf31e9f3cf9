"""Reads CSV (in any encoding) and Excel files into frames of text.

It imports little besides Polars, so that a sandbox starts fast.
"""
