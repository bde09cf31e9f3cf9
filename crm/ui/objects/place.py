"""The address of the page: `type`, the number of the type that is open, and `open`, the word of a dialog."""

from crm.ui.components import address

PAGE = "record_types"

NEW, ORDER, TEMPLATES = "new", "order", "templates"


def type_id() -> int:
    """The type that the address names; 0 for none."""
    return address.record_id("type")


def open_type(number: int) -> None:
    address.become({"type": str(number)})


def open_list() -> None:
    address.become({})


def open_dialog(word: str) -> None:
    address.put("open", word)


def dialog() -> str:
    return address.get("open")


def close_dialog() -> None:
    address.put("open", "")
