"""Generates realistic demo data, for exploring and for load tests: the same seed on the same day gives the same store.

No person in it exists: domains end in .example, telephone numbers are from ranges that are never assigned.
"""
