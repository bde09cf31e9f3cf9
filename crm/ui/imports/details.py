"""One import: its progress while it is at work, its dry run, its result."""

from typing import Any

import streamlit as st

from crm import imports
from crm.foundation.language import capitalized, plural, tr, tr_as
from crm.foundation.tables import encoding_names
from crm.imports import Import, Outcome
from crm.imports.reading.dates import PATTERNS
from crm.records import registry
from crm.ui import live, record_links, refusals, session, words
from crm.ui.imports import cells, outcomes, undo, unknown_values
from crm.ui.imports.listing import badge
from crm.ui.imports.reading import WORKBOOKS, delimiter_name, notices

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
        st.markdown(tr("Nothing was written."))
    if found.state == "cancelled":
        st.info(tr("Cancelled before anything was written."), icon=":material/cancel:")
    if found.undo_state == "failed":
        st.error(words.plain(tr("It could not be undone: {why}", why=found.message)), icon=":material/error:")
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
        st.button(tr("All imports"), icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    with st.container(horizontal=True, vertical_alignment="center"):
        badge(found)
        begun = words.moment(found.created_at, zone)
        st.caption(f"{capitalized(found.of.many)} · {words.plain(found.created_by_name)} · {begun}")


@refusals.fragment(run_every=SECONDS_BETWEEN_POLLS)
def _progress(import_id: int) -> None:
    live.on_change("import", key="import-live")
    with session.reading() as tx:
        found = imports.get(tx, import_id)
    if not found.at_work:
        st.rerun()
    st.progress(found.progress, text=words.plain(found.step or tr("Waiting in the queue")) + " …")
    if st.button(tr("Cancel"), icon=":material/cancel:", key="cancel"):
        with session.reading() as tx:
            # Before the write that cancels: that one waits for the writer, which the import may hold until it gives up.
            imports.interrupt(tx, import_id)
        if session.done(imports.cancel, import_id):
            st.rerun()
    st.caption(tr("You can leave this page: a notification tells you when it is done."))


def _figures(found: Import) -> None:
    done = found.state == "done"
    labels = outcomes.done() if done else _to_come()
    labels[Outcome.CONFLICT] = tr("Conflicts")
    with st.container(horizontal=True):
        st.metric(tr("Rows read"), words.number(found.total), border=True)
        for outcome, many in outcomes.counts(found).items():
            st.metric(labels[outcome], words.number(many), border=True)
    facts = [_read_as(found.found)]
    for what, many in found.found.get("made", {}).items():
        kinds = capitalized(registry.many_of(what))
        if done:
            facts.append(tr("{kinds} created along the way: {count:,}.", kinds=kinds, count=many))
        else:
            facts.append(tr("{kinds} to be created along the way: {count:,}.", kinds=kinds, count=many))
    if done and "seconds" in found.found:
        facts.append(tr("It took {duration}.", duration=_duration(found.found["seconds"])))
    st.caption(" ".join(facts))


def _to_come() -> dict[Outcome, str]:
    return {
        Outcome.CREATED: tr("To create"),
        Outcome.UPDATED: tr("To update"),
        Outcome.UNCHANGED: tr_as("rows", "Unchanged"),
        Outcome.SKIPPED: tr("To skip"),
        Outcome.REJECTED: tr("To reject"),
    }


def _duration(seconds: float) -> str:
    if seconds < 1:
        return tr("less than a second")
    if seconds < 120:
        return plural("{count} seconds", "{count} seconds", round(seconds))
    return plural("{count} minutes", "{count} minutes", round(seconds / 60))


def _read_as(found: dict[str, Any]) -> str:
    if found.get("sheet"):
        program = WORKBOOKS.get(found["encoding"], "Excel")
        parts = [tr("Read as {program}, sheet “{sheet}”", program=program, sheet=words.plain(found["sheet"]))]
    else:
        encoding, delimiter = encoding_names.shown(found["encoding"]), delimiter_name(found["delimiter"])
        parts = [tr("Read as {encoding}, {delimiter} between cells", encoding=encoding, delimiter=delimiter)]
    if found.get("preset"):
        parts.append(tr("known as {export}", export=found["preset"]))
    if found.get("decimal"):
        parts.append(tr("decimal point") if found["decimal"] == "." else tr("decimal comma"))
    patterns = {
        tr(PATTERNS[pattern]) if pattern in PATTERNS else pattern for pattern in found.get("date_patterns", {}).values()
    }
    return ", ".join([*parts, *(tr("dates as {pattern}", pattern=pattern) for pattern in sorted(patterns))]) + "."


def _actions(found: Import) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.state == "planned":
            _apply(found)
        if found.state in ("planned", "failed", "cancelled") and st.button(
            tr("Change settings"), icon=":material/tune:"
        ):
            st.query_params.from_dict({"new": found.kind, "upload": str(found.upload_id), "from": str(found.id)})
            st.rerun()
        if found.rejected and found.state in ("planned", "done"):
            st.link_button(
                tr("Rejected rows"),
                f"/imports/{found.id}/rejected.csv",
                icon=":material/download:",
                help=tr("As they stand in the file, with the reason before each: repair them and import that file."),
            )
        if found.state == "done":
            undo.offer(found)
            _link_to_list(found.kind)
        if found.state == "planned" and st.button(tr("Discard"), type="tertiary"):
            session.attempt(imports.cancel, found.id)
            st.query_params.clear()
            st.rerun()


def _link_to_list(kinds: str) -> None:
    """Draw the link to the list of the imported type, if its module is on."""
    of = registry.by_plural(kinds)
    if of.is_on(session.actor()):
        record_links.link_to_list(of, tr("Open {kinds}", kinds=of.many), icon=":material/arrow_forward:")


def _apply(found: Import) -> None:
    changes = found.created + found.updated
    label = plural("Import {count:,} row", "Import {count:,} rows", changes) if changes else tr("Nothing to import")
    confirmed, encoding = True, None
    if found.found.get("encoding_guessed"):
        encoding = found.found["encoding"]
        right = tr("The text is right: it is {encoding}", encoding=encoding_names.shown(encoding))
        confirmed = st.checkbox(right, key="confirm-encoding")
    disabled = not changes or not confirmed
    if st.button(label, type="primary", icon=":material/play_arrow:", disabled=disabled, key="apply") and (
        session.done(imports.apply, found.id, encoding=encoding)
    ):
        st.query_params.from_dict({"import": str(found.id)})
        st.rerun()
