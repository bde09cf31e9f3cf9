"""Notes on records."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from crm.api.callers import Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Listed, PathId, shown, whole
from crm.api.subjects import kind_of
from crm.records import notes
from crm.records.declaration import Trait
from crm.records.notes import LONGEST, Note
from crm.records.type_words import PluralOf

router = APIRouter(tags=["notes"])

Subject = Annotated[str, PluralOf(Trait.NOTES), Path(description="Which records.")]
Text = Annotated[str, Field(max_length=LONGEST, description="Markdown.", examples=["Prefers **mornings**."])]


class NoteChange(Body):
    text: Text


class NoteGiven(Body):
    text: Text
    pinned: bool = False


@router.get("/{subjects}/{id}/notes", response_model=Listed[Note])
def list_notes(caller: Calling, subjects: Subject, record_id: PathId) -> Response:
    """Pinned ones first, then the newest."""
    with caller.reading() as tx:
        return shown(whole(notes.of(tx, kind_of(subjects), record_id)))


@router.post("/{subjects}/{id}/notes", status_code=201, response_model=Note)
def add_note(change: Changing, subjects: Subject, record_id: PathId, body: NoteGiven) -> Response:
    return change.create("note", lambda tx: notes.add(tx, kind_of(subjects), record_id, body.text, pinned=body.pinned))


@router.get("/notes/{id}", response_model=Note)
def get_note(caller: Calling, note_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(notes.get(tx, note_id))


@router.patch("/notes/{id}", response_model=Note)
def edit_note(change: Changing, note_id: PathId, body: NoteChange, version: ExpectedVersion) -> Response:
    """Only its author may."""
    return change.make(lambda tx: notes.edit(tx, note_id, body.text, version=version))


@router.delete("/notes/{id}", status_code=204)
def delete_note(change: Changing, note_id: PathId, version: ExpectedVersion) -> Response:
    """Its author may, and who manages settings."""
    return change.drop(lambda tx: notes.delete(tx, note_id, version=version))


@router.post("/notes/{id}/pin", response_model=Note)
def pin_note(change: Changing, note_id: PathId) -> Response:
    """Above the others, for everybody."""
    return change.make(lambda tx: notes.pin(tx, note_id))


@router.post("/notes/{id}/unpin", response_model=Note)
def unpin_note(change: Changing, note_id: PathId) -> Response:
    return change.make(lambda tx: notes.unpin(tx, note_id))
