"""One import: its progress while it is at work, its dry run, its result."""

from typing import Any

import streamlit as st

from crm import imports
from crm.imports import Import, Kind
from crm.imports.dates import PATTERNS
from crm.imports.fields import TARGETS
from crm.ui import live, session, words
from crm.ui.imports.listing import badge

SECONDS_BETWEEN_LOOKS = 1.0
SHOWN_REJECTS = 200


def show(import_id: int) -> None:
    with session.reading() as tx:
        found = imports.get(tx, import_id)
        zone = tx.actor.time_zone
    _title(found, zone)
    if found.at_work:
        _progress(import_id)
        return
    if found.state == "failed":
        st.error(words.plain(found.message), icon=":material/error:")
        st.markdown("Nothing was written.")
    if found.state == "cancelled":
        st.info("Cancelled before anything was written.", icon=":material/cancel:")
    if found.state in ("planned", "done"):
        _figures(found)
    _actions(found)
    if found.state in ("planned", "done"):
        _outcomes(found)


def _title(found: Import, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(words.plain(found.file_name), anchor=False)
        st.button("All imports", icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    with st.container(horizontal=True, vertical_alignment="center"):
        badge(found)
        st.caption(
            f"{found.kind.value.title()} · {words.plain(found.created_by_name)} · "
            f"{words.moment(found.created_at, zone)}"
        )


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _progress(import_id: int) -> None:
    live.on_change("import", key="import-live")
    with session.reading() as tx:
        found = imports.get(tx, import_id)
    if not found.at_work:
        st.rerun()
    st.progress(found.progress, text=words.plain(found.step or "Waiting for its turn") + " …")
    if st.button("Cancel", icon=":material/cancel:", key="cancel") and session.attempt(imports.cancel, import_id):
        st.rerun()


def _figures(found: Import) -> None:
    done = found.state == "done"
    labels = {
        "total": "Rows read",
        "created": "Created" if done else "To create",
        "updated": "Updated" if done else "To update",
        "unchanged": "Unchanged",
        "skipped": "Skipped" if done else "To skip",
        "rejected": "Rejected" if done else "To reject",
    }
    with st.container(horizontal=True):
        for field, label in labels.items():
            st.metric(label, f"{getattr(found, field):,}", border=True)
    st.caption(_read_as(found.found))
    for what, many in found.found.get("made", {}).items():
        st.caption(f"{what.capitalize()} {'made' if done else 'to be made'} on the way: {many:,}.")


def _read_as(found: dict[str, Any]) -> str:
    parts = [f"Read as {found['encoding'].upper()}, “{found['delimiter']}” between cells".replace("\t", "tab")]
    if found.get("decimal"):
        parts.append(f"decimal “{found['decimal']}”")
    patterns = {PATTERNS.get(pattern, pattern) for pattern in found.get("date_patterns", {}).values()}
    return ", ".join([*parts, *(f"dates as {pattern}" for pattern in sorted(patterns))]) + "."


def _actions(found: Import) -> None:
    with st.container(horizontal=True):
        if found.state == "planned":
            changes = found.created + found.updated
            if st.button("Import", type="primary", icon=":material/play_arrow:", disabled=not changes) and (
                session.attempt(imports.apply, found.id)
            ):
                st.rerun()
        if found.state in ("planned", "failed", "cancelled") and st.button("Change settings", icon=":material/tune:"):
            st.query_params.from_dict({"new": found.kind.value, "upload": str(found.upload_id), "from": str(found.id)})
            st.rerun()
        if found.rejected and found.state in ("planned", "done"):
            st.link_button(
                "Rejected rows",
                f"/imports/{found.id}/rejected.csv",
                icon=":material/download:",
                help="As they stand in the file, with the reason before each: repair them and import that file.",
            )
        if found.state == "planned" and st.button("Discard", type="tertiary"):
            session.attempt(imports.cancel, found.id)
            st.query_params.clear()
            st.rerun()


def _outcomes(found: Import) -> None:
    counts = {
        "create": ("Create", found.created),
        "update": ("Update", found.updated),
        "skip": ("Skip", found.skipped),
        "reject": ("Reject", found.rejected),
    }
    there = {name: f"{label} {many:,}" for name, (label, many) in counts.items() if many}
    if found.state == "done":
        there = {name: label for name, label in there.items() if name == "reject"}
    if not there:
        return
    shown = st.segmented_control(
        "Outcome",
        list(there),
        default=next(iter(there)),
        format_func=lambda name: there[name],
        required=True,
        label_visibility="collapsed",
        key="outcome",
    )
    if shown == "reject":
        _rejects(found)
    elif shown == "update":
        _differences(found)
    else:
        st.dataframe([_labelled(found.kind, row) for row in found.sample.get(shown, [])], hide_index=True)
        st.caption("The first rows.")


def _rejects(found: Import) -> None:
    with session.reading() as tx:
        rows = imports.rejected(tx, found.id, limit=SHOWN_REJECTS)
    shown = [{"Line": row["line"], "Reason": row["reason"], "Row": " · ".join(row["cells"])[:300]} for row in rows]
    st.dataframe(shown, hide_index=True, column_config={"Line": st.column_config.NumberColumn(width="small")})
    if found.rejected > SHOWN_REJECTS:
        st.caption(f"The first {SHOWN_REJECTS} of {found.rejected:,}. The file of rejected rows has them all.")


def _differences(found: Import) -> None:
    """One line a field that would change."""
    labels = _labels(found.kind)
    lines = [
        {
            "Line": row["line"],
            found.kind.noun.title(): row["name"],
            "Field": labels.get(field, _spoken(field)),
            "Now": _text(before),
            "Then": _text(after),
        }
        for row in found.sample.get("update", [])
        for field, (before, after) in row["changes"].items()
    ]
    st.dataframe(lines, hide_index=True, column_config={"Line": st.column_config.NumberColumn(width="small")})
    st.caption("The first rows.")


def _labelled(kind: Kind, row: dict[str, Any]) -> dict[str, Any]:
    labels = _labels(kind)
    return {labels.get(field, _spoken(field)): _text(value) for field, value in row.items()}


def _labels(kind: Kind) -> dict[str, str]:
    return {target.key: target.label for target in TARGETS[kind]} | {"manual_value": "Value", "line": "Line"}


def _spoken(field: str) -> str:
    return field.removeprefix("a_").removesuffix("_id").replace("_", " ").capitalize()


def _text(value: Any) -> str:
    return "–" if value is None else str(value)
