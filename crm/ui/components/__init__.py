"""Parts that any page may show, and how a page keeps its state in the address."""
