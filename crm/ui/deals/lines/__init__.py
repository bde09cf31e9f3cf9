"""The lines of a deal on its page: a grid to type in, its totals meanwhile, and the quotes made of them."""

from crm.ui.deals.lines.section import show

__all__ = ["show"]
