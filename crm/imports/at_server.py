"""Imports of the command line through the API of a running server, by a token: for a store that the server holds."""

import time
from pathlib import Path
from typing import Any

import httpx

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports import Import, Options, UndoPreview, UnreadPage

SECONDS_BETWEEN = (0.2, 0.5, 1.0, 2.0)
"""Waits between two looks at an import, the last one from then on."""

TIMEOUT = httpx.Timeout(30, read=300, write=300)


class AtServer:
    def __init__(self, url: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1", headers=headers, timeout=TIMEOUT, transport=transport
        )

    def close(self) -> None:
        self._client.close()

    def mappings(self, kind: str) -> dict[str, Options]:
        found = self._get(f"/imports/mappings/{kind}").json()
        return {one["name"]: Options.model_validate(one["options"]) for one in found}

    def carry_out(self, kind: str, file: Path, options: Options) -> Import:
        """Send the file and wait until the server has planned or imported it."""
        with file.open("rb") as source:
            begun = self._answered(
                "POST",
                "/imports",
                files={"file": (file.name, source)},
                data={"kind": kind, "options": options.model_dump_json(exclude_defaults=True)},
            ).json()
        return self._ended(begun["id"])

    def rejected(self, import_id: int, limit: int) -> list[tuple[int, str]]:
        """line and reason of the first rejected rows."""
        errors = self._get(f"/imports/{import_id}").json()["errors"]
        return [(one["line"], one["reason"]) for one in errors[:limit]]

    def rejected_csv(self, import_id: int) -> bytes:
        return self._get(f"/imports/{import_id}/rejected.csv").content

    def unread(self, import_id: int, limit: int) -> UnreadPage:
        return UnreadPage.model_validate(self._get(f"/imports/{import_id}/unread?limit={limit}").json())

    def unread_csv(self, import_id: int) -> bytes:
        return self._get(f"/imports/{import_id}/unread.csv").content

    def undo_preview(self, import_id: int) -> UndoPreview:
        return UndoPreview.model_validate(self._get(f"/imports/{import_id}/undo").json())

    def undo(self, import_id: int) -> Import:
        """Ask for the undoing of an import and wait until the server has carried it out."""
        self._answered("POST", f"/imports/{import_id}/undo")
        return self._ended(import_id)

    def _ended(self, import_id: int) -> Import:
        """The import once the server works at it no more."""
        waits = iter(SECONDS_BETWEEN)
        while True:
            found = Import.model_validate(self._get(f"/imports/{import_id}").json())
            if not found.at_work:
                return found
            time.sleep(next(waits, SECONDS_BETWEEN[-1]))

    def _get(self, path: str) -> httpx.Response:
        return self._answered("GET", path)

    def _answered(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The answer. Invalid where the server cannot be reached, or refuses."""
        try:
            answer = self._client.request(method, path, **sent)
        except httpx.HTTPError as error:
            raise Invalid(
                tr("No Mallard answers at {address}: {error}.", address=self.url, error=error), "server"
            ) from error
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise Invalid(
                tr(
                    "{address} does not take this token. Make one with the scopes read, write and import.",
                    address=self.url,
                ),
                "token",
            )
        raise Invalid(_reason(answer), "server")


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return tr("The server answered {status}.", status=answer.status_code)
    return str(problem.get("detail") or problem.get("title") or answer.status_code)
