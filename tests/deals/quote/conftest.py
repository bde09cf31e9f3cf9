from tests.catalog.conftest import lamp

__all__ = ["lamp"]
