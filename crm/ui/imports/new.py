"""A new import: what it is of, its file, how that was read, and which column feeds which field."""

import streamlit as st

from crm import files, imports, process, settings
from crm.access import Module
from crm.errors import CrmError
from crm.files import Upload
from crm.imports import Kind, Options, Preview
from crm.ui import address, refusals, session, words
from crm.ui.imports import choices, columns

LARGEST_IN_BROWSER = 200

MODULES = {Kind.COMPANIES: Module.COMPANIES, Kind.DEALS: Module.CRM}


def show(kind_name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("New import", anchor=False)
        st.button("Back to imports", icon=":material/arrow_back:", type="tertiary", on_click=st.query_params.clear)
    kind = _kind(kind_name)
    if "upload" not in st.query_params:
        _ask_for_file(kind)
        return
    with session.reading() as tx:
        upload = files.get(tx, address.record_id("upload"))
    _file(upload)
    _settle(kind, upload)


def _kind(name: str) -> Kind:
    actor = session.actor()
    offered = [kind for kind in Kind if kind not in MODULES or actor.has(MODULES[kind])]
    chosen = st.segmented_control(
        "What is in the file?",
        offered,
        default=name if name in offered else offered[0],
        format_func=str.title,
        required=True,
        key="kind",
    )
    st.query_params["new"] = chosen
    return Kind(chosen)


def _ask_for_file(kind: Kind) -> None:
    given = st.file_uploader(
        f"CSV file with a header row, up to {LARGEST_IN_BROWSER} MB",
        type=["csv", "txt", "tsv"],
        max_upload_size=LARGEST_IN_BROWSER,
        key="file",
    )
    st.markdown(
        f":small[Not sure how it should look? [Download a template](/imports/templates/{kind.value}.csv) with every "
        "column that is understood. Larger files go in by the API or by `crm import`.]"
    )
    if given is None:
        return
    limit = settings.load().upload_limit_mb * 2**20
    sha256, size = files.keep(process.store(), iter(lambda: given.read(1 << 20), b""), limit)
    upload = session.attempt(files.register, sha256=sha256, file_name=given.name, size=size)
    if upload:
        st.query_params["upload"] = str(upload.id)
        st.rerun()


def _file(upload: Upload) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/description: **{words.plain(upload.file_name)}** :small[{_size(upload.size)}]")
        if st.button("Another file", type="tertiary", icon=":material/swap_horiz:"):
            del st.query_params["upload"]
            st.query_params.pop("from", None)
            st.rerun()


def _size(size: int) -> str:
    return f"{size / 2**20:,.1f} MB" if size >= 2**20 else f"{max(size // 1024, 1):,} kB"


def _settle(kind: Kind, upload: Upload) -> None:
    """Everything that is chosen about the file, and the dry run."""
    base = choices.base(kind)
    options = choices.reading(base)
    found = _preview(kind, upload, options)
    if found is None:
        return
    choices.what_was_found(found)
    mapped, new = columns.table(kind, found, key=choices.key())
    options = options.model_copy(update={"mapping": mapped, "new_attributes": new})
    options = choices.rows(kind, found, options)
    with st.container(horizontal=True):
        if st.button("Dry run", type="primary", icon=":material/fact_check:", help="Nothing is written yet."):
            begun = session.attempt(imports.begin, kind, upload.id, options.model_copy(update={"dry_run": True}))
            if begun:
                st.query_params.from_dict({"import": str(begun.id)})
                st.rerun()
        choices.save(kind, options)


def _preview(kind: Kind, upload: Upload, options: Options) -> Preview | None:
    """A refusal, such as a byte that is not of the encoding, is shown beside the choices that answer it."""
    try:
        with session.reading() as tx:
            return imports.preview(tx, files.path_of(process.store(), upload), kind, options)
    except CrmError as refusal:
        refusals.show(refusal)
        return None
