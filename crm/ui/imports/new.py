"""A new import: what it is of, its file, how that is read, what its columns are, what happens to its rows."""

import streamlit as st

from crm import imports
from crm.foundation import settings
from crm.foundation.errors import CrmError
from crm.foundation.language import capitalized, listed, tr
from crm.foundation.tables.read import Sheet
from crm.imports import ColumnValues, Options, Preview
from crm.imports.presets import PRESETS
from crm.platform import files, process
from crm.platform.files import Upload
from crm.records import registry
from crm.ui import refusals, session, words
from crm.ui.components import address
from crm.ui.imports import choices, columns, reading, saved, values
from crm.ui.imports.draft import Draft
from crm.ui.imports.dropzone import dropzone

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")

SHEET = "import-sheet"


def show(kind_name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("New import"), anchor=False)
        st.button(tr("Back to imports"), icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    kind = _kind(kind_name)
    if "upload" not in st.query_params:
        _ask_for_file(kind)
        return
    with session.reading() as tx:
        upload = files.get(tx, address.record_id("upload"))
    _configure(kind, upload)


def _kind(name: str) -> str:
    actor = session.actor()
    offered = [of.plural for of in imports.types() if of.is_on(actor)]
    address.follow("kind", name if name in offered else offered[0])
    chosen: str | None = st.segmented_control(
        tr("What is in the file?"),
        offered,
        format_func=lambda kind: capitalized(registry.many_of(kind)),
        required=True,
        key="kind",
        on_change=_take_kind,
    )
    return chosen or offered[0]


def _take_kind() -> None:
    st.query_params["new"] = st.session_state["kind"]
    # The options of an earlier import belong to its own kind.
    st.query_params.pop("from", None)


def _ask_for_file(kind: str) -> None:
    largest = settings.load().upload_limit_mb
    dropzone(suffixes=SUFFIXES, largest_mb=largest, key="import-file", on_uploaded=_take_upload)
    path = f"/imports/templates/{kind}"
    advice = tr(
        "Not sure how it should look? Take a template with every column that is understood: {csv} or {excel}.",
        csv=f"[CSV]({path}.csv)",
        excel=f"[Excel]({path}.xlsx)",
    )
    products = list(dict.fromkeys(preset.product for preset in PRESETS if preset.kind == kind))
    known = tr("Exports of {products} are known as they come.", products=listed(products)) if products else ""
    st.markdown(f":small[{advice} {known}]")


def _take_upload() -> None:
    st.query_params["upload"] = str(st.session_state["import-file"].uploaded)


def _configure(kind: str, upload: Upload) -> None:
    """Draw everything that is chosen about the file, and the dry run."""
    draft = Draft(f"{kind}-{upload.id}-{st.query_params.get('from', '')}")
    if not draft.begun:
        draft.start(_first_options(kind, upload))
    found = _preview(kind, upload, draft)
    _file(upload, found)
    reading.choose(draft, found)
    if found is None:
        return
    reading.rows_as_read(draft, found)
    _other_kind(kind, found)
    st.subheader(tr("Columns"), anchor=False)
    saved.bar(kind, draft, found)
    columns.table(kind, found, draft, _values(kind, upload, draft))
    st.subheader(tr("Rows"), anchor=False)
    choices.rows(kind, draft, found)
    _begin(kind, upload, draft, found)


def _first_options(kind: str, upload: Upload) -> Options:
    """The options to start from: an earlier import's, the mapping saved from such a file, or the defaults."""
    if "from" in st.query_params:
        with session.reading() as tx:
            return imports.get(tx, address.record_id("from")).options
    try:
        header = _sheet(upload, Options()).header
    except CrmError:  # the preview says it, beside the choices that mend it
        header = []
    return saved.fitting(kind, header) or choices.default_options(kind)


def _preview(kind: str, upload: Upload, draft: Draft) -> Preview | None:
    """Read the first rows; None where they cannot be read, with the refusal shown beside the choices that mend it."""
    try:
        sheet = _sheet(upload, draft.options)
        with session.reading() as tx:
            found = imports.preview(tx, sheet, kind, draft.options)
    except CrmError as refusal:
        refusals.show(refusal)
        return None
    if draft.options.mapping.keys() != found.columns.keys():
        # Nothing chosen yet, or another header: what is proposed is what the choices start from.
        draft.change(mapping=found.columns, constants=found.constants)
    return found


def _values(kind: str, upload: Upload, draft: Draft) -> dict[str, ColumnValues]:
    """The values of the first rows by header, with what is proposed taken into the draft."""
    with session.reading() as tx:
        found = imports.column_values(tx, _sheet(upload, draft.options), kind, draft.options.mapping)
    values.take_proposals(draft, found)
    return found


def _sheet(upload: Upload, options: Options) -> Sheet:
    """The first rows of the file as these options read it."""
    # Read once for each way of reading: a file of 500 MB is not read at every click.
    read_as = (upload.id, options.encoding, options.delimiter, options.quote, options.sheet, options.header_line)
    cached = st.session_state.get(SHEET)
    if cached is None or cached[0] != read_as:
        with st.spinner(tr("Reading the file …")):
            cached = (read_as, imports.first_rows(files.path_of(process.store(), upload), options))
        st.session_state[SHEET] = cached
    sheet: Sheet = cached[1]
    return sheet


def _file(upload: Upload, found: Preview | None) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="content"):
            st.markdown(f":material/description: **{words.plain(upload.file_name)}** :small[{_size(upload.size)}]")
            if found:
                st.caption(reading.sentence(found))
        st.button(tr("Another file"), type="tertiary", icon=":material/swap_horiz:", on_click=_drop_file)


def _drop_file() -> None:
    st.query_params.pop("upload", None)
    st.query_params.pop("from", None)
    st.session_state.pop(SHEET, None)


def _size(size: int) -> str:
    if size >= 2**20:
        return tr("{size:,.1f} MB", size=size / 2**20)
    return tr("{size:,} kB", size=max(size // 1024, 1))


def _other_kind(kind: str, found: Preview) -> None:
    if found.preset is None or found.preset.kind == kind:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        looks = tr("This looks like **{export}**, not {kinds}.", export=found.preset.name, kinds=registry.many_of(kind))
        st.markdown(f":material/lightbulb: {looks}")
        other = found.preset.kind
        if imports.type_of(other).is_on(session.actor()):
            st.button(
                tr("Import as {kinds}", kinds=registry.many_of(other)),
                on_click=st.query_params.update,
                kwargs={"new": other},
            )


def _begin(kind: str, upload: Upload, draft: Draft, found: Preview) -> None:
    mapped = any(draft.options.mapping.values()) or any(draft.options.constants.values())
    if found.fault:
        st.error(words.plain(found.fault), icon=":material/error:")
    elif not mapped:
        st.info(tr("Say which column feeds which field: none is known yet."), icon=":material/info:")
    with st.container(horizontal=True):
        begin = st.button(
            tr("Dry run"),
            type="primary",
            icon=":material/fact_check:",
            help=tr("Every row is tried. Nothing is written yet."),
            disabled=bool(found.fault) or not mapped,
        )
        saved.save(kind, draft)
    if begin:
        # Nothing is written before somebody has seen the dry run.
        begun = session.attempt(imports.begin, kind, upload.id, draft.options.model_copy(update={"dry_run": True}))
        if begun:
            st.query_params.from_dict({"import": str(begun.id)})
            st.rerun()
