"""The lines of a deal on its page: a grid to type in, what they come to meanwhile, and the quotes made of them."""

from crm.ui.deals.lines.section import show

__all__ = ["show"]
