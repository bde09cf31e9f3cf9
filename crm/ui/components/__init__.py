"""Parts that any page may show, and how it keeps its state in the address."""
