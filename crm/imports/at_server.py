"""Imports of the command line through the API of a running server."""

import time
from pathlib import Path

from crm.imports import Import, Options, UndoPreview, UnreadPage
from crm.platform.at_server import Server

SECONDS_BETWEEN = (0.2, 0.5, 1.0, 2.0)
"""Waits between two looks at an import, the last one from then on."""


class AtServer:
    def __init__(self, server: Server) -> None:
        self._server = server

    def close(self) -> None:
        self._server.close()

    def kind(self, word: str) -> str:
        """The word of a type, as the server takes it; it refuses one that it does not know when the file comes."""
        return word

    def mappings(self, kind: str) -> dict[str, Options]:
        found = self._server.get(f"/imports/mappings/{kind}").json()
        return {one["name"]: Options.model_validate(one["options"]) for one in found}

    def carry_out(self, kind: str, file: Path, options: Options) -> Import:
        """Send the file and wait until the server has planned or imported it."""
        with file.open("rb") as source:
            begun = self._server.answered(
                "POST",
                "/imports",
                files={"file": (file.name, source)},
                data={"kind": kind, "options": options.model_dump_json(exclude_defaults=True)},
            ).json()
        return self._ended(begun["id"])

    def rejected(self, import_id: int, limit: int) -> list[tuple[int, str]]:
        """line and reason of the first rejected rows."""
        errors = self._server.get(f"/imports/{import_id}").json()["errors"]
        return [(one["line"], one["reason"]) for one in errors[:limit]]

    def rejected_csv(self, import_id: int) -> bytes:
        return self._server.get(f"/imports/{import_id}/rejected.csv").content

    def unread(self, import_id: int, limit: int) -> UnreadPage:
        return UnreadPage.model_validate(self._server.get(f"/imports/{import_id}/unread?limit={limit}").json())

    def unread_csv(self, import_id: int) -> bytes:
        return self._server.get(f"/imports/{import_id}/unread.csv").content

    def undo_preview(self, import_id: int) -> UndoPreview:
        return UndoPreview.model_validate(self._server.get(f"/imports/{import_id}/undo").json())

    def undo(self, import_id: int) -> Import:
        """Ask for the undoing of an import and wait until the server has carried it out."""
        self._server.answered("POST", f"/imports/{import_id}/undo")
        return self._ended(import_id)

    def _ended(self, import_id: int) -> Import:
        """The import once the server works at it no more."""
        waits = iter(SECONDS_BETWEEN)
        while True:
            found = Import.model_validate(self._server.get(f"/imports/{import_id}").json())
            if not found.at_work:
                return found
            time.sleep(next(waits, SECONDS_BETWEEN[-1]))
