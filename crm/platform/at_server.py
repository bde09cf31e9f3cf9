"""Commands through the API of a running server, by a token: for a store that the server holds."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from crm.foundation import settings
from crm.foundation.errors import Invalid, StoreHeld
from crm.foundation.language import tr
from crm.platform.people.tokens import Scope
from crm.store import Store

TIMEOUT = httpx.Timeout(30, read=300, write=300)

StoreOption = Annotated[Path | None, typer.Option("--store", help=tr("Folder of the store; default CRM_STORE."))]
ServerOption = Annotated[
    str | None, typer.Option("--server", envvar="CRM_URL", help=tr("A running server, such as http://127.0.0.1:8501."))
]
TokenOption = Annotated[
    str | None, typer.Option("--token", envvar="CRM_TOKEN", help=tr("A token of it; better set as CRM_TOKEN."))
]


class Server:
    """`scopes` are those that the token of a command needs."""

    def __init__(
        self, url: str, token: str, scopes: tuple[Scope, ...], *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._scopes = scopes
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1", headers=headers, timeout=TIMEOUT, transport=transport
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str) -> httpx.Response:
        return self.answered("GET", path)

    def answered(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The answer. Raises Invalid where the server cannot be reached, or refuses."""
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
                    "{address} does not take this token. Make one with the scopes {scopes}.",
                    address=self.url,
                    scopes=", ".join(self._scopes),
                ),
                "token",
            )
        raise Invalid(_reason(answer), "server")


def reach(store: Path | None, server: str | None, token: str | None, *scopes: Scope) -> Store | Server:
    """The server that is named; else the store, or the server on this machine that holds it, where a token is given."""
    needed = ", ".join(scopes)
    if server:
        if not token:
            raise Invalid(
                tr("A server is spoken to by a token with the scopes {scopes}: set CRM_TOKEN.", scopes=needed), "token"
            )
        return Server(server, token, scopes)
    given = settings.load()
    try:
        return Store(store or given.store)
    except StoreHeld as held:
        if token:
            return Server(given.own_url, token, scopes)
        raise StoreHeld(
            tr(
                "{held} If a running server holds it, go through that: set CRM_TOKEN to a token with the scopes "
                "{scopes}, and CRM_URL (or --server) to its address.",
                held=held,
                scopes=needed,
            )
        ) from held


def is_new(store: Path | None, server: str | None) -> bool:
    """Whether `reach` would make a store: it has no types of a team's own."""
    return not server and not (store or settings.load().store).exists()


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return tr("The server answered {status}.", status=answer.status_code)
    return str(problem.get("detail") or problem.get("title") or answer.status_code)
