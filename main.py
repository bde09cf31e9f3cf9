"""What Streamlit runs for each person. It stands here because `pages/` and `static/` are looked for beside it."""

from crm.ui.app import main

main.show()
