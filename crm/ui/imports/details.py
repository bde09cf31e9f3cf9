"""One import: its progress while it is at work, its dry run, its result."""

from typing import Any

import streamlit as st

from crm import imports
from crm.foundation.tables import encoding_names
from crm.imports import Import
from crm.imports.reading.dates import PATTERNS
from crm.records import registry
from crm.ui import live, record_links, refusals, session, words
from crm.ui.imports import cells, outcomes, undo, unknown_values
from crm.ui.imports.listing import badge
from crm.ui.imports.reading import DELIMITERS, WORKBOOKS, notices

SECONDS_BETWEEN_POLLS = 1.0


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
    if found.undo_state == "failed":
        st.error(words.plain(f"It could not be undone: {found.message}"), icon=":material/error:")
    if found.state == "undone":
        undo.result(found)
    if found.state in ("planned", "done"):
        _figures(found)
        notices(found.found.get("notices", []))
    unknown_values.show(found)
    _actions(found)
    if found.state in ("planned", "done"):
        cells.unread(found, outcomes.labels(found))
        outcomes.show(found)


def _title(found: Import, zone: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(words.plain(found.file_name), anchor=False)
        st.button("All imports", icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    with st.container(horizontal=True, vertical_alignment="center"):
        badge(found)
        st.caption(
            f"{found.kind.title()} · {words.plain(found.created_by_name)} · {words.moment(found.created_at, zone)}"
        )


@refusals.fragment(run_every=SECONDS_BETWEEN_POLLS)
def _progress(import_id: int) -> None:
    live.on_change("import", key="import-live")
    with session.reading() as tx:
        found = imports.get(tx, import_id)
    if not found.at_work:
        st.rerun()
    st.progress(found.progress, text=words.plain(found.step or "Waiting for its turn") + " …")
    if st.button("Cancel", icon=":material/cancel:", key="cancel"):
        with session.reading() as tx:
            # Before the write that cancels: that one waits for the writer, which the import may hold until it gives up.
            imports.interrupt(tx, import_id)
        if session.done(imports.cancel, import_id):
            st.rerun()
    st.caption("You can leave this page: a notice tells you when it is done.")


def _figures(found: Import) -> None:
    done = found.state == "done"
    labels = outcomes.DONE if done else {key: f"To {word.lower()}" for key, word in outcomes.TO_COME.items()}
    labels = {**labels, imports.Outcome.UNCHANGED: "Unchanged", imports.Outcome.CONFLICT: "Conflicts"}
    with st.container(horizontal=True):
        st.metric("Rows read", f"{found.total:,}", border=True)
        for outcome, many in outcomes.counts(found).items():
            st.metric(labels[outcome], f"{many:,}", border=True)
    facts = [_read_as(found.found)]
    for plural, many in found.found.get("made", {}).items():
        facts.append(f"{plural.capitalize()} {'made' if done else 'to be made'} on the way: {many:,}.")
    if done and "seconds" in found.found:
        facts.append(f"It took {_duration(found.found['seconds'])}.")
    st.caption(" ".join(facts))


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _read_as(found: dict[str, Any]) -> str:
    if found.get("sheet"):
        program = WORKBOOKS.get(found["encoding"], "Excel")
        parts = [f"Read as {program}, sheet “{words.plain(found['sheet'])}”"]
    else:
        delimiter = DELIMITERS.get(found["delimiter"], f"“{found['delimiter']}”").lower()
        parts = [f"Read as {encoding_names.shown(found['encoding'])}, {delimiter} between cells"]
    if found.get("preset"):
        parts.append(f"known as {found['preset']}")
    if found.get("decimal"):
        parts.append("decimal " + ("point" if found["decimal"] == "." else "comma"))
    patterns = {PATTERNS.get(pattern, pattern) for pattern in found.get("date_patterns", {}).values()}
    return ", ".join([*parts, *(f"dates as {pattern}" for pattern in sorted(patterns))]) + "."


def _actions(found: Import) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.state == "planned":
            _apply(found)
        if found.state in ("planned", "failed", "cancelled") and st.button("Change settings", icon=":material/tune:"):
            st.query_params.from_dict({"new": found.kind, "upload": str(found.upload_id), "from": str(found.id)})
            st.rerun()
        if found.rejected and found.state in ("planned", "done"):
            st.link_button(
                "Rejected rows",
                f"/imports/{found.id}/rejected.csv",
                icon=":material/download:",
                help="As they stand in the file, with the reason before each: repair them and import that file.",
            )
        if found.state == "done":
            undo.offer(found)
            _link_to_list(found.kind)
        if found.state == "planned" and st.button("Discard", type="tertiary"):
            session.attempt(imports.cancel, found.id)
            st.query_params.clear()
            st.rerun()


def _link_to_list(plural: str) -> None:
    """Draw the link to the list of the imported type, if its module is on."""
    of = registry.by_plural(plural)
    if of.is_on(session.actor()):
        record_links.link_to_list(of, f"Open {plural}", icon=":material/arrow_forward:")


def _apply(found: Import) -> None:
    changes = found.created + found.updated
    label = f"Import {changes:,} rows" if changes > 1 else "Import 1 row" if changes else "Nothing to import"
    confirmed, encoding = True, None
    if found.found.get("encoding_guessed"):
        encoding = found.found["encoding"]
        confirmed = st.checkbox(f"The text is right: it is {encoding_names.shown(encoding)}", key="confirm-encoding")
    disabled = not changes or not confirmed
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=disabled, key="apply") and (
        session.done(imports.apply, found.id, encoding=encoding)
    ):
        st.query_params.from_dict({"import": str(found.id)})
        st.rerun()
