"""The files of a record on its page: add, preview, download, remove."""

import html
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import streamlit as st

from crm.foundation import settings
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.platform import files, process
from crm.records import attachments
from crm.records.attachments import Attachment
from crm.ui import refusals, session, words
from crm.ui.components.dialogs import dialog
from crm.ui.records import record_state

PIECE = 1 << 20
SHOW, SAVE, REMOVE = later("Preview"), later("Download"), later("Remove")
ICONS = {"image": "image", "application/pdf": "picture_as_pdf", "text": "description"}

_frame = st.components.v2.component(
    "mallard_frame",
    css=".frame { width: 100%; height: 70vh; border: 0; border-radius: 8px; background: white; }",
    js="""
export default function ({ parentElement, data }) {
  let frame = parentElement.querySelector("iframe");
  if (!frame) {
    frame = document.createElement("iframe");
    frame.className = "frame";
    parentElement.append(frame);
  }
  frame.title = data.title;
  if (frame.getAttribute("src") !== data.source) frame.src = data.source;
}
""",
)


def show(kind: str, record_id: int, *, may_add: bool, locale: str) -> None:
    with session.reading() as tx:
        found, now = attachments.of(tx, kind, record_id), tx.now
    if may_add:
        _add(kind, record_id)
    if not found:
        st.caption(tr("No files yet."))
    for one in found:
        _one(one, may_add=may_add, now=now, locale=locale)


def _add(kind: str, record_id: int) -> None:
    limit, name = settings.load().attachment_limit_mb, f"{record_state.of(kind, record_id)}-files"
    given = st.file_uploader(
        tr("Add files, up to {limit} MB each", limit=limit),
        accept_multiple_files=True,
        max_upload_size=limit,
        key=f"{name}-{record_state.turn(name)}",
    )
    refused_key = f"{name}-refused"
    # Kept until the next try: others' changes draw the page anew, and the reason would be gone before it was read.
    for sentence in st.session_state.get(refused_key, ()):
        st.error(words.plain(sentence), icon=":material/error:")
    if not given:
        return
    refused = [sentence for one in given if (sentence := _refusal(kind, record_id, one, one.name))]
    st.session_state[refused_key] = refused
    # Another key: the uploader would hand over the same files at the next run.
    record_state.saved(name)
    st.rerun()


def _refusal(kind: str, record_id: int, content: BinaryIO, name: str) -> str | None:
    """Store the file, detect its type, and attach it; the reason where it was refused."""
    store = process.store()
    try:
        sha256, size = files.keep(store, _pieces(content), settings.load().attachment_limit_mb * 2**20)
        # Before the write begins: it reads the file, and all others would wait for that.
        media_type = attachments.media_type(files.folder(store) / sha256, name)
        session.do(attachments.attach, kind, record_id, sha256=sha256, file_name=name, size=size, media_type=media_type)
    except CrmError as refusal:
        return f"{name}: {refusal}"
    return None


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(PIECE):
        yield piece


def _one(one: Attachment, *, may_add: bool, now: datetime, locale: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, width="content"):
            _picture(one)
            with st.container(gap=None, width="content"):
                st.markdown(f"**{words.plain(one.file_name)}**")
                when = words.ago(one.created_at, now, locale)
                st.caption(f"{size(one.size)} · {words.plain(one.created_by_name)} · {when}")
        with st.container(horizontal=True, width="content"):
            _choices(one, may_add=may_add)


def _choices(one: Attachment, *, may_add: bool) -> None:
    if one.has_preview and st.button(
        tr(SHOW), icon=":material/visibility:", type="tertiary", key=f"show-file-{one.id}"
    ):
        _preview(one)
    st.link_button(tr(SAVE), f"/files/{one.id}", icon=":material/download:", type="tertiary")
    may_remove = may_add and attachments.may_remove(session.actor(), one)
    if may_remove and st.button(tr(REMOVE), icon=":material/delete:", type="tertiary", key=f"remove-file-{one.id}"):
        _ask_remove(one)


def _picture(one: Attachment) -> None:
    """The thumbnail of an image; the icon of another file."""
    if one.is_image:
        st.html(
            f"<img src='/files/{one.id}/thumbnail' alt='' loading='lazy' width='44' height='44' "
            "style='object-fit: cover; border-radius: 6px; display: block'>",
            width=44,
        )
        return
    icon = ICONS.get(one.media_type) or ICONS.get(one.media_type.split("/")[0], "draft")
    st.markdown(f":material/{icon}:", width="content")


def _preview(one: Attachment) -> None:
    @st.dialog(words.plain(one.file_name), width="large", icon=":material/visibility:")
    def preview() -> None:
        if one.is_image:
            try:
                with st.spinner(tr("Opening the picture …")):
                    attachments.thumbnail(process.store(), one)
            except CrmError as refusal:
                refusals.show(refusal)
                return
            alt = html.escape(tr("The picture"))
            st.html(
                f"<img src='/files/{one.id}/preview' alt='{alt}' style='max-width: 100%; max-height: 75vh; "
                "display: block; margin: auto'>"
            )
        else:
            _frame(data={"source": f"/files/{one.id}/preview", "title": one.file_name}, key=f"frame-{one.id}")
            st.link_button(tr("Open in a tab of its own"), f"/files/{one.id}/preview", icon=":material/open_in_new:")

    preview()


@dialog(later("Remove this file?"), icon=":material/delete:")
def _ask_remove(one: Attachment) -> None:
    st.markdown(tr("**{name}** goes for good. There is no bin for files.", name=words.plain(one.file_name)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            st.rerun()
        if st.button(tr("Remove"), type="primary", icon=":material/delete:"):
            try:
                session.do(attachments.remove, one.id)
            except CrmError as refusal:
                refusals.show(refusal)
            else:
                st.rerun()


def size(count: int) -> str:
    """A size in bytes as kB or MB."""
    if count < 2**20:
        return tr("{count:,} kB", count=max(count // 1024, 1))
    return tr("{size:,.1f} MB", size=count / 2**20)
