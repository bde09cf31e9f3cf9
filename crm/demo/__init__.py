"""Believable data for looking around and for load: the same seed on the same day makes the same store.

Nobody in it exists: domains end in .example, telephone numbers come from ranges that reach nobody.
"""
