"""Tables out of files: CSV in any encoding and Excel, as frames of text.

It knows nothing of imports and needs little besides Polars, so that a sandbox starts fast.
"""
