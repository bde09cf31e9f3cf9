"""Catalog: what is sold, at which price; find one among any number, change it in a drawer, see what it cost before."""

from crm.ui.catalog import listing

listing.show()
