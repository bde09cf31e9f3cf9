"""The baseline of a page: Streamlit alone, drawing as many native elements of the same kinds."""

PLAN_VARIABLE = "BARE_PAGES"
"""The environment's variable that names the file of the plan: {page: the kinds of its elements}."""
