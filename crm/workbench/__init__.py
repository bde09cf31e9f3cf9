"""The SQL workbench: queries that people write, over what they may see, in a process of their own.

Three walls stand between a query and everything else. `child` runs it in a process that can reach nothing: no file, no
network, no environment, limited memory and time, one query and then its end. `slices` gives that process the rows that
the person may see, of the views in `views`, and no others exist in it. `child.walk` refuses, by lists of what is
allowed, every statement that is not one plain SELECT over those views.
"""
