"""The records that notes and files are beside, as an address names them."""

from crm.records import registry


def kind_of(plural: str) -> str:
    """The key of the type of this plural."""
    return registry.by_plural(plural).key
