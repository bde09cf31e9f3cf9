"""What a person may choose about a file: how it is read, and what happens to its rows."""

from typing import Any

import streamlit as st

from crm import imports
from crm.access import Module, Permission
from crm.imports import Kind, OnDuplicate, Options, Preview
from crm.imports.dates import PATTERNS
from crm.imports.encoding import ENCODINGS
from crm.imports.fields import TARGETS
from crm.ui import address, session, words

DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
DECIMALS = {".": "Point, 1,234.56", ",": "Comma, 1.234,56"}
DUPLICATES = {
    OnDuplicate.FILL: "Fill its empty fields",
    OnDuplicate.OVERWRITE: "Overwrite it with the file",
    OnDuplicate.SKIP: "Skip the row",
}
NONE_SAVED = "–"


def base(kind: Kind) -> Options:
    """What the choices start from: an earlier import, a saved mapping, or nothing."""
    with session.reading() as tx:
        saved = imports.mappings(tx, kind)
        earlier = imports.get(tx, address.record_id("from")).options if "from" in st.query_params else None
    if earlier:
        return earlier
    if not saved:
        return _fresh(kind)
    chosen = st.selectbox("Saved mapping", [NONE_SAVED, *saved], key=f"saved-{kind.value}")
    return saved.get(chosen) or _fresh(kind)


def _fresh(kind: Kind) -> Options:
    """A newcomer's file names companies that are not there yet: they are made, where this person may make them."""
    actor = session.actor()
    may = actor.has(Module.COMPANIES) and actor.may(Permission.MANAGE_CONTACTS)
    return Options(make_companies=may and kind is not Kind.COMPANIES)


def key() -> str:
    """Choices of one file, kind and start are not those of another."""
    parts = ("new", "upload", "from")
    return "-".join([*(st.query_params.get(part, "") for part in parts), st.session_state.get(_saved_key(), "")])


def _saved_key() -> str:
    return f"saved-{st.query_params.get('new', '')}"


def reading(start: Options) -> Options:
    """How the file is read: each choice is found out unless it is made here."""
    with st.expander("How the file is read", icon=":material/tune:"):
        encoding, delimiter, decimal, day = st.columns(4)
        with encoding:
            chosen_encoding = _choice("Encoding", {name: name.upper() for name in ENCODINGS}, start.encoding)
        with delimiter:
            chosen_delimiter = _choice("Delimiter", DELIMITERS, start.delimiter)
        with decimal:
            chosen_decimal = _choice("Decimal mark", DECIMALS, start.decimal)
        with day:
            known = set(start.date_patterns.values())
            pattern = _choice("Dates", PATTERNS, known.pop() if len(known) == 1 else None)
    patterns = {"*": pattern} if pattern else start.date_patterns
    return start.model_copy(
        update={
            "encoding": chosen_encoding,
            "delimiter": chosen_delimiter,
            "decimal": chosen_decimal,
            "date_patterns": patterns,
        }
    )


def _choice(label: str, offered: dict[str, str], start: str | None) -> str | None:
    values = [None, *offered]
    return st.selectbox(
        label,
        values,
        index=values.index(start) if start in values else 0,
        format_func=lambda value: offered.get(value, "Find out"),
        key=f"{label}-{key()}",
    )


def what_was_found(found: Preview) -> None:
    dialect = found.dialect
    delimiter = DELIMITERS.get(dialect.delimiter, dialect.delimiter)
    st.caption(f"Read as {dialect.encoding.upper()}, {delimiter.lower()} between cells, {len(found.header)} columns.")
    for notice in found.notices:
        st.info(words.plain(notice), icon=":material/info:")
    if found.faults:
        st.warning(
            f"{found.faults} of the first rows cannot be read. The dry run lists them.", icon=":material/warning:"
        )


def rows(kind: Kind, found: Preview, options: Options) -> Options:
    """What happens to rows: what is the same in all of them, and to those whose record is there already."""
    constants = _constants(kind, options)
    chosen = st.radio(
        "When a row's record is there already",
        list(DUPLICATES),
        index=list(DUPLICATES).index(options.on_duplicate),
        format_func=lambda choice: DUPLICATES[choice],
        horizontal=True,
        key=f"duplicates-{key()}",
        help="Found by identifier, then email, then phone; companies by domain or name; deals by identifier. "
        "An empty cell never erases anything.",
    )
    return options.model_copy(update={"constants": constants, "on_duplicate": chosen, **_unknown(kind, options)})


def _constants(kind: Kind, options: Options) -> dict[str, str]:
    mapped = set(options.mapping.values())
    labels = {target.key: target.label for target in TARGETS[kind]}
    free = [field for field in labels if field not in mapped]
    chosen = st.multiselect(
        "The same for every row",
        free,
        default=[field for field in options.constants if field in free],
        format_func=lambda field: labels[field],
        placeholder="Fields that no column gives",
        key=f"constants-{key()}-{len(free)}",
        help="A text; {column} stands for that column's cell, and | parts texts of which the first that is whole is "
        "taken: {Product} for {Account}|{Product}.",
    )
    return {
        field: st.text_input(labels[field], options.constants.get(field, ""), key=f"constant-{field}-{key()}")
        for field in chosen
    }


def _unknown(kind: Kind, options: Options) -> dict[str, Any]:
    """What happens where a row names an owner, company or contact that is not known."""
    offered = {"reject": "Reject the row", "leave": "Leave it empty"}
    if kind is not Kind.COMPANIES:
        offered["companies"] = "Make the company"
    if session.actor().may(Permission.MANAGE_SETTINGS):
        offered["owners"] = "Make the owner, disabled"
    made = [name for name, on in (("companies", options.make_companies), ("owners", options.make_owners)) if on]
    start = [*made, *(["leave"] if options.leave_unknown else [])]
    chosen = st.pills(
        "When a row names somebody or a company that is not known",
        [choice for choice in offered if choice != "reject"],
        selection_mode="multi",
        default=[choice for choice in start if choice in offered],
        format_func=lambda choice: offered[choice],
        key=f"unknown-{key()}",
        help="Without a choice the row is rejected.",
    )
    return {
        "make_companies": "companies" in chosen,
        "make_owners": "owners" in chosen,
        "leave_unknown": "leave" in chosen,
    }


def save(kind: Kind, options: Options) -> None:
    with st.popover("Save mapping", icon=":material/bookmark_add:"):
        name = st.text_input("Name", key=f"mapping-name-{key()}")
        if st.button("Save", key=f"save-mapping-{key()}") and session.attempt(
            imports.save_mapping, kind, name, options
        ):
            st.success("Saved for the next file.")
