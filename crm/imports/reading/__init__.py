"""From a stored file to clean values: reading it, and normal forms, amounts and dates of whole columns."""
