from tests.records.links.building import school

__all__ = ["school"]
